# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a ResNet18 of 47 MB, somewhere in which a feature map is resized with align_corners"
# routes = ["predictor", "jit"]
# timed = false
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.3.1"
# route = "predictor"
# outcome = "py_exception"
# phase = "infer"
# type = "NotImplementedError"
# ///
"""What `lab reduce` is shown with: a net as people have them, and one operator of it that a release gets wrong."""

# ruff: noqa: ANN001, ANN201, ANN204
import paddle
from paddle import nn


class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.net = paddle.vision.models.resnet18()

    def forward(self, x):
        net = self.net
        x = net.maxpool(net.relu(net.bn1(net.conv1(x))))
        x = net.layer2(net.layer1(x))
        x = nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        x = net.layer4(net.layer3(x))
        return net.fc(paddle.flatten(net.avgpool(x), 1))


def inputs(rng):
    return {"x": rng.rand(1, 3, 64, 64).astype("float32")}


def save(prefix, inputs):
    net = Net()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 64, 64], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}
