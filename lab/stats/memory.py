"""Whether a side grows or slows while it runs: memory against calls, and the end of a process against its beginning."""

import statistics
from collections.abc import Sequence

from lab.model.bench import Leak, Sample

LEAST_SAMPLES = 4
LEAST_BYTES = 4 << 20
LEAST_SHARE = 0.01
STILL_GROWING = 0.5
AGREEING = 0.8


def growth(samples: Sequence[Sample]) -> float:
    """Bytes gained per call over one process, from its first value to its last; 0 where that cannot be said."""
    return _per_call([(one.calls, one.rss) for one in samples])


def left_threads(samples: Sequence[Sample]) -> float:
    """Threads left behind per call over one process; what is started once and kept counts as almost nothing."""
    return _per_call([(one.calls, one.threads) for one in samples])


def _per_call(points: Sequence[tuple[int, int]]) -> float:
    known = [(calls, value) for calls, value in points if value > 0]
    if len(known) < 2 or known[-1][0] <= known[0][0]:  # noqa: PLR2004 - a slope needs two points
        return 0.0
    return (known[-1][1] - known[0][1]) / (known[-1][0] - known[0][0])


def leak(processes: Sequence[Sequence[Sample]]) -> Leak:
    """LEAKS where memory kept growing to the end in nearly every process; a pool that fills up and stays is STEADY.

    A process leaks when it gained at least 4 MiB and 1 % of its memory, and its second half grew at least half as fast
    as its first. UNKNOWN without two processes of four values each.
    """
    grew, told = growing(processes)
    if told < 2:  # noqa: PLR2004 - one process is an anecdote
        return Leak.UNKNOWN
    return Leak.LEAKS if grew > AGREEING * told else Leak.STEADY


def growing(processes: Sequence[Sequence[Sample]]) -> tuple[int, int]:
    """How many processes kept growing to the end, of how many that have at least four values and so can tell."""
    told = [one for one in processes if len(one) >= LEAST_SAMPLES and all(sample.rss > 0 for sample in one)]
    return sum(_leaks(one) for one in told), len(told)


def _leaks(samples: Sequence[Sample]) -> bool:
    gained = samples[-1].rss - samples[0].rss
    middle = len(samples) // 2
    early, late = growth(samples[: middle + 1]), growth(samples[middle:])
    large = gained >= max(LEAST_BYTES, LEAST_SHARE * samples[0].rss)
    return large and late > 0 and late >= STILL_GROWING * early


def creep(processes: Sequence[Sequence[float]]) -> float:
    """The last quarter of a process against its first, the median over processes: 1.0 is steady, 1.2 ends 20 % slower.

    Give ratios to the reference in the same rounds, so that a machine that slows down is not taken for a side that does.
    1.0 also where fewer than four processes in five agree on the direction.
    """
    ratios = []
    for values in processes:
        quarter = len(values) // 4
        if quarter and all(value > 0 for value in values):
            ratios.append(statistics.median(values[-quarter:]) / statistics.median(values[:quarter]))
    if not ratios:
        return 1.0
    middle = statistics.median(ratios)
    agree = sum((one > 1) == (middle > 1) for one in ratios)
    return middle if agree >= AGREEING * len(ratios) else 1.0
