# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the CPU predictor of 3.3 cannot run an up-sampling net with oneDNN, which is on by default"
# summary_zh = "3.3 的 CPU 预测器默认开启 oneDNN，无法运行含上采样的网络"
# issue = "PaddlePaddle/Paddle#79749"
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
# saver = "3.2.2"
# loader = "3.2.2"
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.2.2", "3.3.1"]
# loader = "3.3.1"
# route = "predictor"
# outcome = "py_exception"
# phase = "infer"
# type = "NotImplementedError"
# message = "ConvertPirAttribute2RuntimeAttribute not support"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "predictor_no_onednn"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# route = "predictor"
# grade = "close"
# ///
"""Two convolutions with bilinear and nearest up-sampling between and after them, run by paddle.inference.

Whichever 3.x wrote the .json, 3.3.1 fails with oneDNN and not without it. The old format runs with oneDNN in 3.3.1 as well.
"""

import paddle
from paddle import nn
from paddle.nn.functional import interpolate, relu


class Up(nn.Layer):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2D(3, 8, 3, padding=1)
        self.second = nn.Conv2D(8, 3, 3, padding=1)

    def forward(self, x):
        wide = interpolate(relu(self.first(x)), scale_factor=2, mode="bilinear")
        return interpolate(self.second(wide), scale_factor=2, mode="nearest")


def inputs(rng):
    return {"x": rng.rand(1, 3, 12, 12).astype("float32")}


def save(prefix, inputs):
    net = Up()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([1, 3, 12, 12], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
