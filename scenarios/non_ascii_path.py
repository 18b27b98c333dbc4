# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "Chinese and accented letters and a blank in the path do no harm on Linux"
# summary_zh = "在 Linux 上，路径中的中文、重音字母和空格没有影响"
# issue = "PaddlePaddle/PaddleSeg#2156"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""Model and weights below a folder whose name is not ASCII; the reports come from Windows, and nothing of it shows on Linux."""

from pathlib import Path

import paddle

FOLDER = "模型 é目录"


def inputs(rng):
    return {"x": rng.rand(2, 3).astype("float32")}


def save(prefix, inputs):
    folder = Path(prefix).parent / FOLDER
    folder.mkdir()
    net = paddle.nn.Linear(3, 3)
    net.eval()
    paddle.save(net.state_dict(), str(folder / "权重.pdparams"))
    paddle.jit.save(net, str(folder / "网络"), input_spec=[paddle.static.InputSpec([None, 3], "float32", "x")])
    expected = net(paddle.to_tensor(inputs["x"])).numpy()
    return {"exported": expected, "from_state": expected}


def load(prefix):
    folder = Path(prefix).parent / FOLDER
    exported = paddle.jit.load(str(folder / "网络"))
    exported.eval()
    fresh = paddle.nn.Linear(3, 3)
    fresh.set_state_dict(paddle.load(str(folder / "权重.pdparams")))
    return exported, fresh


def infer(handle, inputs):
    x = paddle.to_tensor(inputs["x"])
    return {"exported": handle[0](x).numpy(), "from_state": handle[1](x).numpy()}
