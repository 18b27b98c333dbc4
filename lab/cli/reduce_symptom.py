"""Which slowness `lab reduce` is asked for, and what of it cannot be."""

from lab.errors import UsageError
from lab.model.search import LEAK, Symptom
from lab.search.symptoms import symptom_of

METRIC = "infer"


def slow(perf: str, symptom: str, bundle: str) -> Symptom | None:
    """The slowness of --perf and --symptom; None where a failure is looked for. UsageError for what is not reduced."""
    found = symptom_of(perf, symptom)
    if found is None:
        return None
    if found.metric == LEAK:
        raise UsageError("a leak is not reduced", "--symptom slower, or leave --symptom out for a failure")
    if found.metric != METRIC:
        raise UsageError(f"--perf {found.metric}: what is reduced is how long calls take", f"--perf {METRIC}:10%")
    if bundle:
        raise UsageError(
            "a bundle shows a failure, and what is only slow is none",
            "leave --bundle out; what is written is a scenario for lab bench",
        )
    return found
