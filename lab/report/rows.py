"""What every format shows of a run: one row a trial, words only, so that a format decides only how a table looks."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.model import Kind, Measurement, Run, TrialResult
from lab.outcome.growth import spoken
from lab.outcome.likeness import Problems
from lab.outcome.verdict import AS_EXPECTED
from lab.outcome.words import numbers, outcome_words

CUTS = ("locate", "reduce")
"""Verbs that cut a model instead of trying pairs: the first note of their run says what came of it."""
CHECK = "check"
"""The verb that says more of its pairs than each says for itself: the first note of its run is the answer."""


def saver(result: TrialResult) -> str:
    """What saved, with its variables, and what it was saved over."""
    return result.saver_label


def setting(result: TrialResult) -> str:
    """What the loading side had beside its environment: variables, another processor, more threads, the route."""
    words = [
        settings(result.loader_env).strip(),
        result.cpu,
        f"on={result.on}" if result.on else "",
        f"threads={result.threads}" if result.threads != 1 else "",
        f"by {result.route}" if result.route != "own" else "",
    ]
    return " ".join(word for word in words if word)


def settings(env: object) -> str:
    """Variables as people write them before a command; empty where none is set."""
    pairs = env.items() if isinstance(env, dict) else ()
    words = " ".join(f"{name}={value}" for name, value in sorted(pairs))
    return f" {words}" if words else ""


def held(result: TrialResult) -> bool | None:
    """Whether a trial did what its header says; None where nothing was expected."""
    return None if result.expected is None else result.verdict == AS_EXPECTED


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


def _time(metric: str) -> Callable[[TrialResult], str]:
    return lambda result: duration(result.measurements, metric)


def numbers_and_memory(result: TrialResult) -> str:
    """How near the numbers are, and what each load or call costs in memory where that was watched."""
    grown = result.growth
    memory = spoken(grown) if grown is not None and grown.calls else ""
    return " ".join(part for part in (numbers(result.diffs), memory) if part)


def _outcome_style(result: TrialResult) -> str:
    return "green" if result.outcome.ok else "yellow" if result.outcome.kind.differs else "red"


def _held_style(result: TrialResult) -> str:
    return {None: "", True: "green", False: "bold red"}[held(result)]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a run's table: its heading, the words in it, and how it looks in a terminal.

    A column that is empty in all rows is left out there, unless it is `always` shown; `style` is a style of rich. The
    rest says what a narrow terminal may do with it, as `sheet.SheetColumn` has it.
    """

    heading: str
    cell: Callable[[TrialResult], str]
    right: bool = False
    always: bool = False
    prose: bool = False
    aside: int = 0
    environment: bool = False
    style: Callable[[TrialResult], str] = lambda _: ""


COLUMNS = (
    Column(heading="saved by", cell=saver, always=True, environment=True),
    Column(heading="loaded by", cell=lambda result: result.loader, always=True, environment=True),
    Column(heading="with", cell=setting),
    Column(
        heading="outcome",
        cell=lambda result: outcome_words(result.outcome),
        always=True,
        prose=True,
        style=_outcome_style,
    ),
    Column(heading="numbers", cell=numbers_and_memory, prose=True, aside=1),
    Column(heading="load", cell=_time("load"), right=True, aside=2),
    Column(heading="first", cell=_time("first"), right=True, aside=2),
    Column(heading="infer", cell=_time("infer"), right=True, aside=2),
    Column(
        heading="as the header expects",
        cell=lambda result: result.verdict + (" *" if result.reused else ""),
        style=_held_style,
    ),
)

HOST = Column(heading="on", cell=lambda result: host(result), aside=1)  # noqa: PLW0108 - it stands below


def columns(run: Run, usual: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a run: the usual ones, and where a fleet did it, on which host of which class each trial ran."""
    return (*usual, HOST) if run.hosts else tuple(usual)


def host(result: TrialResult) -> str:
    """Where a trial was loaded, as it tells itself."""
    return result.host


def failures(run: Run) -> tuple[TrialResult, ...]:
    """The trials whose message a reader wants: one a problem, first seen first; some may be of an earlier run."""
    problems, seen = Problems(), dict[int, TrialResult]()
    for one in run.trials:
        if not one.outcome.kind.works and one.outcome.message:
            seen.setdefault(problems.number(one.outcome), one)
    return tuple(seen.values())


def _pairs(count: int) -> str:
    return f"{count} pair" if count == 1 else f"{count} pairs"


def headline(run: Run) -> str:
    """Verdict and counts in one line; what could not be tested is never left out. A run that tried no pairs says what it found."""
    if not run.trials and run.verb in CUTS:
        return run.notes[0] if run.notes else "no answer"
    return f"{': '.join(answer(run))}; {counts(run)}" if any(answer(run)) else counts(run)


def answer(run: Run) -> tuple[str, str]:
    """The verdict of a check, and of what it is; empty of other runs, and of those that older labs kept."""
    if run.verb != CHECK or not run.notes:
        return "", ""
    word, _, of = run.notes[0].partition(": ")
    return (word, of) if of else ("", "")


def counts(run: Run) -> str:
    """How many pairs there are, and how many were not tested or come from earlier runs."""
    count = {kind: sum(one.outcome.kind is kind for one in run.trials) for kind in Kind}
    held = sum(one.verdict == AS_EXPECTED for one in run.trials)
    expected = sum(one.expected is not None for one in run.trials)
    parts = [f"{held} of {_pairs(expected)} {AS_EXPECTED}"] if expected else [_pairs(len(run.trials))]
    parts += [f"{count[kind]} {kind.value}" for kind in Kind if count[kind] and not kind.tested]
    reused = sum(bool(one.reused) for one in run.trials)
    if reused:
        parts.append(f"{reused} taken from earlier runs (*)")
    return ", ".join(parts)
