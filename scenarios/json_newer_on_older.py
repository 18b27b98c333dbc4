# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a .json of 3.1 or newer with a pooling layer is refused by 3.0.0"
# summary_zh = "3.1 及以后版本写出的含池化层的 .json 会被 3.0.0 拒绝"
# issue = "PaddlePaddle/PaddleOCR#16327"
# routes = ["jit", "predictor"]
#
# [[tool.lab.expect]]
# saver = ["3.1.1", "3.3.1"]
# loader = "3.0.0"
# route = "jit"
# outcome = "py_exception"
# phase = "infer"
# type = "ValueError"
# message = "Type of attribute: strides is not right"
#
# [[tool.lab.expect]]
# saver = ["3.1.1", "3.3.1"]
# loader = "3.0.0"
# route = "predictor"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "Type of attribute: strides is not right"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.1.1", "3.3.1"]
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.1.1"
# loader = ["3.2.2", "3.3.1"]
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.2.2"
# loader = "3.1.1"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["3.1.1", "3.2.2"]
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.1.1", "3.3.1"]
# loader = "3.0.0"
# saver_env = { FLAGS_enable_pir_api = "False" }
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.0.0"
# route = "predictor"
# grade = "close"
# ///
"""A net with a max pooling layer, written by a newer 3.x than the one that reads it.

The type of an attribute changed in 3.1. jit.load fails at the first call, the predictor while it is made. The old format (FLAGS_enable_pir_api=False while saving) opens everywhere.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 3, 14, 14).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Conv2D(3, 4, 3), nn.ReLU(), nn.MaxPool2D(2, 2), nn.Flatten(), nn.Linear(4 * 6 * 6, 3))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 14, 14], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
