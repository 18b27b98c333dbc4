# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "one large convolution among small operators"
# routes = ["predictor"]
# timed = false
# ///
"""What `lab reduce --symptom slower` is shown with: one large convolution among small operators."""

# ruff: noqa: ANN001, ANN201, ANN204
import paddle
from paddle import nn


class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(64, 64, 3, padding=1)

    def forward(self, x):
        x = nn.functional.relu(paddle.tanh(x) + 1.0)
        x = self.conv(x)
        return paddle.mean(nn.functional.sigmoid(x) * 2.0, axis=[2, 3])


def inputs(rng):
    return {"x": rng.rand(1, 64, 96, 96).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([1, 64, 96, 96], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}
