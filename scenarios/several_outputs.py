# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "jit.load of a model saved by 2.6 gives several outputs in another order, without a word"
# summary_zh = "jit.load 加载 2.6 保存的模型时，多个输出的顺序会无声地改变"
# issue = "PaddlePaddle/Paddle#63791"
# routes = ["jit", "static", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# outcome = "numeric_mismatch"
# phase = "compare"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# outcome = "numeric_mismatch"
# phase = "compare"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["2.6.2", "3.0.0"]
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = ["static", "predictor"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "static"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# route = ["jit", "static"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["3.0.0", "3.3.1"]
# route = ["jit", "static"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
# ///
"""Logits, the index of the largest, whether it is large, and the mean as a tensor without axes, in this order.

paddle.jit.load of what 2.6 saved gives the mean before the bool, in 2.6 as in 3.x with the old IR; whoever unpacks the tuple gets the
wrong tensors and no error. static.load_inference_model and the predictor keep the order, and so does jit.load of what 3.x saved.
"""

import paddle
from paddle import nn


class Several(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        logits = self.linear(x)
        return logits, paddle.argmax(logits, axis=-1), paddle.max(logits, axis=-1) > 0.0, paddle.mean(logits)


def inputs(rng):
    return {"x": rng.rand(5, 6).astype("float32")}


def save(prefix, inputs):
    net = Several()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 6], "float32", "x")])
    outputs = net(paddle.to_tensor(inputs["x"]))
    return {"out{}".format(i): tensor.numpy() for i, tensor in enumerate(outputs)}
