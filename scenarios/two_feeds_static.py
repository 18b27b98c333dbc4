# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a static model with two feeds of different types, given by name"
# summary_zh = "有两个不同类型输入、按名称喂入的静态模型"
# routes = ["static", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = ["static", "predictor"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "static"
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "attempting to parse an empty input"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "static"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.3.1"
# route = ["static", "predictor"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# route = ["static", "predictor"]
# grade = "close"
# ///
"""Features and token numbers, joined after an embedding; saved with static.save_inference_model."""

import paddle


def inputs(rng):
    return {"features": rng.rand(3, 4).astype("float32"), "token": rng.randint(0, 10, (3,)).astype("int64")}


def save(prefix, inputs):
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup):
        features = paddle.static.data("features", [None, 4], "float32")
        token = paddle.static.data("token", [None], "int64")
        joined = paddle.concat([features, paddle.nn.Embedding(10, 5)(token)], axis=-1)
        answer = paddle.nn.functional.sigmoid(paddle.nn.Linear(9, 2)(joined))
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    expected = executor.run(main, feed=inputs, fetch_list=[answer])[0]
    paddle.static.save_inference_model(prefix, [features, token], [answer], executor, program=main)
    return {"out0": expected}
