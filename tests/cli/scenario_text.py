"""Small scenarios as text: a good one, and ways to spoil one function of it."""

GOOD = """# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
# [tool.lab]
# summary = "A toy."
# issue = "PaddlePaddle/Paddle#71996"
#{limits}
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# outcome = "ok"
# grade = "exact"
{more}# ///
import os
import sys
import time

import numpy as np


def inputs(rng):
    return {{"x": rng.rand(2, 3).astype("float32")}}


def save(prefix, inputs):
    np.save(prefix + ".npy", np.ones(3, "float32"))
    return {{"y": inputs["x"] * 2}}


def load(prefix):
    {load}
    return np.load(prefix + ".npy")


def infer(handle, inputs):
    {infer}
    return {{"y": inputs["x"] * 2}}
"""

FAILING = """# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "not exist"
"""


def text(*, load: str = "pass", infer: str = "pass", more: str = "", limits: str = "") -> str:
    return GOOD.format(load=load, infer=infer, more=more, limits=limits)


OLD_READER_FAILS = 'if os.environ["TOY_PADDLE_VERSION"].startswith("2."): raise ValueError("path does not exist")'
