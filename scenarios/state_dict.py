# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "weights, running means and counters kept with paddle.save open in every release, both ways, with any flag"
# summary_zh = "用 paddle.save 保存的权重、滑动均值和计数器可在所有版本之间互相打开，与开关无关"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["2.6.2", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""A state dict with a nested dict of other things beside it. The pickle of paddle.save is the one format that all releases share."""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 3, 8, 8).astype("float32")}


def build():
    return nn.Sequential(nn.Conv2D(3, 4, 3), nn.BatchNorm2D(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 2))


def answer(net, epoch, inputs):
    net.eval()
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy(), "epoch": epoch.numpy()}


def save(prefix, inputs):
    net = build()
    net.train()
    net(paddle.to_tensor(inputs["x"]))
    epoch = paddle.to_tensor([7], dtype="int64")
    paddle.save({"net": net.state_dict(), "about": {"epoch": epoch, "name": "模型"}}, prefix + ".pdparams")
    return answer(net, epoch, inputs)


def load(prefix):
    kept = paddle.load(prefix + ".pdparams")
    net = build()
    net.set_state_dict(kept["net"])
    return net, kept["about"]["epoch"]


def infer(handle, inputs):
    return answer(handle[0], handle[1], inputs)
