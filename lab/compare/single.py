"""The gap of float32 pieces, most of it in float32, with the very result float64 gives.

Rounding keeps order: what float32 puts clearly below the largest is below it in float64 too. So float32 finds the few
elements that can decide, and float64 decides. Where that cannot be promised (NaN, Inf, overflow, odd tolerances, very
small ratios, too many candidates) the answer is None and the caller does it all in float64.
"""

import math
from typing import Any

import numpy as np

from lab.compare.gap import Buffers, Gap, Known, Peak, Values, outside, peak, ulp_distance
from lab.compare.tolerance import Tier, Tiers

# Four roundings to float32 stay below 3e-7; the margins are wider.
_BELOW = 1 - 1e-6
_LEAST_RATIO = 1e-30
_SHARE = 8
_SAME_SIGN = 0.25


def single_gap(b: Values, a: Values, start: int, tiers: Tiers, known: Known, buffers: Buffers) -> Gap | None:
    """Measure a float32 piece; None where float64 has to do it. Peaks below what is known already are left out."""
    error = np.subtract(a, b, out=buffers.take("error32", b.size, np.float32))
    np.abs(error, out=error)
    top = float(error.max())
    if not math.isfinite(top) or not _tame(tiers.close):
        return None
    size = np.abs(b, out=buffers.take("size32", b.size, np.float32))
    counts = _outside(b, a, error, size, tiers, buffers)
    ratio = _ratio(error, size, buffers)
    if counts is None or ratio is None:
        return None
    ratios, highest, from_zero = ratio
    absolute = relative = Peak()
    if highest and highest >= known.relative * _BELOW:
        near = np.greater_equal(ratios, np.float32(highest * _BELOW), out=_mask(b, buffers))
        relative = _largest(b, a, near, start, relative=True)
    if top >= known.absolute * _BELOW:
        absolute = _largest(b, a, np.equal(error, top, out=_mask(b, buffers)), start, relative=False)
    # Where no sign changes, numbers r apart have less than r * 2**25 numbers between them.
    few = not from_zero and highest < _SAME_SIGN and highest * 2**25 < known.ulp
    ulp = 0 if few else ulp_distance(b.view(np.int32), a.view(np.int32), None, buffers)
    return Gap(
        outside_close=counts[0],
        outside_loose=counts[1],
        absolute=absolute,
        relative=relative,
        from_zero=from_zero,
        ulp=ulp,
    )


def _tame(tier: Tier) -> bool:
    """Whether a bound can neither overflow nor vanish in float32."""
    return 0 <= tier.rtol <= 0.5 and 1e-30 <= tier.atol <= 1e30  # noqa: PLR2004 - half of float32's range, and far inside it


def _mask(like: Values, buffers: Buffers) -> Values:
    return buffers.take("mask", like.size, np.bool_)


def _exact(b: Values, a: Values, where: Values) -> tuple[Values, Values]:
    """Take |a-b| and |b| of a few elements in float64."""
    wide = b[where].astype(np.float64)
    return np.abs(a[where] - wide), np.abs(wide)


def _largest(b: Values, a: Values, candidates: Values, start: int, *, relative: bool) -> Peak:
    """Decide in float64 among the candidates that float32 left."""
    where = np.flatnonzero(candidates)
    if not where.size:
        return Peak()
    error, size = _exact(b, a, where)
    found = peak(error / size if relative else error, 0)
    return Peak(value=found.value, index=start + int(where[found.index])) if found.index >= 0 else Peak()


def _outside(b: Values, a: Values, error: Values, size: Values, tiers: Tiers, buffers: Buffers) -> Any:
    """Count what is outside the bounds: everything clearly inside in float32 is left out first."""
    if float(error.max()) <= tiers.close.atol * _BELOW:
        return 0, 0
    bound = np.multiply(size, np.float32(tiers.close.rtol * _BELOW), out=buffers.take("ratio32", size.size, np.float32))
    bound += np.float32(tiers.close.atol * _BELOW)
    near = np.greater(error, bound, out=_mask(error, buffers))
    count = int(np.count_nonzero(near))
    if count > error.size // _SHARE:
        return None
    return outside(*_exact(b, a, np.flatnonzero(near)), tiers, buffers) if count else (0, 0)


def _ratio(error: Values, size: Values, buffers: Buffers) -> tuple[Values, float, bool] | None:
    """Divide |a-b| by |b|: the ratios, the highest (0 where none), and whether a reference of zero has an error."""
    ratio = np.divide(error, size, out=buffers.take("ratio32", size.size, np.float32))
    top, from_zero = float(np.fmax.reduce(ratio)), False
    if math.isinf(top):
        zero = np.equal(size, 0, out=_mask(size, buffers))
        from_zero = bool(np.any(error, where=zero))
        np.copyto(ratio, 0, where=zero)
        top = float(np.fmax.reduce(ratio))
    # NaN is left only where every element is zero on both sides; a ratio of zero is no candidate.
    if math.isnan(top) or not top:
        return ratio, 0.0, from_zero
    return None if math.isinf(top) or top < _LEAST_RATIO else (ratio, top, from_zero)
