# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "main.clone(for_test=True) before minimize is refused by 3.x"
# summary_zh = "3.x 拒绝在 minimize 之前调用 main.clone(for_test=True)"
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
# type = "TypeError"
# message = 'clone\(\): incompatible function arguments'
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""The test program of a static-graph script, made by clone(for_test=True) as the documentation shows.

A program of the new IR knows clone() without the argument. The cure is to leave it out, or the flag.
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
        test = main.clone(for_test=True)
        paddle.optimizer.SGD(0.1).minimize(loss)
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    found = executor.run(test, feed=inputs, fetch_list=[loss])[0]
    np.save(prefix + ".npy", found)
    return {"loss": np.asarray(found)}


def load(prefix):
    return np.load(prefix + ".npy")


def infer(loss, inputs):
    return {"loss": loss}
