"""Numbers in the shade of a larger one: so far below it that the absolute tolerance would hide a wrong one.

One element near zero among large ones may be off by rounding at the size of the others: that is what the absolute
tolerance is for. But where most elements lie in its shade, it hides the output, and they are held against themselves.
"""

from collections.abc import Iterator

import numpy as np

from lab.compare.arrays import StoredArray
from lab.compare.gap import Values
from lab.compare.piece import widen
from lab.compare.products import UNIT
from lab.compare.scale import roundoff
from lab.model import Grade

FEW = 8
"""Fewer elements than these are no crowd: they may all be cancellation."""

FAR = 0.4
"""Root mean square error against root mean square value, from which on they are not the same numbers: one half is 0.5."""

_LOOKS = 64
_ROUNDINGS = 4


def in_shade(expected: StoredArray, seen: StoredArray, atol: float, size: float) -> tuple[Grade, float] | None:
    """Grade an output by its small elements, where they are the most of it and are not what they should be.

    `atol` is the bound that hides them, `size` the magnitude of the largest element. Gives the grade and the share of
    elements that are off by more than `FAR` of themselves: mismatch, or undecided where the errors are within a few
    roundings at `size`, which the dtype cannot tell from rounding. Outputs of up to 64 units are looked at whole, of
    larger ones 64 units evenly spread.
    """
    b, a = _sample(expected, seen)
    small = (b > 0) & (b <= atol)
    count = int(np.count_nonzero(small))
    if count < FEW or 2 * count <= np.count_nonzero(b):
        return None
    error, value = a[small], b[small]
    unit = value.max()
    wrong, right = (float(np.sqrt(np.mean(np.square(one / unit)))) for one in (error, value))
    if wrong <= FAR * right:
        return None
    told = wrong * unit > _ROUNDINGS * roundoff(expected.kind) * size
    return (Grade.MISMATCH if told else Grade.UNDECIDED), float(np.count_nonzero(error > FAR * value) / b.size)


def _sample(expected: StoredArray, seen: StoredArray) -> tuple[Values, Values]:
    """Read |b| and |a-b| in float64, of what is finite on both sides."""
    sizes, errors = [], []
    for start, stop in _looks(expected.size):
        b, a = (widen(side.read(start, stop), side.kind) for side in (expected, seen))
        wide = np.complex128 if b.dtype.kind == "c" else np.float64
        b, a = b.astype(wide), a.astype(wide)
        usable = np.isfinite(b) & np.isfinite(a)
        sizes.append(np.abs(b[usable]))
        errors.append(np.abs(a[usable] - b[usable]))
    return np.concatenate(sizes), np.concatenate(errors)


def _looks(size: int) -> Iterator[tuple[int, int]]:
    """The stretches to read: all there is, or evenly spread ones."""
    if size <= _LOOKS * UNIT:
        yield 0, size
        return
    for number in range(_LOOKS):
        start = (size - UNIT) * number // (_LOOKS - 1)
        yield start, start + UNIT
