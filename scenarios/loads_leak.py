# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a process that opens a model again and again by jit.load, and calls it, never gets its memory back"
# summary_zh = "反复用 jit.load 打开同一模型并调用一次的进程，内存只增不减"
# routes = ["jit", "predictor"]
# timed = false
#
# [tool.lab.growth]
# of = "load"
# calls = 40
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# outcome = "leak"
# phase = "load"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = ["3.0.0", "newest"]
# route = "jit"
# outcome = "leak"
# phase = "load"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = ["3.0.0", "newest"]
# route = "predictor"
# grade = "close"
# ///
"""A process that opens a model again and again by jit.load, and calls it, never gets its memory back.

Opening alone costs nothing, and neither do more calls of one layer; what stays is what the first call of each layer
makes. It grows with the number of operators, by one to two MiB for the forty small layers here, in 2.6 as in 3.3.
Whoever reloads models in a service should keep the layer, or take the predictor, which gives everything back.
"""

import paddle


def inputs(rng):
    return {"x": rng.rand(2, 16).astype("float32")}


def save(prefix, inputs):
    net = paddle.nn.Sequential(*[paddle.nn.Linear(16, 16) for _ in range(40)])
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 16], "float32", "x")])
    return {"y": net(paddle.to_tensor(inputs["x"])).numpy()}
