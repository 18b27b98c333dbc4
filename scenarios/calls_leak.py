# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "each call of a layer of paddle.jit.load costs memory in 3.0.0, and no more in 3.1 or with the flag off"
# summary_zh = "3.0.0 中 paddle.jit.load 得到的层每调用一次都占用更多内存；3.1 起或关闭开关后不再如此"
# timed = false
#
# [tool.lab.growth]
# of = "infer"
# calls = 60
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# outcome = "leak"
# phase = "infer"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "newest"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader = "3.0.0"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""Each call of a layer of paddle.jit.load costs memory in 3.0.0, and no more in 3.1 or with the flag off.

3.0.0 builds its executor anew for every call and gives none of them back; pull request 72103 ended that in 3.1.
"""

import paddle


def inputs(rng):
    return {"x": rng.rand(2, 3, 32, 32).astype("float32")}


def save(prefix, inputs):
    net = paddle.nn.Sequential(
        paddle.nn.Conv2D(3, 16, 3), paddle.nn.ReLU(), paddle.nn.Flatten(), paddle.nn.Linear(16 * 30 * 30, 10)
    )
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 32, 32], "float32", "x")])
    return infer(net, inputs)


def load(prefix):
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    with paddle.no_grad():
        return {"y": handle(paddle.to_tensor(inputs["x"])).numpy()}
