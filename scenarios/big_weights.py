# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "one weight of more than 2 GiB is saved and loaded right"
# summary_zh = "单个超过 2 GiB 的权重可以正确保存和加载"
# issue = "PaddlePaddle/Paddle#54793"
# routes = ["jit", "predictor"]
# timed = false
#
# [tool.lab.limits]
# memory = 12884901888
# output = 8589934592
# wall_s = 900
#
# [[tool.lab.tolerances]]
# output = "out0"
# rtol = 1e-4
# atol = 1e-4
# reason = "24000 products are added up in another order by the predictor; 1.2e-5 was seen in 3.3.1"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# grade = "exact"
# full = true
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
# full = true
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
# full = true
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = ["jit", "predictor"]
# grade = "close"
# full = true
# ///
"""A linear layer of 24000 x 24000, 2304096056 bytes on disk, beyond what 32 bits can count.

Needs 8 GB of memory and 5 GB of disk, so it runs only with --full.
"""

import paddle

SIZE = 24000


def inputs(rng):
    return {"x": rng.rand(1, SIZE).astype("float32")}


def save(prefix, inputs):
    net = paddle.nn.Linear(SIZE, SIZE)
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, SIZE], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
