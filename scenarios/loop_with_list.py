# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "a while loop that appends to a list saves by default, but not in 3.3 with the IR flag off"
# summary_zh = "向列表追加的 while 循环默认可以保存，但 3.3 关闭 IR 开关后不能保存"
# issue = "PaddlePaddle/Paddle#73919"
# routes = ["jit"]
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
# saver = "3.3.1"
# loader = "3.3.1"
# saver_env = { FLAGS_enable_pir_api = "False" }
# outcome = "py_exception"
# phase = "save"
# type = "TypeError"
# message = 'argument \(position 1\) must be Value, but got Variable'
# ///
"""The usual cure does harm here: with FLAGS_enable_pir_api=False the model cannot be saved by 3.3.1.

Leave the flag alone while such a model is saved.
"""

import paddle


class Gathered(paddle.nn.Layer):
    def forward(self, x):
        rows = []
        i = paddle.zeros([1], dtype="int64")
        while i < x.shape[0]:
            row = paddle.slice(x, [0], [i], [i + 1])
            if paddle.mean(row) > 1.0:
                rows.append(row * 2)
            else:
                rows.append(row)
            i = i + 1
        return paddle.concat(rows, axis=0)


def inputs(rng):
    return {"x": rng.rand(4, 3).astype("float32") + 0.5}


def save(prefix, inputs):
    net = Gathered()
    net.eval()
    expected = net(paddle.to_tensor(inputs["x"])).numpy()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 3], "float32", "x")])
    return {"out0": expected}
