# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "with the old IR, 3.3 cannot save a net that calls argmax, sum, abs or the like"
# summary_zh = "使用旧 IR 时，3.3 无法保存调用 argmax、sum、abs 等函数的网络"
# issue = "PaddlePaddle/Paddle#73919"
# routes = ["jit"]
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.1.1", "3.2.2"]
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "save"
# type = "TypeError"
# message = 'argmax\(\): argument \(position 1\) must be Value, but got Variable'
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# grade = "exact"
# ///
"""One matrix product and an argmax, exported with FLAGS_enable_pir_api=False for readers that have 2.6.

Up to 3.2 that works. In 3.3.1 functions that call the new operators directly do not take a variable of the old IR, so the way back to
2.6 is closed for nets that use them; export such nets with 3.2.
"""

import paddle
from paddle import nn


class Chosen(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        return paddle.argmax(self.linear(x), axis=-1)


def inputs(rng):
    return {"x": rng.rand(5, 6).astype("float32")}


def save(prefix, inputs):
    net = Chosen()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 6], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
