"""One piece of two arrays of the same shape and dtype: everything about it that later adds up to metrics.

All arithmetic is in float64 (complex128 for complex numbers), or in float32 where that gives what float64 would.
"""

from dataclasses import dataclass

import numpy as np

from lab.compare.gap import Buffers, Gap, PeaksSoFar, Values, measure_gap, ulp_distance
from lab.compare.odd import NOWHERE, Odd, odd_among, odd_at, odd_places, set_aside
from lab.compare.products import Sums, products
from lab.compare.rows import Rows, rows_of
from lab.compare.single import single_error, single_gap
from lab.compare.tolerance import Tiers


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What one piece adds; `sample` holds the absolute errors of the elements that are sampled."""

    equal: bool
    odd: Odd
    gap: Gap
    sums: Sums
    sample: Values
    rows: Rows | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is the same for all pieces of one output: dtype name, bounds, how many elements lie between sampled ones.

    `width` is the length of the last axis where argmax has a meaning, else 0; `single` allows float32 arithmetic.
    """

    kind: str
    tiers: Tiers
    stride: int
    width: int
    single: bool


def measure(reference: Values, candidate: Values, start: int, plan: Plan, known: PeaksSoFar, buffers: Buffers) -> Piece:
    """Measure one piece that starts at flat index `start`; both sides have one size and dtype."""
    # Bytes decide what is exact: they tell -0.0 from 0.0, and one NaN from another.
    equal = _same_bytes(reference, candidate, buffers)
    b = widen(reference, plan.kind)
    a = b if equal else widen(candidate, plan.kind)
    rows = rows_of(b, a, start, plan.width) if plan.width else None
    with np.errstate(all="ignore"):
        parts = _in_single(b, a, start, plan, known, buffers) if plan.single else None
        odd, gap, sums, sample = parts or _in_double(reference, candidate, start, plan, buffers)
    return Piece(equal=equal, odd=odd, gap=Gap() if equal else gap, sums=sums, sample=sample, rows=rows)


def widen(values: Values, kind: str) -> Values:
    """Give bfloat16, which arrives as uint16, its values: it is the upper half of a float32."""
    if kind != "bfloat16":
        return values
    return (values.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _same_bytes(b: Values, a: Values, buffers: Buffers) -> bool:
    """Compare bytes, eight at a time where they come out even; a look at the beginning settles most pieces that differ."""
    left, right = b.view(np.uint8), a.view(np.uint8)
    few = min(left.size, 512)
    if not np.array_equal(left[:few], right[:few]):
        return False
    if left.size % 8 == 0:
        left, right = left.view(np.uint64), right.view(np.uint64)
    mask = buffers.take("mask", left.size, np.bool_)
    return bool(np.equal(left, right, out=mask).all())


def _in_single(
    b: Values, a: Values, start: int, plan: Plan, known: PeaksSoFar, buffers: Buffers
) -> tuple[Odd, Gap, Sums, Values] | None:
    """Measure a float32 piece in float32, `a is b` where it is equal; None where float64 has to do it."""
    if a is b:
        return _equal_in_single(b, start, plan)
    error, where = single_error(b, a, buffers), NOWHERE
    odd = Odd()
    if not np.isfinite(error.max()):
        where = odd_among(error, b, a)
        odd = odd_at(b, a, where, start)
    with set_aside(where, b, a, error):
        gap = single_gap(b, a, error, start, plan.tiers, known, buffers)
        if gap is None:
            return None
        taken = slice(-start % plan.stride, None, plan.stride)
        sample = np.abs(a[taken].astype(np.float64) - b[taken])
        return odd, gap, products(b, a), _sampled(sample, where, start, plan.stride)


def _equal_in_single(b: Values, start: int, plan: Plan) -> tuple[Odd, Gap, Sums, Values]:
    """Measure a float32 piece that is equal on both sides: only its length and what is not finite are left to find."""
    sums, where = products(b, b), NOWHERE
    if not np.isfinite(sums[0]).all():
        where = odd_places(b, b)
        with set_aside(where, b):
            sums = products(b, b)
    zeros = np.zeros(len(range(-start % plan.stride, b.size, plan.stride)))
    return odd_at(b, b, where, start), Gap(), sums, _sampled(zeros, where, start, plan.stride)


def _in_double(
    reference: Values, candidate: Values, start: int, plan: Plan, buffers: Buffers
) -> tuple[Odd, Gap, Sums, Values]:
    """Measure any piece in float64, setting aside what is not finite."""
    narrow = widen(reference, plan.kind), widen(candidate, plan.kind)
    b, a = _to_float(narrow[0], "b", buffers), _to_float(narrow[1], "a", buffers)
    error = _error(*narrow, b, a, buffers)
    where = NOWHERE if np.isfinite(error.max()) else odd_places(b, a)
    odd = odd_at(b, a, where, start)
    for values in (b, a, error):
        values[where] = 0
    gap = measure_gap(b, error, start, plan.tiers, _ulp(reference, candidate, where, plan.kind, buffers), buffers)
    # Of one output all products are summed in one way, or the size of pieces would show in the cosine.
    sums = products(b.astype(np.float32), a.astype(np.float32)) if plan.single else products(b, a)
    sample = error[-start % plan.stride :: plan.stride].copy()
    return odd, gap, sums, _sampled(sample, where, start, plan.stride)


def _to_float(values: Values, name: str, buffers: Buffers) -> Values:
    wide = buffers.take(name, values.size, np.complex128 if values.dtype.kind == "c" else np.float64)
    np.copyto(wide, values)
    return wide


def _error(narrow_b: Values, narrow_a: Values, b: Values, a: Values, buffers: Buffers) -> Values:
    """Take |a-b|; integers are subtracted as integers, because float64 cannot tell large ones apart."""
    error = buffers.take("error", b.size, np.float64)
    if narrow_b.dtype.kind == "f":
        np.subtract(a, b, out=error)
        np.abs(error, out=error)
    elif narrow_b.dtype.kind == "c":
        np.abs(a - b, out=error)
    elif narrow_b.dtype.kind == "b":
        np.copyto(error, narrow_a != narrow_b)
    else:
        # Wrapping around in the unsigned type of the same width gives the true distance.
        unsigned = f"u{narrow_b.dtype.itemsize}"
        high, low = np.maximum(narrow_a, narrow_b), np.minimum(narrow_a, narrow_b)
        np.copyto(error, high.view(unsigned) - low.view(unsigned))
    return error


def _ulp(reference: Values, candidate: Values, where: Values, kind: str, buffers: Buffers) -> int:
    """Count the units in the last place; what is not finite has none."""
    if reference.dtype.kind not in "fc" and kind != "bfloat16":
        return 0
    parts = 2 if reference.dtype.kind == "c" else 1
    left, right = (side.view(f"i{reference.dtype.itemsize // parts}") for side in (reference, candidate))
    with set_aside(where, reference, candidate):
        return ulp_distance(left, right, buffers)


def _sampled(sample: Values, where: Values, start: int, stride: int) -> Values:
    """Take out of a piece's sample what cannot be compared."""
    if not where.size:
        return sample
    among = where[(where + start) % stride == 0]
    return np.delete(sample, (among - -start % stride) // stride)
