# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "Config.enable_memory_optim breaks the predictor on a .json, and not on a .pdmodel"
# summary_zh = "Config.enable_memory_optim 会使 .json 的预测器出错，而 .pdmodel 不受影响"
# issue = "PaddlePaddle/Paddle#75496"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "memory_optimize_pass"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "memory_optimize_pass"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# grade = "close"
# ///
"""Many deployment scripts call enable_memory_optim(). With a .json the predictor looks for a pass that never ran.

The cure is to leave the call out, or the old format.
"""

import paddle
from paddle import nn


def inputs(rng):
    return {"x": rng.rand(2, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 8], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}


def load(prefix):
    from pathlib import Path

    from paddle import inference

    ending = ".json" if Path(prefix + ".json").exists() else ".pdmodel"
    config = inference.Config(prefix + ending, prefix + ".pdiparams")
    config.disable_gpu()
    config.disable_glog_info()
    config.enable_memory_optim()
    return inference.create_predictor(config)


def infer(predictor, inputs):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(inputs["x"])
    predictor.run()
    return {"out": predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()}
