# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "FLAGS_use_mkldnn makes jit.load faster in 2.6 and kills the process in 3.0"
# routes = ["jit"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# loader_env = { FLAGS_use_mkldnn = "True" }
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# loader_env = { FLAGS_use_mkldnn = "True" }
# outcome = "native_crash"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.0.0"
# loader_env = { FLAGS_use_mkldnn = "True", FLAGS_enable_pir_api = "False" }
# grade = "close"
# ///
"""oneDNN for jit.load, which does not use it by default. With the old IR it works; with the new one of 3.0.0 the process dies."""

import paddle
from paddle import nn


def inputs(rng):
    return {"image": rng.rand(2, 3, 16, 16).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Conv2D(3, 6, 3), nn.BatchNorm2D(6), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 14 * 14, 4))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 16, 16], "float32", "image")])
    return {"out0": net(paddle.to_tensor(inputs["image"])).numpy()}
