# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a net whose batch, height and width are open answers for other sizes than it was traced with"
# summary_zh = "批大小、高和宽均为动态的网络，能处理与导出时不同的尺寸"
# routes = ["jit", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
# ///
"""Convolutions and a mean over the picture; every size but the channels is None in the input specification."""

import paddle
from paddle import nn


class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2D(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2D(6)
        self.last = nn.Linear(6, 4)

    def forward(self, x):
        wide = nn.functional.relu(self.norm(self.first(x)))
        return self.last(paddle.mean(wide, axis=[2, 3]))


def inputs(rng):
    return {"x": rng.rand(3, 3, 17, 23).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, None, None], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
