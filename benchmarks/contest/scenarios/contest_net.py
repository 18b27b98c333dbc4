# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the body that all three tools of the contest time"
# issue = "PaddlePaddle/Paddle#71996"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# grade = "exact"
# ///
"""A small convolutional net, loaded and run; the same functions are timed by the lab, by asv and by pyperf.

LAB_SLOWER=0.10 makes every call 10 % slower by waiting busily for that share of the call's own time. LAB_DRIFT=0.001 adds that much to
every output. LAB_SIDE does nothing: it gives equal sides different names.
"""

import os
import time

import paddle
from paddle import nn

SLOWER = float(os.environ.get("LAB_SLOWER", "0"))
DRIFT = float(os.environ.get("LAB_DRIFT", "0"))


def slowed(work):
    start = time.perf_counter()
    result = work()
    now = time.perf_counter()
    end = now + (now - start) * SLOWER
    while SLOWER and time.perf_counter() < end:
        pass
    return result


def inputs(rng):
    return {"image": rng.rand(2, 3, 32, 32).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(
        nn.Conv2D(3, 8, 3, padding=1),
        nn.BatchNorm2D(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 32 * 32, 10),
    )
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 32, 32], "float32", "image")])
    return {"logits": net(paddle.to_tensor(inputs["image"])).numpy()}


def load(prefix):
    return slowed(lambda: opened(prefix))


def opened(prefix):
    net = paddle.jit.load(prefix)
    net.eval()
    return net


def infer(net, inputs):
    return {"logits": slowed(lambda: net(paddle.to_tensor(inputs["image"])).numpy()) + DRIFT}
