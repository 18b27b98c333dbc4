# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "static.save and static.load carry weights between releases while the program is built anew"
# summary_zh = "程序重新构建时，static.save 与 static.load 可在各版本之间传递权重"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""Weights of a static program: the reader builds the same program and fills it, so the format of the program does not matter."""

import paddle


def inputs(rng):
    return {"a": rng.rand(4, 6).astype("float32")}


def build():
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup), paddle.utils.unique_name.guard():
        a = paddle.static.data("a", [None, 6], "float32")
        answer = paddle.nn.Linear(6, 3, weight_attr="weight", bias_attr="bias")(a)
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    return executor, main, answer


def save(prefix, inputs):
    handle = build()
    paddle.static.save(handle[1], prefix)
    return infer(handle, inputs)


def load(prefix):
    handle = build()
    paddle.static.load(handle[1], prefix, handle[0])
    return handle


def infer(handle, inputs):
    executor, main, answer = handle
    return {"out": executor.run(main, feed=inputs, fetch_list=[answer])[0]}
