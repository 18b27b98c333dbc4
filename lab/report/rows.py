"""What every format shows of a run: one row a trial, words only, so that a format decides only how a table looks."""

import statistics
from dataclasses import dataclass

from lab.model import Kind, Measurement, Run, TrialResult
from lab.outcome.words import numbers, outcome_words

HEADINGS = ("saved by", "loaded by", "with", "outcome", "numbers", "load", "first", "infer", "as the header expects")


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One trial in words; `good` is None where nothing was expected."""

    saver: str
    loader: str
    setting: str
    outcome: str
    numbers: str
    load: str
    first: str
    infer: str
    verdict: str
    good: bool | None
    reused: bool

    @property
    def cells(self) -> tuple[str, ...]:
        """The row in the order of HEADINGS."""
        return (
            self.saver, self.loader, self.setting, self.outcome, self.numbers, self.load, self.first, self.infer,
            self.verdict + (" *" if self.reused else ""),
        )  # fmt: skip


def rows(run: Run) -> tuple[TrialRow, ...]:
    """The rows of a run, in the order of its plan."""
    return tuple(row(one) for one in run.trials)


def row(result: TrialResult) -> TrialRow:
    """One finished trial in words."""
    return TrialRow(
        saver=result.saver + settings(result.saver_env),
        loader=result.loader,
        setting=_setting(result),
        outcome=outcome_words(result.outcome),
        numbers=numbers(result.diffs),
        load=duration(result.measurements, "load"),
        first=duration(result.measurements, "first"),
        infer=duration(result.measurements, "infer"),
        verdict=result.verdict,
        good=None if result.expected is None else result.verdict == "as expected",
        reused=bool(result.reused),
    )


def _setting(result: TrialResult) -> str:
    """What the loading side had beside its environment: variables, another processor, more threads, the route."""
    words = [
        settings(result.loader_env).strip(),
        result.cpu,
        f"threads={result.threads}" if result.threads != 1 else "",
        f"by {result.route}" if result.route != "own" else "",
    ]
    return " ".join(word for word in words if word)


def settings(env: object) -> str:
    """Variables as people write them before a command; empty where none is set."""
    pairs = env.items() if isinstance(env, dict) else ()
    words = " ".join(f"{name}={value}" for name, value in sorted(pairs))
    return f" {words}" if words else ""


def duration(measurements: tuple[Measurement, ...], metric: str) -> str:
    """The median over processes of each process's median, as people read a time; empty where nothing was timed."""
    for one in measurements:
        if one.metric == metric and one.values:
            return seconds(statistics.median(statistics.median(values) for values in one.values if values))
    return ""


def seconds(value: float) -> str:
    """A time with three significant digits and its unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def failures(run: Run) -> tuple[TrialResult, ...]:
    """The trials whose message a reader wants: one per signature, first seen first."""
    seen: dict[str, TrialResult] = {}
    for one in run.trials:
        if not one.outcome.kind.works and one.outcome.message:
            seen.setdefault(one.outcome.signature or one.outcome.message, one)
    return tuple(seen.values())


def _pairs(count: int) -> str:
    return f"{count} pair" if count == 1 else f"{count} pairs"


def headline(run: Run) -> str:
    """Verdict and counts in one line; what could not be tested is never left out."""
    count = {kind: sum(one.outcome.kind is kind for one in run.trials) for kind in Kind}
    held = sum(one.verdict == "as expected" for one in run.trials)
    expected = sum(one.expected is not None for one in run.trials)
    parts = [f"{held} of {_pairs(expected)} as expected"] if expected else [_pairs(len(run.trials))]
    parts += [f"{count[kind]} {kind.value}" for kind in Kind if count[kind] and not kind.tested]
    reused = sum(bool(one.reused) for one in run.trials)
    if reused:
        parts.append(f"{reused} taken from earlier runs (*)")
    return ", ".join(parts)
