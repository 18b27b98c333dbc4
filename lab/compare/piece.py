"""One piece of two arrays of the same shape and dtype: everything about it that later adds up to metrics.

All arithmetic is in float64 (complex128 for complex numbers), or in float32 where that gives what float64 would.
"""

from dataclasses import dataclass

import numpy as np

from lab.compare.gap import Buffers, Gap, Known, Values, measure_gap, ulp_distance
from lab.compare.products import Sums, products
from lab.compare.rows import Rows, rows_of
from lab.compare.single import single_gap
from lab.compare.tolerance import Tiers


@dataclass(frozen=True, kw_only=True)
class Odd:
    """NaN and Inf in one piece, as (reference, candidate), and where the sides first disagree on them (-1: nowhere)."""

    nan: tuple[int, int] = (0, 0)
    inf: tuple[int, int] = (0, 0)
    nan_differ: int = 0
    inf_differ: int = 0
    first: int = -1


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


def measure(reference: Values, candidate: Values, start: int, plan: Plan, known: Known, buffers: Buffers) -> Piece:
    """Measure one piece that starts at flat index `start`; both sides have one size and dtype."""
    b, a = widen(reference, plan.kind), widen(candidate, plan.kind)
    rows = rows_of(b, a, start, plan.width) if plan.width else None
    # Bytes decide what is exact: they tell -0.0 from 0.0, and one NaN from another.
    equal = _same_bytes(reference, candidate, buffers)
    with np.errstate(all="ignore"):
        parts = _in_single(b, b if equal else a, start, plan, known, buffers) if plan.single else None
        odd, gap, sums, sample = parts or _in_double(reference, candidate, start, plan, buffers)
    return Piece(equal=equal, odd=odd, gap=Gap() if equal else gap, sums=sums, sample=sample, rows=rows)


def widen(values: Values, kind: str) -> Values:
    """Give bfloat16, which arrives as uint16, its values: it is the upper half of a float32."""
    if kind != "bfloat16":
        return values
    return (values.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _same_bytes(b: Values, a: Values, buffers: Buffers) -> bool:
    """Compare bytes; a look at the beginning settles most pieces that differ."""
    left, right = b.view(np.uint8), a.view(np.uint8)
    few = min(left.size, 512)
    if not np.array_equal(left[:few], right[:few]):
        return False
    mask = buffers.take("mask", left.size, np.bool_)
    return bool(np.equal(left, right, out=mask).all())


def _in_single(
    b: Values, a: Values, start: int, plan: Plan, known: Known, buffers: Buffers
) -> tuple[Odd, Gap, Sums, Values] | None:
    """Measure a finite float32 piece in float32; None where float64 has to do it."""
    if a is b:
        sums = products(b, b)
        zeros = np.zeros(len(range(-start % plan.stride, b.size, plan.stride)))
        return (Odd(), Gap(), sums, zeros) if np.isfinite(sums[0]).all() else None
    gap = single_gap(b, a, start, plan.tiers, known, buffers)
    if gap is None:
        return None
    taken = slice(-start % plan.stride, None, plan.stride)
    sample = np.abs(a[taken].astype(np.float64) - b[taken])
    return Odd(), gap, products(b, a), sample


def _in_double(
    reference: Values, candidate: Values, start: int, plan: Plan, buffers: Buffers
) -> tuple[Odd, Gap, Sums, Values]:
    """Measure any piece in float64, setting aside what is not finite."""
    narrow = widen(reference, plan.kind), widen(candidate, plan.kind)
    b, a = _to_float(narrow[0], "b", buffers), _to_float(narrow[1], "a", buffers)
    error = _error(*narrow, b, a, buffers)
    usable = None if np.isfinite(error.max()) else np.isfinite(b) & np.isfinite(a)
    odd = Odd() if usable is None else _odd(b, a, usable, start)
    if usable is not None:
        for values in (b, a, error):
            np.copyto(values, 0, where=~usable)
    gap = measure_gap(b, error, start, plan.tiers, _ulp(reference, candidate, usable, plan.kind, buffers), buffers)
    # Of one output all products are summed in one way, or the size of pieces would show in the cosine.
    sums = products(b.astype(np.float32), a.astype(np.float32)) if plan.single else products(b, a)
    return odd, gap, sums, _sample(error, usable, start, plan.stride)


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


def _odd(b: Values, a: Values, usable: Values, start: int) -> Odd:
    """Count NaN and Inf, and compare where they are; NaN goes first, so an Inf against a NaN is a NaN mismatch."""
    if usable.all():
        return Odd()
    nan_b, nan_a = np.isnan(b), np.isnan(a)
    inf_b, inf_a = np.isinf(b), np.isinf(a)
    nan_differ = nan_b != nan_a
    inf_differ = (inf_b | inf_a) & ~nan_b & ~nan_a & (a != b)
    either = nan_differ | inf_differ
    return Odd(
        nan=(int(nan_b.sum()), int(nan_a.sum())),
        inf=(int(inf_b.sum()), int(inf_a.sum())),
        nan_differ=int(nan_differ.sum()),
        inf_differ=int(inf_differ.sum()),
        first=start + int(either.argmax()) if either.any() else -1,
    )


def _ulp(reference: Values, candidate: Values, usable: Values | None, kind: str, buffers: Buffers) -> int:
    if reference.dtype.kind not in "fc" and kind != "bfloat16":
        return 0
    width = reference.dtype.itemsize // (2 if reference.dtype.kind == "c" else 1)
    return ulp_distance(reference.view(f"i{width}"), candidate.view(f"i{width}"), usable, buffers)


def _sample(error: Values, usable: Values | None, start: int, stride: int) -> Values:
    """Copy the errors at every `stride`-th flat index, of the elements that can be compared."""
    taken = slice(-start % stride, None, stride)
    return error[taken].copy() if usable is None else error[taken][usable[taken]]
