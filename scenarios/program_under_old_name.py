# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "paddle.save of a program writes the new IR under the old name, which 2.6 cannot read"
# summary_zh = "3.x 的 paddle.save 以旧文件名写出新 IR 的程序，2.6 无法读取"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "`paddle.load` can not parse the file"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "`paddle.load` can not parse the file"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = ["3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""paddle.save(program, "net.pdmodel"): the name says protobuf, the content of 3.x is JSON."""

import paddle


def inputs(rng):
    return {"a": rng.rand(4, 6).astype("float32")}


def save(prefix, inputs):
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup):
        a = paddle.static.data("a", [None, 6], "float32")
        paddle.nn.functional.relu(a)
    paddle.save(main, prefix + ".pdmodel")
    return infer(main, inputs)


def load(prefix):
    paddle.enable_static()
    return paddle.load(prefix + ".pdmodel")


def infer(program, inputs):
    import numpy as np

    return {"relu": np.array("relu" in str(program))}
