# ruff: noqa: PTH123, SIM112
"""Both formats on disk: the plan of the net as JSON under either name, the parameters as npz bytes."""

import json
import os

import numpy

from paddle import nn, version

OLD, NEW = ".pdmodel", ".json"
GUARDED = []


def ending():
    if GUARDED:
        return OLD
    new = not version.full_version.startswith("2") and os.environ.get("FLAGS_enable_pir_api", "1").lower() not in (
        "0",
        "false",
        "off",
    )
    return NEW if new else OLD


def write(net, prefix, names):
    layers = net.layers if hasattr(net, "layers") else [net.part]
    plan = {"inputs": names, "layers": [layer.plan() for layer in layers]}
    with open(prefix + ending(), "w", encoding="utf-8") as file:
        json.dump(plan, file)
    params = [param for layer in layers for param in layer.params]
    with open(prefix + ".pdiparams", "wb") as file:
        numpy.savez(file, *params)
    if ending() == OLD:
        with open(prefix + ".pdiparams.info", "wb") as file:
            file.write(b"info")


def read(program, params):
    """(net, input names) of a program file and a parameter file."""
    with open(program, encoding="utf-8") as file:
        plan = json.load(file)
    net = Loaded(*(getattr(nn, one["kind"])(*one["args"], **one["kwargs"]) for one in plan["layers"]))
    with numpy.load(params, allow_pickle=False) as stored:
        arrays = iter([stored[name] for name in stored.files])
        for layer in net.layers:
            layer.params = [next(arrays) for _ in layer.params]
            layer.armed = True
    return net, plan["inputs"]


class Loaded(nn.Sequential):
    def run(self, array):
        result = super().run(array)
        result.flat[0] += float(os.environ.get("TOY_PADDLE_SKEW", "0"))
        return result
