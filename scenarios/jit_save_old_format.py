# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "3.x with the flag off writes the old format, which 2.6 reads: the way back for those who export models"
# summary_zh = "3.x 关闭 IR 开关后写出 2.6 可读的旧格式：为导出模型的人保留的退路"
# issue = "PaddlePaddle/Paddle#71134"
# routes = ["jit"]
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
# ///
"""A small convolutional net, exported by 3.x in the old format for readers that still have 2.6.

Format and reader must agree: a .pdmodel with the flag on, or a .json with the flag off, is "not there" in the same release.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"image": rng.rand(2, 3, 16, 16).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Conv2D(3, 6, 3), nn.BatchNorm2D(6), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 14 * 14, 4))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 16, 16], "float32", "image")])
    return {"out0": net(paddle.to_tensor(inputs["image"])).numpy()}
