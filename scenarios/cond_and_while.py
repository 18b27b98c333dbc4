# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "if and while on tensor values survive saving and loading in all releases"
# summary_zh = "基于张量值的 if 与 while 在所有版本中都能保存和加载"
# issue = "PaddlePaddle/Paddle#64548"
# routes = ["jit", "predictor"]
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "2.6.2"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# outcome = "py_exception"
# phase = "load"
# type = "ValueError"
# message = "to load model not exists"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["3.0.0", "3.3.1"]
# loader_env = { FLAGS_enable_pir_api = "False" }
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# route = "predictor"
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.0.0"
# loader = ["3.0.0", "3.3.1"]
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.0.0"
# route = "jit"
# grade = "exact"
#
# [[tool.lab.expect]]
# saver = ["3.0.0", "3.3.1"]
# loader = "3.3.1"
# route = "predictor"
# grade = "close"
# ///
"""A net that branches on a sum and multiplies in a loop until a bound; the batch decides which way it goes.

It is the control of loop_with_break: control flow on tensors works where the loop counter is a tensor as well.
"""

import paddle


class Flow(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)

    def forward(self, x):
        y = self.linear(x)
        if paddle.sum(x) > 4.0:  # noqa: SIM108 - the branch itself is what is converted
            y = y * 2.0
        else:
            y = y - 1.0
        count = paddle.zeros([1], dtype="int64")
        while count < 3:
            y = y * 1.5
            count = count + 1
        return y


def inputs(rng):
    return {"x": rng.rand(3, 4).astype("float32") + 0.5}


def save(prefix, inputs):
    net = Flow()
    net.eval()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {"out0": net(paddle.to_tensor(inputs["x"])).numpy()}
