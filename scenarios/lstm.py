# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a two-layer bidirectional LSTM keeps its numbers between all releases"
# summary_zh = "两层双向 LSTM 在各版本之间数值一致"
# issue = "PaddlePaddle/PaddleSpeech#3902"
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
"""A recurrent net over sequences of any length. Reported as broken after an upgrade; nothing of it shows here."""

import paddle


class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.lstm = paddle.nn.LSTM(5, 6, num_layers=2, direction="bidirect")
        self.last = paddle.nn.Linear(12, 3)

    def forward(self, x):
        sequence, _ = self.lstm(x)
        return self.last(sequence)


def inputs(rng):
    return {"x": rng.rand(2, 7, 5).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, None, 5], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
