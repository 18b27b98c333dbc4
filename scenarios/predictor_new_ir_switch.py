# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "Config.enable_new_ir with oneDNN breaks the predictor of 3.x on a .pdmodel"
# summary_zh = "在 3.x 中对 .pdmodel 启用 Config.enable_new_ir 与 oneDNN 会使预测器出错"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "infer"
# type = "RuntimeError"
# message = "Tensor holds no memory"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# grade = "close"
# ///
"""The predictor reads a .pdmodel of 2.6 without help; asked to translate it to the new IR, it fails at the first run."""

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
    if hasattr(config, "enable_new_ir"):
        config.enable_new_ir(not paddle.__version__.startswith("2."))
    return inference.create_predictor(config)


def infer(predictor, inputs):
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(inputs["x"])
    predictor.run()
    return {"out": predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()}
