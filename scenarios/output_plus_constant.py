# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "jit.save of 3.x drops `input + constant` where it is an output: wrong numbers, and nothing is raised"
# summary_zh = "3.x 的 jit.save 会丢掉作为输出的“输入 + 常数”：数值错误，却不报任何错"
# timed = false
# variants = ["NET"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "newest"]
# loader = "newest"
# outcome = "numeric_mismatch"
# phase = "compare"
# reason = "values"
#
# [[tool.lab.expect]]
# saver = "newest"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# saver_env = { NET = "plain" }
# loader = "newest"
# grade = "exact"
# ///
"""jit.save of 3.x drops `input + constant` where it is an output: wrong numbers, and nothing is raised.

`x + 1` becomes the operator scale with factor 1 and bias 1. While exporting, `normalize_pir_program`
(paddle/static/pir_io.py) takes every scale with factor 1 before an output for an identity and returns its input instead,
without looking at the bias. It does so where that input has a name: an input of the model, or a parameter.

NET=plain builds another net, one without a constant: it shows what is to blame and is a variant, not a cure.
"""

import os

import numpy as np
import paddle


class Net(paddle.nn.Layer):
    def forward(self, x):
        return x * x, x + x if os.environ.get("NET") == "plain" else x + 1


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    square, shifted = net(paddle.to_tensor(inputs["x"]))
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {"square": square.numpy(), "shifted": shifted.numpy()}


def load(prefix):
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    square, shifted = handle(paddle.to_tensor(inputs["x"]))
    return {"square": np.asarray(square.numpy()), "shifted": np.asarray(shifted.numpy())}
