# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a predictor that is given a .json in memory (set_model_buffer) dies in every 3.x"
# summary_zh = "用 set_model_buffer 从内存加载 .json 时，所有 3.x 的预测器都会崩溃"
# issue = "PaddlePaddle/Paddle#73630"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# outcome = "native_crash"
# phase = "load"
# type = "SIGSEGV"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader = "3.3.1"
# grade = "close"
# ///
"""The bytes of program and parameters are handed over instead of their paths, as encrypted models are.

What reads a .json takes the bytes for a path. With a .pdmodel the same call works in every release.
"""

from pathlib import Path

import paddle
from paddle import inference, nn


def inputs(rng):
    return {"x": rng.rand(2, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 8], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}


def load(prefix):
    program = Path(prefix + ".json")
    model = (program if program.exists() else Path(prefix + ".pdmodel")).read_bytes()
    weights = Path(prefix + ".pdiparams").read_bytes()
    config = inference.Config()
    config.set_model_buffer(model, len(model), weights, len(weights))
    config.disable_gpu()
    return inference.create_predictor(config)


def infer(predictor, inputs):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(inputs["x"])
    predictor.run()
    return {"out": predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()}
