"""Formulas of resizing, as Paddle defines them: with the ratio in float32, as its kernels have it."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from lab.formulas import reference
from lab.formulas.arrays import Array, Integers, NoFormulaError, bearable, integers, roomy, spatial

_cubics = np.vectorize(partial(reference.kernel, "cubic"), otypes=[np.float64])


def resize(
    x: Array, out_size: Integers | None = None, size_tensor: Integers | None = None, scale_tensor: Array | None = None, *,
    data_format: str = "NCHW", out_d: int = -1, out_h: int = -1, out_w: int = -1, scale: Sequence[float] = (),
    interp_method: str = "bilinear", align_corners: bool = True, align_mode: int = 1,
) -> Array:  # fmt: skip
    """To a size or by factors, one axis after the other."""
    last = spatial(data_format, x.ndim)
    found = np.moveaxis(x, -1, 1) if last else x
    lengths = found.shape[2:]
    factors = _factors(
        scale if scale_tensor is None else [float(one) for one in scale_tensor.reshape(-1)], len(lengths)
    )
    sizes: tuple[int, ...] = (out_d, out_h, out_w)[-len(lengths) :]
    if factors:
        sizes = tuple(int(length * one) for length, one in zip(lengths, factors, strict=True))
    sizes = integers(out_size) if out_size is not None else sizes
    if size_tensor is not None and integers(size_tensor):
        sizes, factors = integers(size_tensor), ()
    roomy((*found.shape[:2], *sizes))
    for axis, (length, size) in enumerate(zip(lengths, sizes, strict=True)):
        factor = np.float32(factors[axis]) if factors else np.float32(0)
        ratio = np.float32(0)
        if size > 1:
            even = np.float32(1) / factor if factor > 0 else np.float32(length) / np.float32(size)
            ratio = np.float32(length - 1) / np.float32(size - 1) if align_corners else even
        rule = _RULES.get(interp_method)
        if rule is None:
            raise NoFormulaError(f"resizes by {interp_method!r}")
        taps = rule(length, size, ratio, align_corners, align_mode)
        found = _mixed(found, axis + 2, taps)
    return np.moveaxis(found, 1, -1) if last else found


def _factors(scale: Sequence[float], rank: int) -> tuple[float, ...]:
    found = tuple(scale) * rank if len(scale) == 1 else tuple(scale)
    return found if found and all(one > 0 for one in found) else ()


Taps = list[tuple[Array, Array]]
"""For each neighbour of every place: which element it is, and how much of it counts."""


def _mixed(x: Array, axis: int, taps: Taps) -> Array:
    bearable(x.size * len(taps) * len(taps[0][0]))
    shape = [1] * x.ndim
    shape[axis] = -1
    return sum(np.take(x, index, axis=axis) * weight.reshape(shape) for index, weight in taps)  # type: ignore[return-value]


def _nearest(length: int, size: int, ratio: np.float32, align_corners: bool, _mode: int) -> Taps:  # noqa: FBT001
    places = ratio * np.arange(size, dtype=np.float32)
    index = np.floor(places + np.float32(0.5)) if align_corners else np.floor(places)
    return [(np.clip(index.astype(np.int64), 0, length - 1), np.ones(size))]


def _linear(length: int, size: int, ratio: np.float32, align_corners: bool, mode: int) -> Taps:  # noqa: FBT001
    steps = np.arange(size, dtype=np.float32)
    centred = mode == 0 and not align_corners
    places = np.maximum(ratio * (steps + np.float32(0.5)) - np.float32(0.5), 0) if centred else ratio * steps
    low = np.clip(np.floor(places).astype(np.int64), 0, length - 1)
    share = (places - low).astype(np.float64)
    return [(low, 1 - share), (np.minimum(low + 1, length - 1), share)]


def _cubic(length: int, size: int, ratio: np.float32, align_corners: bool, _mode: int) -> Taps:  # noqa: FBT001
    steps = np.arange(size, dtype=np.float32)
    places = ratio * steps if align_corners else ratio * (steps + np.float32(0.5)) - np.float32(0.5)
    low = np.floor(places)
    share = (places - low).astype(np.float64)
    weights = [_cubics(np.abs(share + far)) for far in (1, 0, -1, -2)]
    return [
        (np.clip(low.astype(np.int64) + offset, 0, length - 1), weight)
        for offset, weight in zip((-1, 0, 1, 2), weights, strict=True)
    ]


_RULES = {"nearest": _nearest, "linear": _linear, "bilinear": _linear, "trilinear": _linear, "bicubic": _cubic}


def grid_sample(
    x: Array, grid: Array, mode: str = "bilinear", padding_mode: str = "zeros", *, align_corners: bool = True
) -> Array:  # fmt: skip
    """What lies at the places of a grid, zeros outside."""
    if x.ndim != 4 or mode != "bilinear" or padding_mode != "zeros":  # noqa: PLR2004
        raise NoFormulaError(f"samples by {mode!r} with {padding_mode!r}")
    height, width = x.shape[2:]
    across, down = (
        (place + 1) / 2 * (length - 1) if align_corners else ((place + 1) * length - 1) / 2
        for place, length in ((grid[..., 0], width), (grid[..., 1], height))
    )
    found = np.zeros(roomy((*x.shape[:2], *grid.shape[1:3])))
    left, top = np.floor(across).astype(np.int64), np.floor(down).astype(np.int64)
    batch = np.arange(len(x))[:, None, None]
    for column, row in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        weight = (1 - np.abs(across - column)) * (1 - np.abs(down - row)) * inside
        part = x[batch, :, np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
        found += np.moveaxis(part, -1, 1) * weight[:, None]
    return found


def places_of(theta: Array, output_shape: Integers, *, align_corners: bool = True) -> Array:
    """The grid that an affine map makes."""
    batch, _, height, width = integers(output_shape)
    roomy((batch, height, width, 2))
    down, across = (_line(length, align_corners=align_corners) for length in (height, width))
    rows, columns = np.meshgrid(down, across, indexing="ij")
    base = np.stack([columns, rows, np.ones_like(rows)], axis=-1).reshape(1, -1, 3)
    return np.asarray(np.matmul(base, np.swapaxes(theta, 1, 2)).reshape(batch, height, width, 2))


def _line(length: int, *, align_corners: bool) -> Array:
    if align_corners:
        return np.linspace(-1, 1, length) if length > 1 else np.zeros(1)
    return (2 * np.arange(length) + 1) / length - 1
