# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the CPU predictor of 3.3 dies on a .json in which leaky_relu follows a convolution, while oneDNN is on, as it is by default"
# summary_zh = "3.3 的 CPU 预测器默认开启 oneDNN，遇到卷积后接 leaky_relu 的 .json 时进程崩溃"
# routes = ["predictor", "predictor_no_onednn"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "predictor"
# outcome = "native_crash"
# phase = "load"
# type = "SIGSEGV"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "predictor_no_onednn"
# grade = "close"
# ///
"""A convolution with leaky_relu behind it, which a pass for oneDNN makes one operator of.

In 3.3 the slope of leaky_relu is a float64 in the program, and that pass reads it as a float32, which is not there.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 3, 16, 16).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Conv2D(3, 8, 3, padding=1), nn.LeakyReLU(0.1), nn.Conv2D(8, 4, 3, padding=1))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 16, 16], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}
