"""What every format shows of a run: one row a trial, words only, so that a format decides only how a table looks."""

import re
import statistics
from dataclasses import dataclass

from lab.model import Diff, Grade, Kind, Measurement, Outcome, Run, TrialResult

ORDER = tuple(Grade)
HEADINGS = ("saved by", "loaded by", "with", "outcome", "numbers", "load", "first", "infer", "as the header expects")
SHOWN_MESSAGE = 160
RAISED = re.compile(r"[\w.]*(?:Error|Exception): \S")


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


def outcome_words(outcome: Outcome) -> str:
    """An outcome in a few words: "ok", "ValueError in load", "SIGSEGV in infer", "unsupported"."""
    where = f" in {outcome.phase.value}"
    match outcome.kind:
        case Kind.OK:
            return "ok"
        case Kind.PY_EXCEPTION:
            return f"{outcome.type or 'exception'}{where}"
        case Kind.NATIVE_CRASH:
            return f"{outcome.reason or 'crash'}{where}"
        case kind:
            return kind.value + (f" ({outcome.reason})" if outcome.reason else "") + ("" if kind.differs else where)


def numbers(diffs: tuple[Diff, ...]) -> str:
    """The worst grade over all outputs, with its largest absolute error."""
    if not diffs:
        return ""
    worst = max(diffs, key=lambda diff: (ORDER.index(diff.grade), _error(diff)))
    if worst.grade is Grade.EXACT:
        return "exact"
    return f"{worst.grade.value} ({_error(worst):.2g})" if worst.metrics else worst.grade.value


def _error(diff: Diff) -> float:
    return (diff.metrics.max_abs or 0.0) if diff.metrics else 0.0


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


def message_line(outcome: Outcome) -> str:
    """The first telling line of an error message, cut to one line of a terminal."""
    lines = [line.strip() for line in outcome.message.splitlines() if line.strip(" -=\t")]
    plain = next((line for line in lines if line.startswith("(")), "")
    # An error in code that was transformed comes last, below pages of source.
    raised = next((line for line in reversed(lines) if RAISED.match(line)), lines[0] if lines else "")
    said = plain or raised
    return said if len(said) <= SHOWN_MESSAGE else said[: SHOWN_MESSAGE - 1] + "…"


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
