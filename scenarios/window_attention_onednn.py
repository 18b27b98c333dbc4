# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the CPU predictor of 3.x cannot open a .json with window attention while oneDNN is on, as it is by default"
# summary_zh = "3.x 的 CPU 预测器默认开启 oneDNN，无法打开含窗口注意力的 .json"
# issue = "PaddlePaddle/Paddle#59252"
# routes = ["predictor", "predictor_no_onednn"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# route = "predictor"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "input's second dimension and weight's first dimension"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# route = "predictor_no_onednn"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
# ///
"""Attention over windows of an image, as in Swin: roll, cut into windows, attend, put together, roll back.

While the predictor is made, a pass for oneDNN fuses what follows a reshape as if the reshape were not there. The first
release that does so is 3.0.0rc0; the report names another effect of oneDNN on such a net, in 2.6.
"""

import paddle
from paddle import nn

SIZE, WINDOW, CHANNELS, HEADS = 8, 4, 16, 2


class Block(nn.Layer):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)
        self.triple = nn.Linear(CHANNELS, CHANNELS * 3)
        self.out = nn.Linear(CHANNELS, CHANNELS)

    def forward(self, image):
        each, across = CHANNELS // HEADS, SIZE // WINDOW
        rolled = paddle.roll(self.norm(image), [-2, -2], [1, 2])
        windows = rolled.reshape([-1, across, WINDOW, across, WINDOW, CHANNELS]).transpose([0, 1, 3, 2, 4, 5])
        tokens = windows.reshape([-1, WINDOW * WINDOW, CHANNELS])
        parts = self.triple(tokens).reshape([-1, WINDOW * WINDOW, 3, HEADS, each]).transpose([2, 0, 3, 1, 4])
        query, key, value = parts.unbind(0)
        weights = nn.functional.softmax(paddle.matmul(query, key, transpose_y=True) * each**-0.5)
        mixed = paddle.matmul(weights, value).transpose([0, 2, 1, 3]).reshape([-1, WINDOW * WINDOW, CHANNELS])
        back = self.out(mixed).reshape([-1, across, across, WINDOW, WINDOW, CHANNELS]).transpose([0, 1, 3, 2, 4, 5])
        return image + paddle.roll(back.reshape([-1, SIZE, SIZE, CHANNELS]), [2, 2], [1, 2])


def inputs(rng):
    return {"image": rng.rand(1, SIZE, SIZE, CHANNELS).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(Block(), Block())
    net.eval()
    spec = paddle.static.InputSpec([1, SIZE, SIZE, CHANNELS], "float32", "image")
    paddle.jit.save(net, prefix, input_spec=[spec])
    return {"out": net(paddle.to_tensor(inputs["image"])).numpy()}
