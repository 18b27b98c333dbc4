# ruff: noqa: PTH110
import os

from paddle import _files, version


def save(layer, path, input_spec):
    _files.write(layer, path, [spec.name for spec in input_spec])


def load(path):
    if not os.path.exists(path + _files.ending()):
        kind = "*.pdmodel" if version.full_version.startswith("2") else "*.pdmodel(json)"
        message = (
            "The ``path`` (%s) to load model not exists. Please make sure that %s exists "
            "or don't using ``skip_forward=True`` to jit.save."
        )
        raise ValueError(message % (path, kind))
    return _files.read(path + _files.ending(), path + ".pdiparams")[0]
