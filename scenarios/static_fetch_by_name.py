# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "the documented static-graph script that fetches its loss by name fails in 3.x"
# summary_zh = "文档中按名称获取 loss 的静态图脚本在 3.x 中失败"
# issue = "PaddlePaddle/Paddle#77193"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "save"
# type = "ValueError"
# message = "Currently, we can only get name of Value from"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""One training step of a static program, whose loss is fetched as fetch_list=[loss.name].

A value of the new IR has no name. The cure is to fetch the object, or the flag. Nothing is read back here but the loss itself: the
failure lies in the script that trains.
"""

import numpy as np
import paddle


def inputs(rng):
    return {"a": rng.rand(2, 3).astype("float32")}


def save(prefix, inputs):
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup):
        a = paddle.static.data("a", [None, 3], "float32")
        loss = paddle.mean(paddle.nn.Linear(3, 2)(a))
        paddle.optimizer.SGD(0.1).minimize(loss)
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    found = executor.run(main, feed=inputs, fetch_list=[loss.name])[0]
    np.save(prefix + ".npy", found)
    return {"loss": np.asarray(found)}


def load(prefix):
    return np.load(prefix + ".npy")


def infer(loss, inputs):
    return {"loss": loss}
