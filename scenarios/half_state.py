# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "float16 and bfloat16 tensors kept with paddle.save come back bit for bit in every release"
# summary_zh = "用 paddle.save 保存的 float16 与 bfloat16 张量在所有版本中逐位还原"
# issue = "PaddlePaddle/Paddle#38717"
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
# ///
"""The control of half_state_into_float32: the file is not the problem, the layer of another type is."""

import paddle


def inputs(rng):
    return {"x": rng.rand(6, 5).astype("float32") * 100}


def widened(state):
    return {name: value.astype("float32").numpy() for name, value in state.items()}


def save(prefix, inputs):
    x = paddle.to_tensor(inputs["x"])
    state = {"float16": x.astype("float16"), "bfloat16": x.astype("bfloat16"), "float64": x.astype("float64")}
    paddle.save(state, prefix + ".pdparams")
    return widened(state)


def load(prefix):
    return paddle.load(prefix + ".pdparams")


def infer(state, inputs):
    return widened(state)
