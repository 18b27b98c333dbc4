"""From the memory after each of many loads or calls to how much each one costs, with its bounds, and whether it ends."""

import itertools
import math
import statistics
from collections.abc import Sequence

from lab.model import Phase
from lab.model.bench import Leak
from lab.model.growth import Growth

WARM = 4
"""One part in so many is left out at the beginning: what is made once is no growth."""
BLOCKS = 6
STUDENT = 2.571
"""The quantile of Student's t at 97.5 % with 5 degrees of freedom, one less than there are blocks."""
LEAST_CALLS = 16
LEAST_BYTES = 4 << 20
STILL_GROWING = 0.5


def weigh(of: Phase, resident: Sequence[int]) -> Growth:
    """Weigh resident bytes after each load or call of one process.

    What each costs is the mean over six blocks of calls, with a 95 % interval from how the blocks differ. LEAKS where
    the whole interval is above 0, at least 4 MiB were gained, and the second half grew at least half as fast as the first.
    STEADY where less was gained, or where it levelled off. UNKNOWN where the blocks differ too much, or there are too few.
    """
    told = [value for value in resident if value > 0]
    kept = told[len(told) // WARM :]
    rates = block_rates(kept)
    if len(told) < LEAST_CALLS or len(told) != len(resident) or not rates:
        return Growth(of=of, calls=max(0, len(kept) - 1), verdict=Leak.UNKNOWN)
    middle, half = statistics.fmean(rates), len(rates) // 2
    wide = STUDENT * statistics.stdev(rates) / math.sqrt(len(rates))
    early, late = statistics.fmean(rates[:half]), statistics.fmean(rates[half:])
    gained = kept[-1] - kept[0]
    verdict = Leak.LEAKS if middle - wide > 0 else Leak.UNKNOWN
    if gained < LEAST_BYTES or late < STILL_GROWING * early:
        verdict = Leak.STEADY
    return Growth(
        of=of, calls=len(kept) - 1, verdict=verdict, each=middle, low=middle - wide, high=middle + wide, gained=gained
    )


def block_rates(resident: Sequence[int]) -> list[float]:
    """Bytes a call in each of six blocks that follow each other; empty where there are too few calls for them."""
    steps = len(resident) - 1
    if steps < BLOCKS:
        return []
    ends = [steps * number // BLOCKS for number in range(BLOCKS + 1)]
    return [(resident[end] - resident[start]) / (end - start) for start, end in itertools.pairwise(ends)]
