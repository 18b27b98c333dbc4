# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "paddle.load with the prefix of an exported model gives its weights in 2.6 and an error in 3.x"
# summary_zh = "用导出模型的前缀调用 paddle.load，在 2.6 中得到权重，在 3.x 中报错"
# issue = "PaddlePaddle/Paddle#65671"
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
# type = "TypeError"
# message = 'scale\(\): argument \(position 1\) must be Value, but got Variable'
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["2.6.2", "3.3.1"]
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
# ///
"""Only the weights of an exported model are wanted, as a state dict.

The flag cures it for a .pdmodel; for a .json there is no way by prefix in any release.
"""

import paddle


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32")}


def save(prefix, inputs):
    net = paddle.nn.Linear(4, 4)
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {"weight": net.weight.numpy(), "bias": net.bias.numpy()}


def load(prefix):
    return paddle.load(prefix)


def infer(state, inputs):
    return {name: value.numpy() if hasattr(value, "numpy") else value for name, value in state.items()}
