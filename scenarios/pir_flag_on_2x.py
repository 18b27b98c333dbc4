# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "turning the new IR on in 2.6 kills the process in jit.save"
# summary_zh = "在 2.6 中打开新 IR 会使进程在 jit.save 中崩溃"
# routes = ["jit"]
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "True" }
# outcome = "native_crash"
# phase = "save"
# type = "SIGSEGV"
# ///
"""2.6 knows FLAGS_enable_pir_api already, unfinished. Set for everything, as a cure for 3.x is sometimes passed on, it is fatal there."""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 8], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
