"""A plan becomes a stream of events, and every finished trial is on disk before anybody hears of it."""

import random
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from dataclasses import replace

from lab import shell
from lab.errors import InfraError, UsageError
from lab.machine import timing_lock
from lab.model import Run, Scenario, Trial, TrialResult, Verdict
from lab.outcome import verdict
from lab.run.events import Began, Event, Told
from lab.run.executor import STEP_MEMORY
from lab.run.plan import Planned, environments
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.timings import measure, measured, timed_before, timing_session
from lab.run.trial import RunContext, SavedModel, doubted, finish, load, save, unsupported


def perform(request: RunRequest, laboratory: Laboratory) -> Generator[Event, None, Run]:
    """Prepare, save, load, compare, time, judge: the whole of one run; closing the generator stops its containers."""
    with hold(request, laboratory) as session:
        context = yield from session.context(environments(request.planned))
        results = yield from functional(session, context, request.planned)
        if request.rounds:
            results = yield from timed(request, context, results)
        else:
            results = untimed(results)
        return session.finish(judged(request, session.run, results))


def functional(
    session: RunSession, context: RunContext, planned: Sequence[Planned], given: SavedModel | None = None
) -> Generator[Event, None, list[TrialResult]]:
    """Save once per saver, then load side by side: as many at once as cores and memory allow.

    `given` stands for every save where nothing is to be saved.
    """
    trials = [one.trial for one in planned if one.trial is not None]
    each = max((trial.loader.settings.limits.memory for trial in trials), default=STEP_MEMORY)
    saves = dict[str, Future[SavedModel]]()

    def saved(trial: Trial) -> SavedModel:
        """What it saves over was submitted before it as well."""
        below = saves[trial.below.saver_label].result() if trial.below is not None else None
        session.say(Began(label=trial.saver_label, phase="save"))
        return save(context, trial, below)

    def loaded(one: Planned) -> TrialResult:
        """Its save was submitted before it, so waiting for it cannot lock up."""
        if one.trial is None:
            return said(session, unsupported(one))
        return tried(session, context, one, one.trial, given or saves[one.trial.saver_label].result())

    with session.workers(session.places(each, len(trials))) as pool:
        for trial in trials if given is None else ():
            for one in (trial.below, trial):
                if one is not None and one.saver_label not in saves:
                    saves[one.saver_label] = pool.submit(saved, one)
        return (yield from session.pump([pool.submit(loaded, one) for one in planned]))


def tried(session: RunSession, context: RunContext, planned: Planned, trial: Trial, model: SavedModel) -> TrialResult:
    """One trial of a model that was saved: loaded, compared, kept and told."""
    session.say(Began(label=planned.label, phase="load"))
    return said(session, confirmed(context, planned, trial, model))


def said(session: RunSession, result: TrialResult) -> TrialResult:
    """The same result, once whoever listens has heard of it."""
    session.say(session.done(result))
    return result


def confirmed(context: RunContext, planned: Planned, trial: Trial, model: SavedModel) -> TrialResult:
    """A trial loaded and compared; wrong numbers of a fork are looked at again in a start of its own, which counts."""
    done = load(context, trial, model)
    result = finish(context, planned, model, done)
    return (
        finish(context, planned, model, load(context, trial, model, again=True))
        if doubted(context, done, result)
        else result
    )


def timed(
    request: RunRequest, context: RunContext, results: Sequence[TrialResult]
) -> Generator[Event, None, list[TrialResult]]:
    """Time what works, one process at a time, in interleaved rounds of shuffled order; nothing else runs beside it."""
    works = [number for number, one in enumerate(results) if measurable(request.planned[number], one)]
    sessions = {timing_session(context, results[number]) for number in works}
    known = [(trial, results[number]) for number in works if (trial := request.planned[number].trial) is not None]
    stored = all(timed_before(context, trial, one, request.timing, request.rounds) for trial, one in known)
    if stored and len(sessions) <= 1 and "" not in sessions:
        return list(results)  # times in one table come from one session: all of an earlier one, or all of this one
    order = random.Random(request.seed)  # noqa: S311 - an order, not a secret
    loops: dict[int, int] = {}
    for turn in range(request.rounds):
        order.shuffle(works)
        for number in works:
            planned, result = request.planned[number], results[number]
            if planned.trial is None:
                continue
            yield Began(label=f"{result.label} (round {turn + 1} of {request.rounds})", phase="time")
            if context.runner.executor.here:
                yield from waiting()
            timing = replace(request.timing, loops=loops.get(number, 0))
            loops[number] = measure(context, planned.trial, result, timing, turn) or loops.get(number, 0)
    return [measured(context, one, request.rounds) if number in works else one for number, one in enumerate(results)]


def untimed(results: Sequence[TrialResult]) -> list[TrialResult]:
    """The results of a run that was to time nothing: times that came with a trial of an earlier run are no part of it."""
    return [replace(one, measurements=()) for one in results]


def waiting() -> Generator[Event]:
    """Say that the timing which comes next has to wait for other work of a lab on this machine, where it has to."""
    if timing_lock.busy():
        yield Told(text=timing_lock.WAITS)


def measurable(planned: Planned, result: TrialResult) -> bool:
    """Whether a trial can be timed: it answered, its scenario has something to time, and the processor is a true one."""
    trial, answered = planned.trial, result.outcome.kind.answered
    return trial is not None and trial.scenario.timed and answered and not trial.loader.settings.emulated


def require_timed(scenario: Scenario) -> None:
    """UsageError for a scenario whose header says that its calls are no measure."""
    if not scenario.timed:
        raise UsageError(
            f"{scenario.name} has nothing to time: its header says timed = false",
            f"lab run {shell.quote(scenario.name)} --savers R --loaders R looks at its numbers",
        )


def require_comparator() -> None:
    """See that the comparator finds planted differences; InfraError where it does not: no answer may rest on it then."""
    from lab.compare import selftest  # noqa: PLC0415 - numpy is loaded only where arrays are compared

    missed = selftest()
    if missed:
        raise InfraError(f"the comparator let planted differences pass: {', '.join(missed)}", "lab doctor")


def judged(request: RunRequest, run: Run, results: Sequence[TrialResult]) -> Run:
    """The run with its results, weighed against the header, where the comparator itself stands its test."""
    from lab.compare import selftest  # noqa: PLC0415 - numpy is loaded only where arrays are compared

    fresh = any(not one.reused for one in results)
    word, reasons = verdict.overall(results, selftest() if fresh else ())
    return replace(
        run,
        trials=tuple(results),
        verdict=word if request.whole or word is Verdict.VOID else Verdict.NONE,
        reasons=reasons,
        planned=len(request.planned),
    )
