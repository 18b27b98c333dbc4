# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the memory of an oneDNN predictor that sees a new width at every call levels off"
# summary_zh = "oneDNN 预测器每次遇到新宽度时内存先增长，随后趋于平稳"
# issue = "PaddlePaddle/PaddleOCR#15631"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.3.1"]
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# ///
"""240 pictures, each of another width, as text recognition has them. Reported as a leak.

Memory grows with the first hundred widths and then levels off; no endless growth shows here. The output `levelled_off` says whether
the last 110 widths added less than 100 MiB.
"""

import os
from pathlib import Path

import numpy as np
import paddle
from paddle import nn

WIDTHS = range(64, 304)
MARK = 130
ALLOWED = 100 << 20


def inputs(rng):
    return {"x": rng.rand(1, 3, 32, max(WIDTHS)).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(
        nn.Conv2D(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2D(16, 32, 3, padding=1), nn.ReLU(), nn.Conv2D(32, 8, 1)
    )
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([1, 3, 32, None], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy(), "levelled_off": np.array(True)}


def load(prefix):
    from paddle import inference

    ending = ".json" if Path(prefix + ".json").exists() else ".pdmodel"
    config = inference.Config(prefix + ending, prefix + ".pdiparams")
    config.disable_gpu()
    config.disable_glog_info()
    return inference.create_predictor(config)


def infer(predictor, inputs):
    marks = []
    for number, width in enumerate(WIDTHS):
        once(predictor, np.ascontiguousarray(inputs["x"][..., :width]))
        if number in (MARK - 1, len(WIDTHS) - 1):
            marks.append(resident())
    return {"out": once(predictor, inputs["x"]), "levelled_off": np.array(marks[1] - marks[0] < ALLOWED)}


def once(predictor, x):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.reshape(list(x.shape))
    handle.copy_from_cpu(x)
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()


def resident():
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
