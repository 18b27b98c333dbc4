"""STAT: how long the statistics of one comparison take: both estimates (wall and CPU time) of one row at the last look."""

import statistics
import time
from collections.abc import Iterator

import numpy as np
from place import Row, Setting

from lab.bench import weigh

BLOCKS, PAIRS, TIMES = 24, 8, 20
TARGET_MS = 50.0


def run(_: Setting) -> Iterator[Row]:
    """The same row again and again; the first time, which loads numpy and scipy, is not counted."""
    chance = np.random.default_rng(0)
    pairs = tuple(tuple(float(one) for one in chance.normal(0, 0.05, PAIRS)) for _ in range(BLOCKS))
    row = weigh.MetricPairs(
        side="B", metric="infer", wall=pairs, cpu=pairs, control=(0.01, 0.02, 0.0, 0.01), reference=1.0, value=1.0
    )
    spent = []
    for _ in range(TIMES + 1):
        start = time.perf_counter()
        weigh.weigh(row, 0, 0.0)
        spent.append((time.perf_counter() - start) * 1e3)
    middle = statistics.median(spent[1:])
    yield Row(
        experiment="STAT", question=f"statistics of one comparison, {BLOCKS} blocks of {PAIRS} pairs", tool="lab.stats",
        answer=f"{middle:.0f} ms (median of {TIMES})", target=f"under {TARGET_MS:.0f} ms", met=middle < TARGET_MS,
        seconds=sum(spent) / 1e3,
    )  # fmt: skip
