# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "ResNet18 gives the same numbers in all releases; its times are what a user compares after an upgrade"
# summary_zh = "ResNet18 在所有版本中数值一致；升级后用户要比较的正是它的耗时"
# issue = "PaddlePaddle/Paddle#71848"
# routes = ["jit", "predictor", "predictor_no_onednn"]
#
# [[tool.lab.tolerances]]
# output = "out0"
# rtol = 1e-4
# atol = 1e-4
# reason = "the predictor folds batch norms into convolutions; 3e-5 was seen in all releases, with and without oneDNN"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# grade = "close"
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
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "jit"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# route = "jit"
# outcome = "py_exception"
# phase = "infer"
# type = "ValueError"
# message = "Type of attribute: strides is not right"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# route = "predictor"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "Type of attribute: strides is not right"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# route = ["predictor", "predictor_no_onednn"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = ["predictor", "predictor_no_onednn"]
# grade = "close"
# ///
"""The model of paddle.vision with random weights, on one small picture.

Reported as slower after an upgrade. Compare times of one route only: the predictor uses oneDNN by default and jit.load does not, which
is worth about a factor of five. Creating a predictor on a .json with oneDNN takes ten times as long as on a .pdmodel.
"""

import paddle


def inputs(rng):
    return {"x": rng.rand(1, 3, 64, 64).astype("float32")}


def save(prefix, inputs):
    net = paddle.vision.models.resnet18(pretrained=False)
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 64, 64], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
