# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "inference.Config(folder, name) of 3.x looks for name.json, also where name.pdmodel lies"
# summary_zh = "3.x 的 inference.Config(目录, 名称) 只查找 名称.json，即使那里是 名称.pdmodel"
# issue = "PaddlePaddle/PaddleDetection#9382"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "Cannot open file .*[.]json"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "close"
# ///
"""A model is named by its folder and its name, as the deployment scripts of several projects do; 2.6 has no such form.

Which ending is put behind the name is decided by FLAGS_enable_pir_api, whatever lies there.
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
    config = inference.Config(str(Path(prefix).parent), Path(prefix).name)
    config.disable_gpu()
    return inference.create_predictor(config)


def infer(predictor, inputs):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(inputs["x"])
    predictor.run()
    return {"out": predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()}
