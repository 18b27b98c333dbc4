"""The nets as one Python module: a class each, whose source Paddle can read, and which runs without the lab."""

import inspect
import json
from collections.abc import Sequence

import msgspec

from lab.formulas import reference
from lab.model.sweep import Net

HEAD = '''"""One-operator nets, made from scenarios/sweep/operators.toml: NETS, their INPUTS, and the same in NUMPY."""

import json

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
'''


def render(nets: Sequence[Net]) -> str:
    """The module's text; the same nets give the same bytes."""
    names = ", ".join(f'"{one.name}": Net_{one.name}' for one in nets)
    numpys = ", ".join(f'"{one.name}": numpy_{one.name}' for one in nets if one.numpy)
    inputs = json.dumps({one.name: {key: _drawn(two) for key, two in one.inputs.items()} for one in nets})
    parts = [HEAD, inspect.getsource(reference), *map(_class, nets), *(_numpy(one) for one in nets if one.numpy)]
    return "\n\n".join([*parts, f"INPUTS = json.loads({inputs!r})\nNETS = {{{names}}}\nNUMPY = {{{numpys}}}\n"])


def _class(net: Net) -> str:
    arguments = ", ".join(net.inputs)
    made = f"\n        self.part = {net.layer}" if net.layer else ""
    answer = net.code or f"self.part({arguments})"
    return (
        f"class Net_{net.name}(nn.Layer):\n    def __init__(self):\n        super().__init__(){made}\n\n"
        f"    def forward(self, {arguments}):\n        return {answer}\n"
    )


def _numpy(net: Net) -> str:
    return f"def numpy_{net.name}({', '.join(['w', *net.inputs])}):\n    return {net.numpy}\n"


def _drawn(one: object) -> dict[str, object]:
    values: dict[str, object] = msgspec.to_builtins(one)
    return values
