# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "convert_to_mixed_precision refuses to work for a CPU in every release"
# summary_zh = "convert_to_mixed_precision 在所有版本中都不支持 CPU"
# issue = "PaddlePaddle/Paddle#64935"
# routes = ["jit"]
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "save"
# type = "ValueError"
# message = "mixed_precision currently not supported place"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "save"
# type = "ValueError"
# message = "mixed_precision currently not supported place"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "save"
# type = "ValueError"
# message = "mixed_precision currently not supported place"
# ///
"""A bfloat16 copy of an exported model, made where there is only a CPU. There is no way around it on a CPU."""

from pathlib import Path

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 16).astype("float32")}


def save(prefix, inputs):
    from paddle import inference

    net = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4))
    net.eval()
    full = prefix + "-float32"
    paddle.jit.save(net, full, input_spec=[paddle.static.InputSpec([None, 16], "float32", "x")])
    ending = ".json" if Path(full + ".json").exists() else ".pdmodel"
    inference.convert_to_mixed_precision(
        full + ending,
        full + ".pdiparams",
        prefix + ending,
        prefix + ".pdiparams",
        inference.PrecisionType.Bfloat16,
        inference.PlaceType.CPU,
        True,
        set(),
    )
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
