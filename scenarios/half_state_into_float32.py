# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a half-precision checkpoint is refused by a float32 layer in every release"
# summary_zh = "所有版本的 float32 层都拒绝加载半精度检查点"
# issue = "PaddlePaddle/PaddleOCR#16782"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "AssertionError"
# message = "need tensor with dtype paddle.float32 +but load tensor with dtype paddle.bfloat16"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["2.6.2", "3.0.0"]
# outcome = "py_exception"
# phase = "load"
# type = "AssertionError"
# message = "need tensor with dtype paddle.float32 +but load tensor with dtype paddle.bfloat16"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "load"
# type = "AssertionError"
# message = "need tensor with dtype paddle.float32 +but load tensor with dtype paddle.bfloat16"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.3.1"]
# saver_env = { STATE_DTYPE = "float16" }
# outcome = "py_exception"
# phase = "load"
# type = "AssertionError"
# message = "need tensor with dtype paddle.float32 +but load tensor with dtype paddle.float16"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { CAST_FIRST = "yes" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["2.6.2", "3.3.1"]
# loader_env = { CAST_FIRST = "yes" }
# grade = "exact"
# ///
"""Weights kept as bfloat16 (or float16 with STATE_DTYPE=float16) are loaded into the layer they came from, which is float32.

Casting the entries before set_state_dict is the cure (CAST_FIRST=yes here).
"""

import os

import paddle


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32")}


def answer(net, inputs):
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}


def save(prefix, inputs):
    dtype = os.environ.get("STATE_DTYPE", "bfloat16")
    net = paddle.nn.Linear(4, 4)
    state = {name: value.astype(dtype) for name, value in net.state_dict().items()}
    paddle.save(state, prefix + ".pdparams")
    net.set_state_dict({name: value.astype("float32") for name, value in state.items()})
    return answer(net, inputs)


def load(prefix):
    state = paddle.load(prefix + ".pdparams")
    if os.environ.get("CAST_FIRST") == "yes":
        state = {name: value.astype("float32") for name, value in state.items()}
    net = paddle.nn.Linear(4, 4)
    net.set_state_dict(state)
    return net


def infer(net, inputs):
    return answer(net, inputs)
