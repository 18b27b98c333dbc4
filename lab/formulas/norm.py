"""Formulas that put numbers to a mean of 0 and a deviation of 1."""

import math

import numpy as np

from lab.formulas.arrays import Array, NoFormulaError, spatial


def _wide(one: Array | None, rank: int, *, last: bool) -> Array | None:
    """A number for each channel, in a shape that lies along them."""
    if one is None or last:
        return one
    return one.reshape(-1, *(1,) * (rank - 2))


def _scaled(x: Array, scale: Array | None, bias: Array | None, *, last: bool) -> Array:
    factor, shift = (_wide(one, x.ndim, last=last) for one in (scale, bias))
    x = x if factor is None else x * factor
    return x if shift is None else x + shift


def batch_norm(
    x: Array, mean: Array, variance: Array, scale: Array | None, bias: Array | None, *,
    is_test: bool = False, epsilon: float = 1e-5, data_format: str = "NCHW",
    use_global_stats: bool = False, trainable_statistics: bool = False,
) -> Array:  # fmt: skip
    """By the statistics that were learned."""
    if not (is_test or use_global_stats) or trainable_statistics:
        raise NoFormulaError("is in training")
    last = spatial(data_format, x.ndim) or x.ndim == 2  # noqa: PLR2004 - batch and channels alone
    centre = _scaled(x, None, -mean, last=last)
    return _scaled(centre, 1 / np.sqrt(variance + epsilon) * (1 if scale is None else scale), bias, last=last)


def layer_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5, begin_norm_axis: int = 1
) -> Array:  # fmt: skip
    """Over the axes from one on."""
    rows = x.reshape(math.prod(x.shape[:begin_norm_axis]), -1)
    found = (rows - rows.mean(axis=1, keepdims=True)) / np.sqrt(rows.var(axis=1, keepdims=True) + epsilon)
    found = found if scale is None else found * scale.reshape(-1)
    return np.asarray((found if bias is None else found + bias.reshape(-1)).reshape(x.shape))


def group_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5, groups: int = -1,
    data_format: str = "NCHW",
) -> Array:  # fmt: skip
    """Over groups of channels."""
    last = spatial(data_format, x.ndim)
    moved = np.moveaxis(x, -1, 1) if last else x
    rows = moved.reshape(len(x), groups, -1)
    found = (rows - rows.mean(axis=2, keepdims=True)) / np.sqrt(rows.var(axis=2, keepdims=True) + epsilon)
    found = _scaled(found.reshape(moved.shape), scale, bias, last=False)
    return np.moveaxis(found, 1, -1) if last else found


def instance_norm(x: Array, scale: Array | None = None, bias: Array | None = None, epsilon: float = 1e-5) -> Array:
    """Over each channel of each."""
    return group_norm(x, scale, bias, epsilon, groups=x.shape[1])
