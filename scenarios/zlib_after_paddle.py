# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "importing paddle 2.6 before zlib breaks zlib: the first call that compresses kills the process"
# summary_zh = "paddle 2.6 先于 zlib 被 import 会破坏 zlib：第一次压缩数据时进程崩溃"
# timed = false
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = ["3.0.0", "newest"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "2.6.2"
# outcome = "native_crash"
# phase = "load"
# type = "SIGSEGV"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "2.6.2"
# loader_env = { FIRST = "zlib" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "2.6.2"
# loader_env = { LD_PRELOAD = "libz.so.1" }
# grade = "exact"
# ///
"""Importing paddle 2.6 before zlib breaks zlib: the first call that compresses kills the process.

libpaddle.so of 2.6 brings a zlib of its own and shows its functions to the whole process. Where Python's zlib is a module
of its own, as in the official images, it is loaded after Paddle and works half with the one and half with the other: the
first call that compresses ends in SIGSEGV (one that decompresses breaks memory, and ends now so, now otherwise). Where
zlib is built into Python, as in Debian's, the right one is there first and nothing happens. The order of the imports
below is what this scenario is about.
"""

import os
from pathlib import Path

if os.environ.get("FIRST") == "zlib":
    import zlib

import paddle

# isort: split
import zlib

import numpy as np


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32")}


def save(prefix, inputs):
    weight = np.arange(8, dtype="float32").reshape(4, 2)
    Path(prefix + ".raw").write_bytes(weight.tobytes())
    return infer(paddle.to_tensor(weight), inputs)


def load(prefix):
    raw = Path(prefix + ".raw").read_bytes()
    packed = zlib.compress(raw)  # as whoever keeps a copy of what was read, or answers a request with it
    return paddle.to_tensor(np.frombuffer(raw, "float32").reshape(4, 2)) if packed else None


def infer(handle, inputs):
    return {"y": paddle.matmul(paddle.to_tensor(inputs["x"]), handle).numpy()}
