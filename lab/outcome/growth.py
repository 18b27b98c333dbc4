"""What memory says of a load that answered: an outcome of its own where it keeps growing, undecided where that cannot be said."""

from collections.abc import Mapping
from dataclasses import replace

from lab.model import Kind, Outcome
from lab.model.bench import Leak
from lab.model.growth import Growth

MOST = 5000
_LARGEST = 1 << 62
_MIB = 1 << 20


def told(record: Mapping[str, object] | None) -> tuple[int, ...]:
    """The resident bytes after each load or call, from a guest's record as hostile data; empty where there are none."""
    measure = (record or {}).get("measure")
    growth = measure.get("growth") if isinstance(measure, dict) else None
    values = growth.get("rss") if isinstance(growth, dict) else None
    if not isinstance(values, list) or len(values) > MOST:
        return ()
    whole = [one for one in values if isinstance(one, int) and not isinstance(one, bool) and 0 < one < _LARGEST]
    return tuple(whole) if len(whole) == len(values) else ()


def with_growth(outcome: Outcome, growth: Growth | None) -> Outcome:
    """Let memory speak where the numbers agree: what is never given back is a leak, and what cannot be told is undecided."""
    if growth is None or not outcome.ok or growth.verdict is Leak.STEADY:
        return outcome
    if growth.verdict is Leak.UNKNOWN:
        why = f"its memory over {growth.calls} {plural(growth)} says neither that it grows nor that it does not ({spoken(growth)})"
        return replace(outcome, kind=Kind.UNDECIDED, phase=growth.of, reason="memory", message=why)
    why = f"memory grew with each {word(growth)}: {spoken(growth)}, {growth.gained / _MIB:.3g} MiB over {growth.calls} of them"
    return replace(
        outcome, kind=Kind.LEAK, phase=growth.of, reason="", message=why, signature=f"{growth.of}:{Kind.LEAK}"
    )


def spoken(growth: Growth) -> str:
    """What each load or call costs, with its interval: "+2.01 MiB a load (1.93 to 2.09)"."""
    each, low, high = (f"{value / _MIB:.3g}" for value in (growth.each, growth.low, growth.high))
    return f"{'+' if growth.each >= 0 else ''}{each} MiB a {word(growth)} ({low} to {high})"


def word(growth: Growth) -> str:
    """What was done again and again."""
    return "load" if growth.of == "load" else "call"


def plural(growth: Growth) -> str:
    """The same of more than one."""
    return word(growth) + "s"
