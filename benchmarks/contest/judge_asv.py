"""Runs inside asv's own environment: pairs of samples on stdin -> what asv's own rule says of each (`asv compare`)."""

import json
import statistics
import sys

from asv.commands.compare import _is_result_better
from asv_runner.statistics import compute_stats

FACTOR = 1.1


def says(one, other):
    """slower, faster or empty, by the medians, the factor 1.1 and Mann-Whitney at 0.002, as asv does it."""
    known = [(compute_stats(some, 1)[1], some) for some in (one, other)]
    left, right = statistics.median(one), statistics.median(other)
    if _is_result_better(left, right, *known, FACTOR):
        return "slower"
    return "faster" if _is_result_better(right, left, *known[::-1], FACTOR) else ""


if __name__ == "__main__":
    json.dump([says(one, other) for one, other in json.load(sys.stdin)], sys.stdout)
