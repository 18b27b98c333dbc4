"""Formulas that put numbers to a mean of 0 and a deviation of 1."""

import numpy as np

from lab.formulas import reference
from lab.formulas.arrays import Array, NoFormulaError, spatial


def _weights(**given: Array | None) -> dict[str, Array]:
    """What is given of a norm's numbers, by the names that a net has for them."""
    return {name: one for name, one in given.items() if one is not None}


def batch_norm(
    x: Array, mean: Array, variance: Array, scale: Array | None, bias: Array | None, *,
    is_test: bool = False, epsilon: float = 1e-5, data_format: str = "NCHW", use_global_stats: bool = False,
    trainable_statistics: bool = False,
) -> Array:  # fmt: skip
    """By the statistics that were learned."""
    if not (is_test or use_global_stats) or trainable_statistics:
        raise NoFormulaError("is in training")
    last = spatial(data_format, x.ndim)
    weights = _weights(_mean=mean, _variance=variance, weight=scale, bias=bias)
    found = reference.batch_norm(np.moveaxis(x, -1, 1) if last else x, weights, epsilon)
    return np.moveaxis(found, 1, -1) if last else np.asarray(found)


def layer_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5, begin_norm_axis: int = 1
) -> Array:  # fmt: skip
    """Over the axes from one on."""
    weights = {name: one.reshape(x.shape[begin_norm_axis:]) for name, one in _weights(weight=scale, bias=bias).items()}
    return np.asarray(reference.normal(x, tuple(range(begin_norm_axis, x.ndim)), weights, epsilon=epsilon))


def group_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5, groups: int = -1,
    data_format: str = "NCHW",
) -> Array:  # fmt: skip
    """Over groups of channels."""
    last = spatial(data_format, x.ndim)
    moved = np.moveaxis(x, -1, 1) if last else x
    even = reference.normal(moved.reshape(len(x), groups, -1), 2, epsilon=epsilon).reshape(moved.shape)
    found = reference.scaled(even, _weights(weight=scale, bias=bias), 1)
    return np.moveaxis(found, 1, -1) if last else np.asarray(found)


def instance_norm(x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5) -> Array:
    """Over each channel of each."""
    return group_norm(x, scale, bias, epsilon, groups=x.shape[1])
