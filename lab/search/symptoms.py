"""What a search measures, from the words a user types."""

import re

from lab import stats
from lab.errors import UsageError
from lab.model.search import LEAK, Symptom

METRICS = ("infer", "load", "first", "import")
SLOWER, FAILS = "slower", "fails"
SYMPTOMS = (FAILS, SLOWER, LEAK)
USUAL = 0.10
MOST = 100.0


def symptom_of(perf: str, symptom: str) -> Symptom | None:
    """The symptom of --perf METRIC:SHARE and --symptom; None where it is a failure. UsageError for words that are none."""
    if symptom and symptom not in SYMPTOMS:
        raise UsageError(f"there is no symptom {symptom!r}", f"one of {', '.join(SYMPTOMS)}")
    if perf and symptom not in ("", SLOWER):
        raise UsageError(f"--perf {perf} and --symptom {symptom} ask different things", "name one of them")
    if perf:
        return _measure(perf)
    return {SLOWER: Symptom(metric=METRICS[0], share=USUAL), LEAK: Symptom(metric=LEAK)}.get(symptom)


def _measure(perf: str) -> Symptom:
    metric, colon, word = perf.partition(":")
    if metric not in METRICS:
        raise UsageError(
            f"--perf {perf!r} names no metric", f"METRIC:SHARE with one of {', '.join(METRICS)}: infer:10%"
        )
    if not colon:
        return Symptom(metric=metric, share=USUAL)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", word)
    if match is None:
        raise UsageError(f"--perf {perf!r} names no share", f"a percentage, such as {metric}:10%")
    share = float(match[1]) / 100
    if not stats.LEAST_CHANGE <= share <= MOST:
        raise UsageError(
            f"--perf {perf!r}: a share must lie between {stats.LEAST_CHANGE:.0%} and {MOST:.0%}",
            f"less than {stats.LEAST_CHANGE:.0%} counts as no change: {metric}:{stats.LEAST_CHANGE:.0%} is the least",
        )
    return Symptom(metric=metric, share=share)
