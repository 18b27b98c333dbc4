"""How far two pieces are apart: errors, peaks and counts in float64, units in the last place on the bits."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.compare.tolerance import Tier, Tiers

Values = np.ndarray[Any, np.dtype[Any]]


class Buffers:
    """The working memory of a comparison, lent again and again: fresh memory costs more than the arithmetic done in it."""

    def __init__(self) -> None:
        self._held: dict[str, Values] = {}

    def take(self, name: str, size: int, dtype: Any) -> Values:
        """Lend an uninitialised array; the same name gives the same memory again."""
        wanted = size * np.dtype(dtype).itemsize
        held = self._held.get(name)
        if held is None or held.size < wanted:
            held = self._held[name] = np.empty(wanted, np.uint8)
        return held[:wanted].view(dtype)


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The largest value met and the flat index where it was met first; an index of -1 means none."""

    value: float = 0.0
    index: int = -1


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How far the finite elements are apart: how many are outside the bounds, the peaks, the largest ULP distance.

    `from_zero` says that a reference of zero has a candidate that is not, so that no relative error covers it.
    """

    outside_close: int = 0
    outside_loose: int = 0
    absolute: Peak = Peak()
    relative: Peak = Peak()
    from_zero: bool = False
    ulp: int = 0


@dataclass(frozen=True, kw_only=True)
class PeaksSoFar:
    """The largest values of the pieces before: a piece that stays below them changes nothing by saying less exactly."""

    absolute: float = 0.0
    relative: float = 0.0
    ulp: int = 0


def measure_gap(b: Values, error: Values, start: int, tiers: Tiers, ulp: int, buffers: Buffers) -> Gap:
    """Measure finite errors |a-b| in float64 against the reference b, beginning at flat index `start`."""
    size = np.abs(b, out=buffers.take("size", b.size, np.float64))
    close, loose = outside(error, size, tiers, buffers)
    relative, from_zero = _relative(error, size, start, buffers)
    return Gap(
        outside_close=close,
        outside_loose=loose,
        absolute=peak(error, start),
        relative=relative,
        from_zero=from_zero,
        ulp=ulp,
    )


def peak(values: Values, start: int) -> Peak:
    """Find the largest value, first met; none where all are zero."""
    index = int(values.argmax())
    value = float(values[index])
    return Peak(value=value, index=start + index) if value > 0 else Peak()


def outside(error: Values, size: Values, tiers: Tiers, buffers: Buffers) -> tuple[int, int]:
    """Count the elements outside close, and those of them outside the loose bounds too; `size` is |b|."""
    # The bound of every element is at least atol.
    if error.max(initial=0) <= tiers.close.atol:
        return 0, 0
    wrong = np.greater(error, _bound(size, tiers.close, buffers), out=buffers.take("mask", error.size, np.bool_))
    close = int(np.count_nonzero(wrong))
    if not close:
        return 0, 0
    return close, int(np.count_nonzero(wrong & (error > _bound(size, tiers.loose, buffers))))


def _bound(size: Values, tier: Tier, buffers: Buffers) -> Values:
    bound = np.multiply(size, tier.rtol, out=buffers.take("bound", size.size, np.float64))
    bound += tier.atol
    return bound


def _relative(error: Values, size: Values, start: int, buffers: Buffers) -> tuple[Peak, bool]:
    """Find the largest |a-b|/|b| among elements whose reference is not zero."""
    ratio = np.divide(error, size, out=buffers.take("bound", size.size, np.float64))
    if size.min() > 0:
        return peak(ratio, start), False
    zero = np.equal(size, 0, out=buffers.take("mask", size.size, np.bool_))
    from_zero = bool(np.any(error, where=zero))
    np.copyto(ratio, 0, where=zero)
    return peak(ratio, start), from_zero


def ulp_distance(b: Values, a: Values, buffers: Buffers) -> int:
    """Count the representable numbers between both sides, given as signed bits, where they are furthest apart.

    -0.0 and 0.0 are one number.
    """
    apart = np.bitwise_xor(a, b, out=buffers.take("bits", b.size, b.dtype))
    through = 0
    if apart.min(initial=0) < 0:
        through = _through_zero(a, b, apart < 0)
        span = np.where(apart < 0, 0, a - b)
    else:
        span = np.subtract(a, b, out=apart)
    return max(through, int(np.abs(span, out=span).max(initial=0)))


def _through_zero(a: Values, b: Values, apart: Values) -> int:
    """With different signs the way leads through zero: both magnitudes add up."""
    largest = np.iinfo(b.dtype).max
    ways = (a[apart] & largest).astype(np.uint64) + (b[apart] & largest).astype(np.uint64)
    return int(ways.max())
