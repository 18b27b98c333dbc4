# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the CPU predictor of 3.0 to 3.2 computes bilinear up-sampling with align_corners wrongly while oneDNN is on, and says nothing"
# summary_zh = "3.0 到 3.2 的 CPU 预测器默认开启 oneDNN，align_corners 的双线性上采样结果错误，且不报错"
# routes = ["predictor", "predictor_no_onednn", "jit"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# route = "predictor"
# outcome = "numeric_mismatch"
# phase = "compare"
# reason = "values"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# route = ["predictor_no_onednn", "jit"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.3.1"
# route = "predictor"
# outcome = "py_exception"
# phase = "infer"
# type = "NotImplementedError"
# ///
"""A convolution, bilinear up-sampling with align_corners, and another convolution, by paddle.inference from a .json.

The pass that gives up-sampling to oneDNN forgets align_corners, which oneDNN does not have. 3.3 raises instead.
"""

import paddle
from paddle import nn


class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2D(3, 4, 3, padding=1)
        self.last = nn.Conv2D(4, 1, 1)

    def forward(self, x):
        return self.last(nn.functional.interpolate(self.first(x), scale_factor=2, mode="bilinear", align_corners=True))


def inputs(rng):
    return {"x": rng.rand(1, 3, 16, 16).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 16, 16], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}
