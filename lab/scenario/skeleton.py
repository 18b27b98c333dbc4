"""The smallest scenario that runs as it is, to be changed into a problem."""

from lab.errors import UsageError

SKELETON = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
# [tool.lab]
# summary = "{summary}"
# issue = "{issue}"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "newest"
# outcome = "ok"
# grade = "exact"
# ///
"""{summary}"""

import numpy as np
import paddle


def build():
    """The net: replace it with the smallest one that shows the problem."""
    paddle.seed(0)
    return paddle.nn.Linear(4, 2)


def inputs(rng):
    """Named inputs; `rng` is a seeded numpy RandomState, so that every saver sees the same."""
    return {{"x": rng.rand(3, 4).astype("float32")}}


def save(prefix, inputs):
    """Write the model below `prefix` and return the outputs every loader must give."""
    net = build()
    net.eval()
    outputs = net(paddle.to_tensor(inputs["x"])).numpy()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {{"y": outputs}}


def load(prefix):
    """Open the model; what is returned goes to `infer`."""
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    """Run the model once and return plain numpy arrays."""
    return {{"y": np.asarray(handle(paddle.to_tensor(inputs["x"])).numpy())}}
'''


def small(summary: str, issue: str) -> str:
    """The text of a scenario about a linear layer; UsageError where a sentence cannot stand in its header."""
    if any(letter in summary + issue for letter in '"\\\n'):
        raise UsageError("summary and issue cannot hold quotes, backslashes or line ends", "use plain words")
    return SKELETON.format(summary=summary, issue=issue)
