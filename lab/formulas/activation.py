"""Formulas of activations and of softmax."""

import math

import numpy as np

from lab.formulas import reference
from lab.formulas.arrays import Array, NoFormulaError, axis_of, spatial
from lab.formulas.reference import erf, sigmoid


def relu(x: Array) -> Array:
    """Nothing below zero."""
    return np.maximum(x, 0)


def relu6(x: Array, threshold: float = 6.0) -> Array:
    """From 0 to 6."""
    return np.clip(x, 0, threshold)


def leaky_relu(x: Array, negative_slope: float = 0.02) -> Array:
    """A slope below zero."""
    return np.where(x > 0, x, negative_slope * x)


def prelu(x: Array, alpha: Array, data_format: str = "NCHW", mode: str = "all") -> Array:
    """A slope below zero that was learned: one for all, for each channel, or for each element."""
    if mode == "channel":
        last = spatial(data_format, x.ndim)
        alpha = alpha.reshape(-1) if last else alpha.reshape(-1, *(1,) * (x.ndim - 2))
    elif mode == "element":
        alpha = alpha.reshape(x.shape[1:])
    elif mode != "all":
        raise NoFormulaError(f"has the mode {mode!r}")
    return np.where(x > 0, x, alpha * x)


def elu(x: Array, alpha: float = 1.0) -> Array:
    """An exponential below zero."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def selu(x: Array, scale: float = 1.0507009873554805, alpha: float = 1.6732632423543772) -> Array:
    """A scaled one."""
    return scale * elu(x, alpha)


def celu(x: Array, alpha: float = 1.0) -> Array:
    """A smooth one."""
    return np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(np.minimum(x, 0) / alpha))


def gelu(x: Array, *, approximate: bool = False) -> Array:
    """The number times the normal distribution's share below it, or Paddle's approximation of that by tanh."""
    if approximate:
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + erf(x / math.sqrt(2))))


def silu(x: Array) -> Array:
    """The number times its sigmoid."""
    return np.asarray(x * sigmoid(x))


def swish(x: Array, beta: float = 1.0) -> Array:
    """The number times the sigmoid of a multiple of it."""
    return np.asarray(x * sigmoid(beta * x))


def logsigmoid(x: Array) -> Array:
    """The logarithm of the sigmoid."""
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """A smooth relu; the number itself from a threshold on."""
    scaled = beta * x
    return np.where(scaled > threshold, x, np.log1p(np.exp(np.minimum(scaled, threshold))) / beta)


def mish(x: Array, **settings: float) -> Array:
    """The number times the tanh of its softplus."""
    return x * np.tanh(softplus(x, 1.0, settings.get("lambda", 20.0)))


def hardswish(x: Array, threshold: float = 6.0, scale: float = 6.0, offset: float = 3.0) -> Array:
    """A swish of straight lines."""
    return x * np.clip(x + offset, 0, threshold) / scale


def hardsigmoid(x: Array, slope: float = 0.2, offset: float = 0.5) -> Array:
    """A sigmoid of straight lines."""
    return np.clip(slope * x + offset, 0, 1)


def hardtanh(x: Array, t_min: float = 0.0, t_max: float = 24.0) -> Array:
    """Cut at both ends."""
    return np.clip(x, t_min, t_max)


def hardshrink(x: Array, threshold: float = 0.5) -> Array:
    """Nothing near zero."""
    return np.where(np.abs(x) > threshold, x, 0)


def softshrink(x: Array, threshold: float = 0.5) -> Array:
    """Nothing near zero, and everything else moved there."""
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


def softsign(x: Array) -> Array:
    """The number over one more than its size."""
    return np.asarray(x / (1 + np.abs(x)))


def tanh_shrink(x: Array) -> Array:
    """What tanh leaves."""
    return x - np.tanh(x)


def thresholded_relu(x: Array, threshold: float = 1.0, value: float = 0.0) -> Array:
    """Nothing below a threshold."""
    return np.where(x > threshold, x, value)


def maxout(x: Array, groups: int, axis: int = 1) -> Array:
    """The largest of each group of channels."""
    at = axis_of(axis, x.ndim)
    return np.asarray(x.reshape(*x.shape[:at], -1, groups, *x.shape[at + 1 :]).max(axis=at + 1))


def softmax(x: Array, axis: int = -1) -> Array:
    """Shares of one."""
    return np.moveaxis(reference.softmax(np.moveaxis(x, axis, -1)), -1, axis)


def log_softmax(x: Array, axis: int = -1) -> Array:
    """The logarithms of those shares."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))
