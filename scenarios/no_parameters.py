# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a layer without weights: saved and loaded everywhere but in the predictor of 3.0.0"
# summary_zh = "没有权重的层在各处都能保存和加载，唯独 3.0.0 的预测器不行"
# issue = "PaddlePaddle/Paddle#47877"
# routes = ["jit", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = ["jit", "predictor"]
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# route = "predictor"
# outcome = "py_exception"
# phase = "load"
# type = "RuntimeError"
# message = "Load operator fail to open file"
#
# [[tool.lab.expect]]
# saver = ["3.1.1", "3.3.1"]
# loader = ["3.1.1", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
# ///
"""A layer that only computes. The reported failure of jit.load is not seen any more.

The predictor of 3.0.0 looks for a file of parameters that nobody wrote; 3.1 and later do not.
"""

import paddle


class Scaled(paddle.nn.Layer):
    def forward(self, x):
        return paddle.nn.functional.softmax(x * 2.0 + 1.0)


def inputs(rng):
    return {"x": rng.rand(3, 3).astype("float32")}


def save(prefix, inputs):
    net = Scaled()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
