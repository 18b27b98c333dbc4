"""The rules of the other tools, applied to recorded values, and the exact bound of a rate."""

import itertools
import statistics
from collections.abc import Sequence

import numpy as np
from pyperf._utils import is_significant
from scipy import stats as exact

from lab.bench import weigh
from lab.model.bench import Block

DRAWS = 1000
LEAST_CHANGE = 0.05
RULES = ("asv", "pyperf", "pyperf --min-speed 5", "randomisation")
Pair = tuple[list[float], list[float]]


def values(block: Block, side: str, metric: str) -> list[float]:
    """The wall times of one side in one block, in the order they were measured."""
    part = weigh.part(block, side)
    return [one.wall for one in part.samples if one.metric == metric] if part else []


def pooled(blocks: Sequence[Block], one: str, other: str, metric: str) -> Pair:
    """All values of two sides, as the other tools take them: pooled over processes."""
    left = itertools.chain.from_iterable(values(block, one, metric) for block in blocks)
    right = itertools.chain.from_iterable(values(block, other, metric) for block in blocks)
    return list(left), list(right)


def pyperf_says(pair: Pair, least: float = 0.0) -> bool:
    """`pyperf compare_to`: Student's t on pooled values at 95 %; `least` is --min-speed, in per cent of the mean."""
    one, other = pair
    if len(one) != len(other):
        size = min(len(one), len(other))  # pyperf calls unequal counts significant without a test: spare it that
        one, other = one[:size], other[:size]
    left, right = statistics.mean(one), statistics.mean(other)
    return bool(is_significant(one, other)[0]) and abs(right - left) / left * 100 >= least


def randomisation_says(pair: Pair, seed: int = 0) -> bool:
    """ClickHouse's rule: the difference of medians beyond the 99th percentile of relabelled ones, and beyond 5 %."""
    one, other = (np.asarray(some) for some in pair)
    both, chance = np.concatenate((one, other)), np.random.default_rng(seed)
    drawn = chance.permuted(np.broadcast_to(both, (DRAWS, len(both))), axis=1)
    spread = np.abs(np.median(drawn[:, : len(one)], axis=1) - np.median(drawn[:, len(one) :], axis=1))
    seen = abs(float(np.median(other) - np.median(one)))
    return seen >= float(np.quantile(spread, 0.99)) and seen / float(np.median(one)) > LEAST_CHANGE


def upper(alarms: int, of: int, level: float = 0.95) -> float:
    """The exact (Clopper-Pearson) one-sided upper bound of a rate."""
    return 1.0 if alarms >= of else float(exact.beta.ppf(level, alarms + 1, of - alarms))


def lower(found: int, of: int, level: float = 0.95) -> float:
    """The exact one-sided lower bound of a rate."""
    return 0.0 if found <= 0 else float(exact.beta.ppf(1 - level, found, of - found + 1))
