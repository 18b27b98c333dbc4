# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "static.serialize_program and deserialize_program work in 2.6 and not with the new IR of 3.x"
# summary_zh = "static.serialize_program 与 deserialize_program 在 2.6 中可用，在 3.x 的新 IR 下不可用"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "AttributeError"
# message = "has no attribute 'name'"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "save"
# type = "AttributeError"
# message = "has no attribute 'desc'"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""A program and its weights as bytes, for those who keep them in a store of their own.

Writing fails in 3.x, and so does reading what 2.6 wrote; the flag cures both.
"""

from pathlib import Path

import paddle


def inputs(rng):
    return {"a": rng.rand(4, 6).astype("float32")}


def save(prefix, inputs):
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup):
        a = paddle.static.data("a", [None, 6], "float32")
        answer = paddle.nn.functional.relu(paddle.nn.Linear(6, 3)(a))
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    expected = executor.run(main, feed=inputs, fetch_list=[answer])[0]
    program = paddle.static.serialize_program([a], [answer], program=main)
    weights = paddle.static.serialize_persistables([a], [answer], executor, program=main)
    Path(prefix + ".program").write_bytes(program)
    Path(prefix + ".weights").write_bytes(weights)
    return {"out": expected}


def load(prefix):
    paddle.enable_static()
    executor = paddle.static.Executor(paddle.CPUPlace())
    program = paddle.static.deserialize_program(Path(prefix + ".program").read_bytes())
    paddle.static.deserialize_persistables(program, Path(prefix + ".weights").read_bytes(), executor)
    return executor, program


def infer(handle, inputs):
    executor, program = handle
    block = program.global_block()
    fetched = [op.input("X")[0] for op in block.ops if op.type == "fetch"]
    return {"out": executor.run(program, feed=inputs, fetch_list=fetched)[0]}
