# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "an inference model of 2.6 makes the JSON parser of 3.x fail in static.load_inference_model"
# summary_zh = "2.6 的推理模型使 3.x 的 static.load_inference_model 在 JSON 解析器中出错"
# issue = "PaddlePaddle/Paddle#75145"
# routes = ["static"]
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
# type = "RuntimeError"
# message = "attempting to parse an empty input"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_in_executor = "False" }
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "attempting to parse an empty input"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "load"
# type = "FileNotFoundError"
# message = "pdmodel"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "FileNotFoundError"
# message = "pdmodel"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "2.6.2"
# saver_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "save"
# type = "TypeError"
# message = 'gelu\(\): argument \(position 1\) must be Value, but got Variable'
# ///
"""A static graph, saved with static.save_inference_model and read with static.load_inference_model.

3.x looks for net.json, reads nothing, and hands nothing to its JSON parser; neither file nor format is named in the message. The flag
that helps is FLAGS_enable_pir_api=False; FLAGS_enable_pir_in_executor=False alone does not, and with the new format the flag harms.
Written with the flag, 3.0 gives a file for 2.6; 3.3.1 does not even build the graph, because its gelu takes no variable of the old IR.
"""

import paddle


def inputs(rng):
    return {"a": rng.rand(4, 12).astype("float32")}


def save(prefix, inputs):
    paddle.enable_static()
    main, startup = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(main, startup):
        a = paddle.static.data("a", [None, 12], "float32")
        hidden = paddle.nn.functional.gelu(paddle.nn.Linear(12, 7)(a))
        answer = paddle.nn.Linear(7, 3)(hidden)
    executor = paddle.static.Executor(paddle.CPUPlace())
    executor.run(startup)
    expected = executor.run(main, feed=inputs, fetch_list=[answer])[0]
    paddle.static.save_inference_model(prefix, [a], [answer], executor, program=main)
    return {"out0": expected}
