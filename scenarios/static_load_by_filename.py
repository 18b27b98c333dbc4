# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a model named __model__, as 1.x named it, is read as text by static.load_inference_model of 3.x"
# summary_zh = "按 1.x 习惯命名为 __model__ 的模型会被 3.x 的 static.load_inference_model 当作文本读取"
# issue = "PaddlePaddle/Paddle#32609"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.1.1", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = '^\s*$'
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""An inference model under names of its own, opened with model_filename and params_filename, as those of 1.x must be.

3.x takes the protobuf file for text and ends in a RuntimeError without any message. The model is written by 2.6.2 here, because no
environment of the lab has 1.x; with files of 1.8.5, 3.0.0 was seen to say "UnicodeDecodeError: 'utf-8' codec can't decode byte" instead.
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
        answer = paddle.nn.functional.softmax(paddle.nn.Linear(6, 3)(a))
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    expected = executor.run(main, feed=inputs, fetch_list=[answer])[0]
    paddle.static.save_inference_model(prefix, [a], [answer], executor, program=main)
    Path(prefix + ".pdmodel").rename(Path(prefix).with_name("__model__"))
    Path(prefix + ".pdiparams").rename(Path(prefix).with_name("__params__"))
    return {"out": expected}


def load(prefix):
    paddle.enable_static()
    executor = paddle.static.Executor(paddle.CPUPlace())
    program, feeds, fetches = paddle.static.load_inference_model(
        str(Path(prefix).parent), executor, model_filename="__model__", params_filename="__params__"
    )
    return executor, program, feeds, fetches


def infer(handle, inputs):
    executor, program, feeds, fetches = handle
    return {"out": executor.run(program, feed={feeds[0]: inputs["a"]}, fetch_list=fetches)[0]}
