# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "without its .pdiparams.info, a net that flattens does not load with the old IR of 3.x"
# summary_zh = "缺少 .pdiparams.info 时，含 flatten 的网络在 3.x 中用旧 IR 无法用 jit.load 加载"
# routes = ["jit", "jit_old_ir", "static", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = ["jit", "static", "predictor"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# loader_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "Output XShape cannot be found in operator flatten_contiguous_range"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "jit_old_ir"
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "Output XShape cannot be found in operator flatten_contiguous_range"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "static"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
# ///
"""A net as it is often handed on: .pdmodel and .pdiparams, and the third file that 2.x wrote is left behind.

So the flag that cures PaddlePaddle/Paddle#71996 is not enough; static.load_inference_model with the flag and the predictor are.
"""

from pathlib import Path

import paddle
from paddle import nn


def inputs(rng):
    return {"image": rng.rand(2, 3, 8, 8).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(nn.Conv2D(3, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 8 * 8, 10))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 8, 8], "float32", "image")])
    Path(prefix + ".pdiparams.info").unlink(missing_ok=True)
    return {"logits": net(paddle.to_tensor(inputs["image"])).numpy()}
