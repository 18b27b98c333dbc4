# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "each release reads its own file; 3.0.0b2 to 3.0.0 call a layer of paddle.jit.load many times slower, and memory grows with each call"
# summary_zh = "各版本都能读取自己保存的文件；但 3.0.0b2 到 3.0.0 调用 paddle.jit.load 的层要慢很多倍，且每次调用都增长内存"
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
# saver = "newest"
# loader = "newest"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
# ///
"""A net so small that what a call costs beside its arithmetic shows. Nothing fails and every number is right: a matter of time and memory.

With the new IR, 3.0.0 builds its executor anew at each call of a layer that paddle.jit.load gave, and keeps the old ones. Ask since
when, until when, and what cures it:

    lab bisect slow_inference_pir --good 2.6.2 --bad 3.0.0 --perf infer:10%
    lab bisect slow_inference_pir --good 2.6.2 --bad 3.0.0 --symptom leak --find-fix
    lab cure slow_inference_pir --at 3.0.0 --good 2.6.2 --symptom slower

The weights are drawn by numpy, not by Paddle, so that every release saves the same net and their outputs can be compared.
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
    rng = np.random.RandomState(1)
    for weight in net.parameters():
        weight.set_value(rng.uniform(-0.1, 0.1, weight.shape).astype("float32"))
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
    import time
    from pathlib import Path

    verb, folder = sys.argv[1], Path(sys.argv[2])
    given = inputs(np.random.RandomState(0))
    if verb == "save":
        save(str(folder / "net"), given)
    else:
        layer, times = load(str(folder / "net")), []
        for _ in range(100):
            start = time.perf_counter()
            infer(layer, given)
            times.append(time.perf_counter() - start)
        sys.stdout.write(f"median of 100 calls: {sorted(times)[50] * 1000:.2f} ms\n")
