"""The times of a trial: one fresh process a round, and the rounds of one session merged into one pyperf file."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lab.model import Kind, Measurement, Trial, TrialResult
from lab.outcome.classify import unreadable
from lab.run.order import StepOrder, Timing
from lab.run.step import read_step
from lab.run.trial import RunContext, judged
from lab.storage import cleared, store
from lab.storage.outbox import GuestFile
from lab.text import clean

if TYPE_CHECKING:
    import pyperf

METRICS = ("load", "first", "infer")
LARGEST = 16 * 1024**2
# Whatever pyperf has been seen to raise for JSON that it did not write itself.
_BROKEN = (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


class UnreadableTimesError(Exception):
    """What a timed process left as its times are no times; the text says of which round, and why."""


def timed_before(context: RunContext, trial: Trial, result: TrialResult, timing: Timing, rounds: int) -> bool:
    """Whether every timed process this run asks for was run before, and its times came with the trial."""
    runner = context.runner
    keys = [runner.measure_key(result.key, trial.loader, timing, turn) for turn in range(rounds)]
    stored = all(runner.store.known(key) is not None for key in keys)
    return bool(result.reused) and stored and {len(one.values) for one in result.measurements} == {rounds}


def timing_session(context: RunContext, result: TrialResult) -> str:
    """The run in which a trial's times were taken; empty where none were."""
    path = context.folder / result.folder / "timings" / "session"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def measure(context: RunContext, trial: Trial, result: TrialResult, timing: Timing, turn: int) -> int:
    """One timed process of one trial; returns the loops it used, so that the next ones use the same."""
    order = StepOrder(
        mode="measure",
        key=context.runner.measure_key(result.key, trial.loader, replace(timing, loops=0), turn),
        scenario=trial.scenario,
        place=trial.loader,
        route=trial.route,
        saved=context.saver_folder(trial) / "out",
        timing=timing,
    )
    folder = context.folder / result.folder / "timings" / f"round-{turn + 1}"
    return context.known_or_run(order, folder, own=True).step.loops


def measured(context: RunContext, result: TrialResult, rounds: int) -> TrialResult:
    """The trial with its times: the rounds of this run merged into one pyperf file, which stays the raw truth.

    Times that are none are this trial's own failure: it says so, and nothing else of the run has to do with it.
    """
    home = context.folder / result.folder / "timings"
    wanted = [f"round-{turn + 1}" for turn in range(rounds)]
    for stale in home.glob("round-*"):
        if stale.name not in wanted:  # it came with an adopted trial, and is of another session
            cleared.remove(stale)
    left = [GuestFile(out=home / name / "out", name="timings.json") for name in wanted if _answered(home / name)]
    try:
        whole = _merged(left)
    except UnreadableTimesError as error:
        return judged(context, replace(result, outcome=unreadable(result.outcome, str(error)), measurements=()))
    if whole is None:
        return judged(context, _without_times(result, [home / name for name in wanted]))
    (home / "timings.json").unlink(missing_ok=True)
    whole.dump(str(home / "timings.json"))
    store.write(home / "session", context.folder.name.encode())
    timed = replace(result, measurements=_measurements(whole))
    store.write(context.folder / result.folder / "result.json", store.pretty(timed))
    return timed


def _without_times(result: TrialResult, rounds: Sequence[Path]) -> TrialResult:
    """The trial with the reason why it could not be timed, where its environment cannot time anything."""
    outcomes = [read_step(one).outcome for one in rounds if (one / "step.json").is_file()]
    reason = next((one.message or one.reason for one in outcomes if one.kind is Kind.UNSUPPORTED), "")
    told = f"no times: {reason}"
    if not reason or told in result.outcome.warnings:
        return result
    return replace(result, outcome=replace(result.outcome, warnings=(*result.outcome.warnings, told)))


def _answered(folder: Path) -> bool:
    """Whether something lies where a round's times should: a round that failed leaves nothing there."""
    return os.path.lexists(folder / "out" / "timings.json")


def _merged(left: Iterable[GuestFile]) -> "pyperf.BenchmarkSuite | None":
    """The rounds as one suite, nothing where no round left any; UnreadableTimesError names the one that is none."""
    whole = None
    for file in left:
        try:
            suite = _suite(file)
            if whole is None:
                whole = suite
            else:
                whole.add_runs(suite)
        except _BROKEN as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else clean(str(error), 200)
            round_name = file.out.parent.name.replace("-", " ")
            raise UnreadableTimesError(f"the times of {round_name} cannot be read: {why}") from error
    return whole


def _suite(file: GuestFile) -> "pyperf.BenchmarkSuite":
    """One round as pyperf wrote it inside the container; ValueError where a value is no time."""
    import pyperf  # noqa: PLC0415 - slow to load, needed only here

    suite = pyperf.BenchmarkSuite.loads(file.read(LARGEST).decode("utf-8"))
    for one in _measurements(suite):
        if not all(math.isfinite(value) and value > 0 for values in one.values for value in values):
            raise ValueError(f"a value of {one.metric} is not a positive number of seconds")
    return suite


def _measurements(suite: "pyperf.BenchmarkSuite") -> tuple[Measurement, ...]:
    return tuple(
        Measurement(metric=one.get_name(), values=tuple(tuple(run.values) for run in one.get_runs()))
        for one in suite.get_benchmarks()
        if one.get_name() in METRICS
    )
