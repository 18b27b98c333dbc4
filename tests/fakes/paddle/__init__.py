"""A numpy toy that stands in for paddle: small nets, both model formats, and the ways of opening them.

TOY_PADDLE_VERSION (default 3.0.0) chooses whose behaviour is played: 2.x writes and reads .pdmodel, 3.x .json unless
FLAGS_enable_pir_api is off. TOY_PADDLE_SKEW adds that number to the first output value of loaded models, TOY_PADDLE_ONEDNN_SKEW only in the predictor
with oneDNN, which TOY_PADDLE_ONEDNN_RAISES lets fail, and TOY_PADDLE_OLD_IR_SKEW only where the old IR is switched on.
"""

import contextlib
import os
import types

import numpy

from paddle import base, inference, jit, nn, pir_utils, static, version

__version__ = version.full_version
__all__ = ["base", "inference", "jit", "nn", "pir_utils", "static", "utils", "version"]


class Tensor:
    def __init__(self, array):
        self._array = array

    def numpy(self):
        return self._array


class CPUPlace:
    pass


def to_tensor(array):
    return Tensor(numpy.asarray(array))


def seed(number):
    nn.RANDOM.seed(number)


def get_device():
    return os.environ.get("TOY_PADDLE_DEVICE", "cpu")


def is_compiled_with_cuda():
    return os.environ.get("TOY_PADDLE_CUDA") == "1"


def enable_static():
    pass


@contextlib.contextmanager
def no_grad():
    yield


unique_name = types.SimpleNamespace(guard=contextlib.nullcontext)
utils = types.SimpleNamespace(unique_name=unique_name)
framework = types.SimpleNamespace(core=types.SimpleNamespace(Scope=object))
