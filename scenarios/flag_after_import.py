# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "paddle.set_flags after import accepts the IR flag and changes nothing for jit.load"
# summary_zh = "import 之后用 paddle.set_flags 设置 IR 开关会被接受，但对 jit.load 毫无作用"
# issue = "PaddlePaddle/Paddle#71996"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""The flag that cures jit_load_pir, set in the program by paddle.set_flags instead of in the environment before import.

It is accepted without a word and has no effect: flags like this one are read while paddle is imported.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 8], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}


def load(prefix):
    paddle.set_flags({"FLAGS_enable_pir_api": False})
    net = paddle.jit.load(prefix)
    net.eval()
    return net


def infer(net, inputs):
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}
