"""The gap of float32 pieces, most of it in float32, with the very result float64 gives.

Rounding keeps order: what float32 puts clearly below the largest is below it in float64 too. So float32 finds the few
elements that can decide, and float64 decides. Where that cannot be promised (overflow, odd tolerances) the answer is
None and the caller does it all in float64.
"""

import math

import numpy as np

from lab.compare.gap import Buffers, Gap, Peak, PeaksSoFar, Values, peak, ulp_distance
from lab.compare.tolerance import Tier, Tiers

# Four roundings to float32 stay below 3e-7; the margins are wider.
_BELOW = 1 - 1e-6
_ABOVE = 1 + 3e-6
_SHARE = 8
_SAME_SIGN = 0.25


def single_error(b: Values, a: Values, buffers: Buffers) -> Values:
    """Take |a-b| in float32."""
    error = np.subtract(a, b, out=buffers.take("error32", b.size, np.float32))
    return np.abs(error, out=error)


def single_gap(
    b: Values, a: Values, error: Values, start: int, tiers: Tiers, known: PeaksSoFar, buffers: Buffers
) -> Gap | None:
    """Measure a finite float32 piece; None where float64 has to do it. Peaks below what is known already are left out."""
    top = float(error.max())
    if not math.isfinite(top) or not _tame(tiers.close) or not _tame(tiers.loose):
        return None
    size = np.abs(b, out=buffers.take("size32", b.size, np.float32))
    ratios, highest, from_zero = _ratio(error, size, buffers)
    if math.isinf(highest):
        return None
    absolute = relative = Peak()
    if highest and highest >= known.relative * _BELOW:
        near = np.greater_equal(ratios, np.float32(highest * _BELOW), out=_mask(b, buffers))
        relative = _largest(b, a, near, start, relative=True)
    if top >= known.absolute * _BELOW:
        absolute = _largest(b, a, np.equal(error, top, out=_mask(b, buffers)), start, relative=False)
    reach = math.inf if from_zero else highest
    ulp = _ulp(b, a, ratios, reach, known.ulp, buffers)
    # The ratios have been used: their memory serves for the bounds.
    close, loose = _outside(b, a, error, size, reach, tiers, buffers)
    return Gap(
        outside_close=close,
        outside_loose=loose,
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


def _ratio(error: Values, size: Values, buffers: Buffers) -> tuple[Values, float, bool]:
    """Divide |a-b| by |b|: the ratios, the highest (0 where none), and whether a reference of zero has an error."""
    ratio = np.divide(error, size, out=buffers.take("ratio32", size.size, np.float32))
    top, from_zero = float(np.fmax.reduce(ratio)), False
    if math.isinf(top):
        zero = np.equal(size, 0, out=_mask(size, buffers))
        from_zero = bool(np.any(error, where=zero))
        np.copyto(ratio, 0, where=zero)
        top = float(np.fmax.reduce(ratio))
    # NaN is left only where every element is zero on both sides.
    return ratio, 0.0 if math.isnan(top) else top, from_zero


def _ulp(b: Values, a: Values, ratios: Values, reach: float, known: int, buffers: Buffers) -> int:
    """Count units in the last place where there can be more than are known; 0 says that there are not more.

    `reach` is the highest ratio. While it is below a quarter, no sign changes and at most one power of two lies between
    both sides: with a ratio of r, less than 2**24 * r / (1-r) numbers do.
    """
    left, right = b.view(np.int32), a.view(np.int32)
    if reach < math.inf:
        least = min(_SAME_SIGN, (known + 1) * (1 - min(reach, _SAME_SIGN)) * 2.0**-24) * _BELOW
        if reach < least:
            return 0
        more = np.greater_equal(ratios, np.float32(least * _BELOW), out=_mask(ratios, buffers))
        if np.count_nonzero(more) <= ratios.size // _SHARE:
            left, right = left[more], right[more]
    return ulp_distance(left, right, buffers)


def _outside(
    b: Values, a: Values, error: Values, size: Values, reach: float, tiers: Tiers, buffers: Buffers
) -> tuple[int, int]:
    """Count what is outside close, and of it what is outside the loose bounds too; `reach` is the highest ratio."""
    close = _beyond(b, a, error, size, reach, tiers.close, _mask(b, buffers), buffers)
    count = 0 if close is None else int(np.count_nonzero(close))
    if close is None or not count:
        return 0, 0
    loose = _beyond(b, a, error, size, reach, tiers.loose, buffers.take("loose", b.size, np.bool_), buffers)
    return count, 0 if loose is None else int(np.count_nonzero(np.logical_and(close, loose, out=loose)))


def _beyond(
    b: Values, a: Values, error: Values, size: Values, reach: float, tier: Tier, found: Values, buffers: Buffers
) -> Values | None:
    """Mark in `found` what is outside one bound; None where nothing is. Float64 decides what float32 leaves in doubt."""
    # What is within atol alone or within rtol alone is within both together.
    if reach <= tier.rtol * _BELOW or float(error.max()) <= tier.atol * _BELOW:
        return None
    bound = np.multiply(size, np.float32(tier.rtol * _BELOW), out=buffers.take("ratio32", size.size, np.float32))
    bound += np.float32(tier.atol * _BELOW)
    count = int(np.count_nonzero(np.greater(error, bound, out=found)))
    if not count:
        return None
    bound *= np.float32(_ABOVE)
    sure = np.greater(error, bound, out=buffers.take("sure", size.size, np.bool_))
    if int(np.count_nonzero(sure)) != count:
        doubtful = np.flatnonzero(np.not_equal(found, sure, out=sure))
        exact, wide = _exact(b, a, doubtful)
        found[doubtful] = exact > wide * tier.rtol + tier.atol
    return found
