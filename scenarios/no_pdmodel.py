# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a deployment script that opens the .pdmodel finds none after jit.save of 3.x"
# summary_zh = "部署脚本要打开 .pdmodel，而 3.x 的 jit.save 不再写出它"
# issue = "PaddlePaddle/Paddle#73805"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.3.1"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "Cannot open file"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# saver_env = { FLAGS_enable_pir_api = "0" }
# grade = "close"
# ///
"""The script names both files, as every one written for 2.x does. No release reads what is not there: the cure is to save otherwise."""

import paddle
from paddle import inference, nn


def inputs(rng):
    return {"x": rng.rand(2, 3, 16, 16).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(
        nn.Conv2D(3, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2D(4), nn.Flatten(), nn.Linear(128, 10)
    )
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 16, 16], "float32", "x")])
    return {"out": net(paddle.to_tensor(inputs["x"])).numpy()}


def load(prefix):
    config = inference.Config(prefix + ".pdmodel", prefix + ".pdiparams")
    config.disable_gpu()
    return inference.create_predictor(config)


def infer(predictor, inputs):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(inputs["x"])
    predictor.run()
    return {"out": predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()}
