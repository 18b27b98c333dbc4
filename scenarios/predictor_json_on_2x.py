# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the predictor of 2.6 dies without a Python error when it is given a .json of 3.x"
# summary_zh = "2.6 的预测器读取 3.x 的 .json 时进程直接崩溃，没有 Python 异常"
# issue = "PaddlePaddle/PaddleOCR#14242"
# routes = ["predictor"]
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "2.6.2"
# outcome = "native_crash"
# phase = "load"
# type = "SIGSEGV"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "close"
# ///
"""A 3.x export handed to a 2.6 service: a segmentation fault while the predictor is made.

Only a lab that watches the process from outside sees it. The other direction works without a flag, and so does the old format.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 8], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
