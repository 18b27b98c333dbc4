# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a model exported again into the same folder in the other format: whoever reads the older file gets a mixture of two models"
# summary_zh = "以另一种格式重新导出到同一文件夹：读到旧文件的一方得到新旧两个模型的混合物，数值错误且无报错"
# timed = false
#
# [[tool.lab.expect]]
# saver = "newest"
# over = "2.6.2"
# over_env = { FACTOR = "2" }
# loader = "newest"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# over = "2.6.2"
# over_env = { FACTOR = "2" }
# loader = "2.6.2"
# outcome = "numeric_mismatch"
# phase = "compare"
# reason = "values"
#
# [[tool.lab.expect]]
# saver = "newest"
# saver_env = { FLAGS_enable_pir_api = "False" }
# over = "newest"
# over_env = { FACTOR = "2" }
# loader = "newest"
# outcome = "numeric_mismatch"
# phase = "compare"
# reason = "values"
#
# [[tool.lab.expect]]
# saver = "newest"
# saver_env = { FLAGS_enable_pir_api = "False" }
# over = "newest"
# over_env = { FACTOR = "2" }
# loader = "newest"
# loader_env = { FLAGS_enable_pir_api = "False" }
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "newest"
# saver_env = { FLAGS_enable_pir_api = "False" }
# over = "2.6.2"
# over_env = { FACTOR = "2" }
# loader = "2.6.2"
# grade = "exact"
# ///
"""A model exported again into the same folder in the other format: whoever reads the older file gets a mixture.

3.x writes net.json, 2.6 (and 3.x with the IR flag off) net.pdmodel; both write the weights to net.pdiparams. The older
program stays, and the newer weights lie under it: whoever prefers the format of the older one gets the old program with
the new weights, and nothing is raised. Here the two models differ in a factor (FACTOR, 3 unless it is set). Remove what
lies there before an export, or export in the format that lies there.
"""

import os

import paddle


class Scaled(paddle.nn.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor
        self.linear = paddle.nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x) * self.factor


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32")}


def save(prefix, inputs):
    net = Scaled(float(os.environ.get("FACTOR", "3")))
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return infer(net, inputs)


def load(prefix):
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    return {"y": handle(paddle.to_tensor(inputs["x"])).numpy()}
