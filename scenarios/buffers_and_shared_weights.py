# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "buffers and a weight that two layers share are saved once and loaded right"
# summary_zh = "缓冲区以及两层共享的权重只保存一次，并能正确加载"
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
"""An embedding whose matrix is also the last projection, and a kept buffer beside one that is not kept."""

import paddle
from paddle import nn


class Tied(nn.Layer):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.register_buffer("scale", paddle.full([8], 0.5))
        self.register_buffer("shift", paddle.full([8], 0.25), persistable=False)

    def forward(self, tokens):
        hidden = self.embedding(tokens) * self.scale + self.shift
        return paddle.matmul(hidden, self.embedding.weight, transpose_y=True)


def inputs(rng):
    return {"tokens": rng.randint(0, 20, (2, 5)).astype("int64")}


def save(prefix, inputs):
    net = Tied()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, None], "int64", "tokens")])
    return {"out0": net(paddle.to_tensor(inputs["tokens"])).numpy()}
