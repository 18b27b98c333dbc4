"""From paired values in blocks to a ratio with its interval and exact p.

The block (one fresh process per side) is the unit of evidence: values of one process resemble each other, and counting
them as independent is what makes other tools raise false alarms (Kalibera and Jones 2012).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lab.errors import UsageError
from lab.model.bench import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.99
DRAWS = 10_000
INNER = 1_000
EXACT = 28
# The median of normal values scatters this much more than their mean: sqrt(pi / 2).
MEDIAN_LOSS = 1.2533


def log_ratios(reference: Sequence[float], side: Sequence[float]) -> tuple[float, ...]:
    """The log of side over reference for each pair of one block (seconds or bytes).

    Raises UsageError where a value is not a positive number (a clock that went back) or the pairs do not match.
    """
    if len(reference) != len(side):
        raise UsageError(
            f"{len(reference)} values of the reference cannot be paired with {len(side)}", "keep only whole rounds"
        )
    for value in (*reference, *side):
        if not (math.isfinite(value) and value > 0):
            raise UsageError(
                f"a measured value of {value!r} is not a positive number: the clock went back or the file is damaged",
                "measure again; steady the machine's clock first if it happens twice",
            )
    return tuple(math.log(theirs / ours) for ours, theirs in zip(reference, side, strict=True))


def estimate(blocks: Sequence[Sequence[float]], *, alpha: float = 0.05, seed: int = 0) -> Estimate:
    """Ratio, 99 % interval and exact p of log ratios, one inner sequence per block; same input and seed, same answer.

    The ratio is the median of the block medians. Intervals are hierarchical bootstraps (blocks, then pairs in them),
    widened as Student's t widens a normal one, because few blocks make a plain bootstrap too sure of itself. `narrow`
    has the level 1 - 2 alpha: two one-sided tests for being the same. Raises UsageError where there is no block.
    """
    import numpy as np  # noqa: PLC0415 - slow to load, needed only where something was measured

    arrays = [np.asarray(block, dtype=np.float64) for block in blocks if len(block)]
    if not arrays:
        raise UsageError("there is not one measured pair to compare", "measure at least one block")
    medians = np.array([np.median(one) for one in arrays])
    centre = float(np.median(medians))
    draws = _draws(arrays, medians, seed)
    low, high = _interval(draws, centre, LEVEL, len(arrays))
    narrow = _interval(draws, centre, 1 - 2 * alpha, len(arrays))
    return Estimate(
        ratio=_exp(centre),
        low=_exp(low),
        high=_exp(high),
        narrow=(_exp(narrow[0]), _exp(narrow[1])),
        p=sign_flip([float(one) for one in medians]),
        blocks=len(arrays),
        values=sum(len(one) for one in arrays),
        spread=float(np.std(medians, ddof=1)) if len(arrays) > 1 else math.inf,
    )


def _exp(value: float) -> float:
    """The ratio of a log ratio; what is beyond all numbers becomes a very large or very small one, so JSON can hold it."""
    return math.exp(min(max(value, -300.0), 300.0))


def _draws(arrays: list[Floats], medians: Floats, seed: int) -> Floats:
    """Bootstrap draws of the median of block medians: blocks are drawn, and inside each its pairs."""
    import numpy as np  # noqa: PLC0415

    random = np.random.default_rng(seed)
    pools = np.empty((len(arrays), INNER))
    for row, values in enumerate(arrays):
        picks = random.integers(0, len(values), size=(INNER, len(values)))
        pools[row] = np.median(values[picks], axis=1) if len(values) > 1 else medians[row]
    which = random.integers(0, len(arrays), size=(DRAWS, len(arrays)))
    inner = random.integers(0, INNER, size=which.shape)
    drawn: Floats = np.median(pools[which, inner], axis=1)
    return drawn


def _interval(draws: Floats, centre: float, level: float, blocks: int) -> tuple[float, float]:
    """Percentiles of the draws, stretched around the centre for few blocks; without limits for a single one."""
    import numpy as np  # noqa: PLC0415
    from scipy import special  # noqa: PLC0415 - loads in a tenth of the time of scipy.stats

    if blocks == 1:
        return -math.inf, math.inf
    tail = (1 - level) / 2
    wide = float(special.stdtrit(blocks - 1, 1 - tail) / special.ndtri(1 - tail)) * math.sqrt(blocks / (blocks - 1))
    low, high = (float(one) for one in np.quantile(draws, (tail, 1 - tail)))
    return min(centre, centre - wide * (centre - low)), max(centre, centre + wide * (high - centre))


def sign_flip(medians: Sequence[float]) -> float:
    """Exact two-sided p that the block medians are as likely above as below zero: all sign patterns are counted.

    2^n patterns are counted as two halves of 2^(n/2) sums each, so 24 blocks cost microseconds; above 28 blocks the
    exact signed-rank test takes over.
    """
    import numpy as np  # noqa: PLC0415

    values = np.asarray([one for one in medians if one != 0.0])
    if not len(values):
        return 1.0
    if len(values) > EXACT:
        from scipy import stats  # noqa: PLC0415

        return float(stats.wilcoxon(values, method="exact").pvalue)
    total = abs(float(values.sum())) * (1 - 1e-12)  # a pattern that differs by rounding counts as equal
    half = len(values) // 2
    left, right = _sums(values[:half]), np.sort(_sums(values[half:]))
    below = np.searchsorted(right, -total - left, side="right")
    above = len(right) - np.searchsorted(right, total - left, side="left")
    return min(1.0, float(below.sum() + above.sum()) / (len(left) * len(right)))


def _sums(values: Floats) -> Floats:
    """The sums of all sign patterns of the values."""
    import numpy as np  # noqa: PLC0415

    sums: Floats = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def control_width(medians: Sequence[float], blocks: int, spread: float = 0.0) -> float:
    """The 95 % half-width, as a share, that the reference against itself would have in `blocks` blocks; 0 without control.

    Of the reference against itself the true log ratio is known to be 0, so each control block (`medians`) tells of the
    scatter; because they are few, the scatter of the compared blocks around their own middle (`spread`) is pooled in.
    """
    if not medians or blocks < 1:
        return 0.0
    around = (blocks - 1) * spread**2 if math.isfinite(spread) else 0.0
    degrees = len(medians) + (blocks - 1 if around else 0)
    scatter = math.sqrt((sum(one * one for one in medians) + around) / degrees)
    return _exp(1.96 * standard_error(scatter, blocks)) - 1


def standard_error(spread: float, blocks: int) -> float:
    """How much the log ratio of so many blocks scatters, told from the scatter of their medians."""
    return MEDIAN_LOSS * spread / math.sqrt(blocks)


def detectable(spread: float, blocks: int) -> float:
    """The smallest change, as a share, that `blocks` blocks of this spread find four times in five at the 99 % level."""
    from scipy import special  # noqa: PLC0415

    if blocks < 2 or not math.isfinite(spread):  # noqa: PLR2004 - one block says nothing of its spread
        return math.inf
    reach = float(special.stdtrit(blocks - 1, 0.995) + special.stdtrit(blocks - 1, 0.8))
    return _exp(reach * standard_error(spread, blocks)) - 1
