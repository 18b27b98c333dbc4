# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a model saved by paddle.jit.save in 2.6 does not load in 3.x, where the new IR is the default"
# summary_zh = "2.6 用 paddle.jit.save 保存的模型无法在默认使用新 IR 的 3.x 中加载"
# issue = "PaddlePaddle/Paddle#71996"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "newest"]
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "newest"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "newest"]
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]  # the reporter's own wheel; it runs in CPU mode where there is no GPU, and weighs 760 MB
# saver = "2.6.1-gpu"
# loader = "2.6.2"
# grade = "exact"
# full = true
#
# [[tool.lab.expect]]
# saver = "2.6.1-gpu"
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
# full = true
#
# [[tool.lab.expect]]
# saver = "2.6.1-gpu"
# loader = "3.0.0"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# full = true
# ///
"""A small convolutional net, saved with paddle.jit.save and read with paddle.jit.load.

2.6 writes net.pdmodel (protobuf), 3.x writes and looks for net.json (the new IR), and says "to load model not exists" of files that
are there. FLAGS_enable_pir_api=False before `import paddle` makes 3.x read the old format.

Without the lab: `python jit_load_pir.py save DIR` with one Paddle, `python jit_load_pir.py load DIR` with another.
"""

import numpy as np
import paddle
from paddle import nn


def inputs(rng):
    return {"image": rng.rand(2, 3, 32, 32).astype("float32")}


def save(prefix, inputs):
    net = nn.Sequential(
        nn.Conv2D(3, 8, 3, padding=1),
        nn.BatchNorm2D(8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 32 * 32, 10),
    )
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3, 32, 32], "float32", "image")])
    return infer(net, inputs)


def load(prefix):
    net = paddle.jit.load(prefix)
    net.eval()
    return net


def infer(net, inputs):
    return {"logits": net(paddle.to_tensor(inputs["image"])).numpy()}


if __name__ == "__main__":
    import sys
    from pathlib import Path

    verb, folder = sys.argv[1], Path(sys.argv[2])
    given = inputs(np.random.RandomState(0))
    if verb == "save":
        np.savez(folder / "expected.npz", **save(str(folder / "net"), given))
    else:
        found = infer(load(str(folder / "net")), given)
        expected = np.load(folder / "expected.npz")
        sys.stdout.writelines(
            f"{name}: largest difference {abs(found[name] - expected[name]).max()}\n" for name in found
        )
