# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "optimiser state is keyed by generated names, and any layer built earlier in the process shifts them"
# summary_zh = "优化器状态以自动生成的名称为键，进程中先创建的任何层都会使名称偏移"
# issue = "PaddlePaddle/Paddle#55900"
# timed = false
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# outcome = "py_exception"
# phase = "infer"
# type = "AssertionError"
# message = "Optimizer set error, linear_1.w_0_moment1_0 should in state dict"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = "3.3.1"
# outcome = "py_exception"
# phase = "infer"
# type = "AssertionError"
# message = "Optimizer set error, linear_1.w_0_moment1_0 should in state dict"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = ["2.6.2", "3.0.0", "3.3.1"]
# loader_env = { OTHER_LAYER_FIRST = "no" }
# grade = "close"
#
# [[tool.lab.expect]]
# saver = "3.3.1"
# loader = ["2.6.2", "3.3.1"]
# loader_env = { OTHER_LAYER_FIRST = "no" }
# grade = "close"
# ///
"""Training goes on from a checkpoint of weights and Adam state, in a process that has built another layer before.

The names do not fit any more, and the error comes at the first step, not where the state is loaded. The cure is to build the network
first (OTHER_LAYER_FIRST=no here), or to build it under paddle.utils.unique_name.guard(); no flag helps.
"""

import os

import paddle


def inputs(rng):
    return {"x": rng.rand(2, 5).astype("float32")}


def build():
    net = paddle.nn.Linear(5, 5)
    return net, paddle.optimizer.Adam(1e-2, parameters=net.parameters())


def step(net, optimizer, inputs):
    net(paddle.to_tensor(inputs["x"])).sum().backward()
    optimizer.step()
    optimizer.clear_grad()


def save(prefix, inputs):
    net, optimizer = build()
    step(net, optimizer, inputs)
    paddle.save(net.state_dict(), prefix + ".pdparams")
    paddle.save(optimizer.state_dict(), prefix + ".pdopt")
    step(net, optimizer, inputs)
    return {"weight": net.weight.numpy(), "bias": net.bias.numpy()}


def load(prefix):
    if os.environ.get("OTHER_LAYER_FIRST") != "no":
        paddle.nn.Linear(5, 5)
    net, optimizer = build()
    net.set_state_dict(paddle.load(prefix + ".pdparams"))
    optimizer.set_state_dict(paddle.load(prefix + ".pdopt"))
    return net, optimizer


def infer(handle, inputs):
    net, optimizer = handle
    step(net, optimizer, inputs)
    return {"weight": net.weight.numpy(), "bias": net.bias.numpy()}
