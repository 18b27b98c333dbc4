# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a Python loop with a break that depends on data cannot be saved in any release"
# summary_zh = "break 依赖数据的 Python 循环在任何版本中都无法保存"
# issue = "PaddlePaddle/Paddle#40645"
# routes = ["jit"]
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# outcome = "py_exception"
# phase = "save"
# type = "Dygraph2StaticException"
# message = "python while pred change from bool to variable"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "save"
# type = "Dygraph2StaticException"
# message = "python while pred change from bool to variable"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "save"
# type = "Dygraph2StaticException"
# message = "python while pred change from bool to variable"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "save"
# type = "TypeError"
# message = 'abs\(\): argument \(position 1\) must be Value, but got Variable'
# ///
"""`for i in range(5)` with `break` under a condition on a tensor: dynamic to static conversion gives up.

The usual flag does not help; in 3.3.1 it only changes the error. cond_and_while shows the form that works.
"""

import paddle


class Loop(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)

    def forward(self, x):
        for _ in range(5):
            x = self.linear(x)
            if paddle.abs(x).sum() > 3.0:
                break
        return x


def inputs(rng):
    return {"x": rng.rand(1, 4).astype("float32")}


def save(prefix, inputs):
    net = Loop()
    net.eval()
    expected = net(paddle.to_tensor(inputs["x"])).numpy()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {"out0": expected}
