# ruff: noqa: PTH123, SIM112
"""Both formats on disk: the plan of the net as JSON under either name, the parameters as npz bytes."""

import contextlib
import json
import os
import pathlib
import time

import numpy

from paddle import nn, version

OLD, NEW = ".pdmodel", ".json"
GUARDED = []
IMPORTED_BY = os.getpid()


def fall_ill(api):
    """End as TOY_PADDLE_ILL says ("static=abort"), or as TOY_PADDLE_ILL_FORK does in a fork of what imported this."""
    told = [os.environ.get("TOY_PADDLE_ILL", "")]
    if os.getpid() != IMPORTED_BY:
        told.append(os.environ.get("TOY_PADDLE_ILL_FORK", ""))
    if f"{api}=abort" in told:
        os.abort()
    if f"{api}=stop" in told:
        os.kill(os.getppid(), 19)
        time.sleep(60)
    if f"{api}=exit" in told:
        os._exit(3)


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
    """(net, input names) of a program file and a parameter file; files of real releases are played, not understood."""
    plan = None
    with contextlib.suppress(ValueError), open(program, encoding="utf-8") as file:
        plan = json.load(file)
    if plan is None or "base_code" in plan:
        return played(program, params)
    net = Loaded(*(getattr(nn, one["kind"])(*one["args"], **one["kwargs"]) for one in plan["layers"]))
    with numpy.load(params, allow_pickle=False) as stored:
        arrays = iter([stored[name] for name in stored.files])
        for layer in net.layers:
            layer.params = [next(arrays) for _ in layer.params]
            layer.armed = True
    return net, plan["inputs"]


def played(program, params):
    """A stand-in for a real model: its inputs are those of the file, its one output hangs on them and on the weights."""
    from lab.formats import inspect  # noqa: PLC0415 - only for real files

    names = [one.name for one in inspect(pathlib.Path(program)).programs[0].inputs]
    with open(params, "rb") as file:
        weight = sum(file.read()) / 1e6
    return Played(weight), names


class Played(nn.Layer):
    def make(self, weight):
        return [weight]

    def __call__(self, *tensors):
        return type(tensors[0])(self.run(*[tensor.numpy() for tensor in tensors]))

    def run(self, *arrays):
        total = sum(float(array.sum()) * (place + 1) for place, array in enumerate(arrays)) + self.params[0]
        result = numpy.linspace(0, 1, 6).reshape(2, 3).astype("float32") * total
        tall = int(os.environ.get("TOY_PADDLE_TALL", "1"))
        result = (result.reshape(-1, 1) + numpy.linspace(0, total, tall)).astype("float32").reshape(2, 3 * tall)
        result.flat[0] += float(os.environ.get("TOY_PADDLE_SKEW", "0"))
        if os.environ.get("FLAGS_enable_pir_api", "1").lower() in ("0", "false", "off"):
            result.flat[0] += float(os.environ.get("TOY_PADDLE_OLD_IR_SKEW", "0"))
        if os.getpid() != IMPORTED_BY:
            result.flat[0] += float(os.environ.get("TOY_PADDLE_SKEW_FORK", "0"))
        top = max(float(abs(array).max()) for array in arrays)
        if top > float(os.environ.get("TOY_PADDLE_DIES_ABOVE", "inf")):
            os.abort()
        if top < float(os.environ.get("TOY_PADDLE_DULL_BELOW", "0")):
            result *= 1e-6
        return (result * float(os.environ.get("TOY_PADDLE_SCALE", "1"))).astype("float32")


class Loaded(nn.Sequential):
    def run(self, array):
        result = super().run(array)
        result.flat[0] += float(os.environ.get("TOY_PADDLE_SKEW", "0"))
        return result
