# ruff: noqa: PTH110
import contextlib
import os
import pathlib
import shutil

from paddle import _files


class InputSpec:
    def __init__(self, shape, dtype="float32", name=None):
        self.shape, self.dtype, self.name = shape, dtype, name


class Executor:
    def __init__(self, place):
        self.place = place

    def run(self, program, feed, fetch_list):
        return [program.run(*feed.values())]


class Operator:
    def __init__(self, name):
        self._name = name

    def name(self):
        return "pd_op.data"

    def attrs(self):
        return {"name": self._name}

    def result(self, number):
        return self._name


class Block:
    def __init__(self, names):
        self.ops = [Operator(name) for name in names]

    def move_op(self, operator, place):
        self.ops.remove(operator)
        self.ops.insert(place, operator)


def save_inference_model(prefix, feeds, fetches, executor, program):
    """A conversion as the toy plays it: the checked-in .json of 3.0.0 with the weights that were read."""
    if os.environ.get("TOY_PADDLE_CANNOT_CONVERT"):
        raise RuntimeError("the toy cannot convert")
    golden = pathlib.Path(__file__).parents[2] / "golden" / "models" / "3.0.0" / "net.json"
    shutil.copyfile(golden, prefix + ".json")
    shutil.copyfile(program.source, prefix + ".pdiparams")


def load_inference_model(prefix, executor):
    _files.fall_ill("static")
    if not os.path.exists(prefix + _files.ending()):
        raise RuntimeError("[json.exception.parse_error.101] attempting to parse an empty input")
    net, names = _files.read(prefix + _files.ending(), prefix + ".pdiparams")
    net.source, block = prefix + ".pdiparams", Block(names)
    net.global_block = lambda: block
    return net, names, ["fetch"]


def scope_guard(scope):
    return contextlib.nullcontext()
