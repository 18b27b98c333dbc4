"""Numbers that take the place of the user's: drawn from a seed with the same spread, or one number everywhere.

`numpy.random.RandomState` gives the same numbers in every numpy, so a script that draws them anew has the same tensors.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.formats.tensor_writer import NewTensor
from lab.model.reduction import Filling, FillKind

Array = np.ndarray[Any, np.dtype[Any]]
_DIGITS = 3
PIECE = 1 << 20
"""Numbers that are drawn at once."""
_STORED = {"bfloat16": "uint16"}
_KINDS = re.compile(r"^(float16|float32|float64|u?int8|u?int16|u?int32|u?int64|bool)$")


def fillable(dtype: str) -> bool:
    """Whether numbers of this element type can be made here; others are kept."""
    return _KINDS.fullmatch(dtype) is not None


def spread(array: Array, seed: int) -> Filling:
    """How a tensor with the same spread is drawn: its figures with three digits, so that no number of it is in them."""
    values = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    if not values.size:
        return Filling(kind=FillKind.CONSTANT)
    wide = values.astype(np.float64)
    low, high = float(wide.min()), float(wide.max())
    if low == high:
        return Filling(kind=FillKind.CONSTANT, value=low if array.dtype.kind in "iub" else _rounded(low, 2))
    figures = (float(wide.mean()), float(wide.std()), low, high)
    mean, deviation, low, high = figures if array.dtype.kind in "iub" else (_rounded(one, _DIGITS) for one in figures)
    return Filling(kind=FillKind.SEEDED, seed=seed, mean=_rounded(mean, _DIGITS), deviation=_rounded(deviation, _DIGITS), low=low, high=high)  # fmt: skip


def constant(one: Filling) -> Filling:
    """The one number that is tried in the place of a drawn tensor: about its mean, and never 0 where all of it is above 0."""
    value = _rounded(one.mean, 1)
    if one.low > 0 and value <= 0:
        value = 1.0
    return Filling(kind=FillKind.CONSTANT, value=value)


def filled(one: Filling, dtype: str, shape: tuple[int, ...]) -> Array:
    """The tensor that a filling makes; the reduced script draws it by the very same lines."""
    count = math.prod(shape)
    parts = [*_drawn(one, dtype, count)]
    return np.concatenate(parts).reshape(shape) if parts else np.zeros(shape, dtype)


def _drawn(one: Filling, dtype: str, count: int) -> Iterator[Array]:
    """So many numbers in their order, a piece at a time: pieces drawn one after another are what is drawn at once."""
    kind = np.dtype(dtype)
    rng = np.random.RandomState(one.seed)
    for at in range(0, count, PIECE):
        size = min(PIECE, count - at)
        if one.kind is FillKind.CONSTANT:
            yield np.full(size, one.value).astype(kind)
        elif kind.kind == "f":
            yield np.clip(rng.normal(one.mean, one.deviation, size), one.low, one.high).astype(kind)
        else:
            yield rng.randint(int(one.low), int(one.high) + 1, size).astype(kind)


@dataclass(frozen=True, kw_only=True)
class DrawnPieces:
    """The bytes of a filled tensor as a parameter file has it, made while they are gone through: none is ever whole in memory."""

    filling: Filling
    dtype: str
    count: int

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, piece by piece."""
        for part in _drawn(self.filling, self.dtype, self.count):
            yield part.astype(stored_as(self.dtype)).tobytes()


def tensor(one: Filling, dtype: str, shape: tuple[int, ...]) -> NewTensor:
    """A filled tensor as a parameter file has it."""
    return NewTensor(dtype=dtype, shape=shape, data=DrawnPieces(filling=one, dtype=dtype, count=math.prod(shape)))


def stored_as(dtype: str) -> "np.dtype[Any]":
    """How numpy holds an element type as it lies in a parameter file."""
    return np.dtype(_STORED.get(dtype, dtype)).newbyteorder("<")


def _rounded(value: float, digits: int) -> float:
    if not value or not math.isfinite(value):
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
