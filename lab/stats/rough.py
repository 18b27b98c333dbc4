"""A few timed processes of two trials side by side: a ratio, and how far single processes lie apart; never a verdict."""

import statistics

from lab.model import TrialResult
from lab.model.cure import Ratio


def ratio(ours: TrialResult, theirs: TrialResult, metric: str) -> Ratio | None:
    """The medians over processes of each one's median, and the spread; None where either was not measured."""
    here, there = medians(ours, metric), medians(theirs, metric)
    if not here or not there:
        return None
    return Ratio(
        seconds=statistics.median(here),
        good=statistics.median(there),
        low=min(here) / max(there),
        high=max(here) / min(there),
    )


def medians(result: TrialResult, metric: str) -> list[float]:
    """The median of every timed process, in seconds."""
    found = [one for one in result.measurements if one.metric == metric]
    return [statistics.median(values) for one in found for values in one.values if values]
