"""The verbs: a plan becomes a stream of events, and every finished trial is on disk before anybody hears of it."""

import contextlib
import fcntl
import queue
import random
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.engine.protocol import Engine, Image, Recipe, Teller
from lab.environment.prepare import Preparer
from lab.errors import BuildError, UsageError
from lab.machine import host, process, timing_lock
from lab.model import Environment, Kind, Phase, Run, Step, TrialResult, Verdict
from lab.outcome import verdict
from lab.run.events import Began, Done, Event, Told
from lab.run.guest_files import guest_digest
from lab.run.plan import Planned, environments
from lab.run.step import Runner, Timing, failed
from lab.run.trial import (
    RunContext,
    SavedModel,
    finish,
    load,
    measure,
    measured,
    save,
    timed_before,
    timing_session,
    unsupported,
)
from lab.storage import store
from lab.storage.store import Store

ROUNDS = 3
SPARE_MEMORY = 1 << 30


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run to do: the plan, how often to time it (0 = not at all), and whether earlier results may serve.

    `whole` says that the plan is the scenario's own, so that a verdict on its problem can be given.
    """

    name: str
    command: str
    planned: tuple[Planned, ...]
    scenario_sha256: str
    whole: bool = True
    rounds: int = ROUNDS
    fresh: bool = False
    resume: str = ""
    seed: int = 0
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True, kw_only=True)
class Laboratory:
    """What a verb works with."""

    engine: Engine
    preparer: Preparer
    store: Store


def perform(request: RunRequest, laboratory: Laboratory) -> Generator[Event, None, Run]:
    """Prepare, save, load, compare, time, judge: the whole of one run; closing the generator stops its containers."""
    run = begin(request, laboratory)
    with working(run, laboratory) as gone:
        if gone:
            yield Told(text=f"removed {gone} container(s) that a killed run left behind")
        bench = yield from workbench(request, laboratory, run)
        results = yield from functional(request, bench)
        if request.rounds:
            results = yield from timed(request, bench, results)
        return judged(request, laboratory, run, results)


@contextlib.contextmanager
def working(run: Run, laboratory: Laboratory) -> Iterator[int]:
    """Hold the run while it works; left early, its containers end and it is kept as interrupted.

    Gives the number of containers that a killed run had left behind.
    """
    with owned(laboratory.store.folder(run.id)):
        try:
            yield laboratory.engine.reap()
        except BaseException:
            laboratory.engine.stop(run.id)
            laboratory.store.save(replace(run, status="interrupted"))
            raise


def workbench(request: RunRequest, laboratory: Laboratory, run: Run) -> Generator[Event, None, RunContext]:
    """The workbench of a plan: every image it needs, or why there is none."""
    images: dict[str, Image | Step] = {}
    recipes: dict[str, Recipe] = {}
    yield from prepare(environments(request.planned), laboratory, run, images, recipes)
    runner = Runner(
        engine=laboratory.engine, store=laboratory.store, run_id=run.id, fresh=request.fresh,
        guest_sha256=guest_digest(),
    )  # fmt: skip
    return RunContext(runner=runner, folder=laboratory.store.folder(run.id), images=images, recipes=recipes)


def begin(request: RunRequest, laboratory: Laboratory) -> Run:
    """A new run, or the interrupted one to go on with; on disk before anything else happens."""
    engine = laboratory.engine
    run = _gone_on_with(request, laboratory.store)
    if run is None:
        run = Run(
            schema=store.SCHEMA,
            id=laboratory.store.new_id(request.name),
            command=request.command,
            scenario=request.name,
            scenario_sha256=request.scenario_sha256,
            engine=engine.name,
            isolated=engine.isolated,
            started=store.now(),
            planned=len(request.planned),
            machine={**host.facts(), **engine.facts()},
        )
    laboratory.store.save(run)
    return run


def _gone_on_with(request: RunRequest, kept: Store) -> Run | None:
    """The run named by its id to go on with; None where none is, or where it is another of the runs a verb makes.

    UsageError where it is finished, or its scenario has changed since.
    """
    run = kept.load(request.resume) if request.resume else None
    if run is None or run.scenario != request.name:
        return None
    if run.status == "finished":
        raise UsageError(f"run {run.id} is finished: there is nothing to go on with", "start without --resume")
    if run.scenario_sha256 != request.scenario_sha256:
        raise UsageError(f"the scenario has changed since run {run.id}", "start without --resume")
    return replace(run, command=request.command, status="running", verdict=Verdict.NONE, reasons=(), trials=())


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the run's folder: a second lab that wants to resume it is told so."""
    with (folder / "run.lock").open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another lab is at work on run {folder.name}", "wait for it, or start a new run"
            ) from error
        yield


def prepare(
    needed: Mapping[str, Environment], laboratory: Laboratory, run: Run, images: dict[str, Image | Step],
    recipes: dict[str, Recipe],
) -> Iterator[Event]:  # fmt: skip
    """Every image that is needed, put into `images`; one that cannot be made costs only its own trials."""
    for key, environment in needed.items():
        recipe = laboratory.preparer.recipe(environment)
        recipes[key] = recipe
        found = laboratory.engine.image(recipe)
        if found is not None:
            images[key] = found
            continue
        yield Began(label=key, phase="build")
        log = laboratory.store.folder(run.id) / "builds" / f"{key}.log"
        images[key] = yield from _built(laboratory, recipe, log)


def _built(laboratory: Laboratory, recipe: Recipe, log: Path) -> Generator[Event, None, Image | Step]:
    """Build in a thread, so that lines can be told while they come."""
    lines: queue.SimpleQueue[Told] = queue.SimpleQueue()
    teller = Teller(
        say=lambda text: lines.put(Told(text=text)), passing=lambda text: lines.put(Told(text=text, passing=True))
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(laboratory.preparer.image, recipe, log, teller)
        try:
            while not (future.done() and lines.empty()):
                with contextlib.suppress(queue.Empty):
                    yield lines.get(timeout=0.1)
        except BaseException:
            process.end_all()
            raise
    try:
        return future.result()
    except BuildError as error:
        yield Told(text=str(error))
        return failed(Kind.BUILD_FAILURE, Phase.BUILD, "install", error.what)


def functional(request: RunRequest, bench: RunContext) -> Generator[Event, None, list[TrialResult]]:
    """Save once per saver, then load side by side: as many at once as cores and memory allow."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ThreadPoolExecutor(max_workers=_places(request)) as pool:
        saves: dict[str, Future[SavedModel]] = {}
        for planned in request.planned:
            if planned.trial is not None and (slug := bench.saver_slug(planned.trial)) not in saves:
                events.put(Began(label=planned.trial.saver.label, phase="save"))
                saves[slug] = pool.submit(save, bench, planned.trial)
        loads = [pool.submit(_one, bench, planned, saves, events) for planned in request.planned]
        try:
            left = deque(loads)
            while left or not events.empty():
                while left and left[0].done():  # looked at once each: a thousand are asked after again and again
                    left.popleft()
                with contextlib.suppress(queue.Empty):
                    yield events.get(timeout=0.05)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            bench.runner.engine.stop(bench.runner.run_id)
            raise
        return [one.result() for one in loads]


def _one(
    bench: RunContext, planned: Planned, saves: Mapping[str, Future[SavedModel]], events: queue.SimpleQueue[Event]
) -> TrialResult:
    """One trial in a worker thread; its save was submitted before it, so waiting for it cannot lock up."""
    if planned.trial is None:
        result = unsupported(planned)
    else:
        saved = saves[bench.saver_slug(planned.trial)].result()
        events.put(Began(label=planned.label, phase="load"))
        result = finish(bench, planned, saved, load(bench, planned.trial, saved))
    events.put(Done(result=result))
    return result


def _places(request: RunRequest) -> int:
    """How many containers may run side by side on this machine."""
    trials = [one.trial for one in request.planned if one.trial is not None]
    each = max((trial.loader.settings.limits.memory for trial in trials), default=1 << 30)
    by_memory = max(1, (host.available() - SPARE_MEMORY) // min(each, 2 << 30))
    return max(1, min(host.cores(), by_memory, max(1, len(trials))))


def timed(
    request: RunRequest, bench: RunContext, results: Sequence[TrialResult]
) -> Generator[Event, None, list[TrialResult]]:
    """Time what works, one process at a time, in interleaved rounds of shuffled order; nothing else runs beside it."""
    works = [number for number, one in enumerate(results) if measurable(request.planned[number], one)]
    sessions = {timing_session(bench, results[number]) for number in works}
    stored = all(timed_before(bench, results[number], request.timing, request.rounds) for number in works)
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
            yield from waiting()
            timing = replace(request.timing, loops=loops.get(number, 0))
            loops[number] = measure(bench, planned.trial, result, timing, turn) or loops.get(number, 0)
    return [measured(bench, one, request.rounds) if number in works else one for number, one in enumerate(results)]


def waiting() -> Generator[Event]:
    """Say that the timing which comes next has to wait for other work of a lab on this machine, where it has to."""
    if timing_lock.busy():
        yield Told(text=timing_lock.WAITS)


def measurable(planned: Planned, result: TrialResult) -> bool:
    """Whether a trial can be timed: it answered, its scenario has something to time, and the processor is a true one."""
    trial, answered = planned.trial, result.outcome.kind.answered
    return trial is not None and trial.scenario.timed and answered and not trial.loader.settings.emulated


def judged(request: RunRequest, laboratory: Laboratory, run: Run, results: Sequence[TrialResult]) -> Run:
    """Weigh the results against the header, test the comparator itself, and write the end of the run."""
    from lab.compare import selftest  # noqa: PLC0415 - numpy is loaded only where arrays are compared

    fresh = any(not one.reused for one in results)
    word, reasons = verdict.overall(results, selftest() if fresh else ())
    ended = store.finished(
        run,
        status="finished",
        trials=tuple(results),
        verdict=word if request.whole or word is Verdict.VOID else Verdict.NONE,
        reasons=reasons,
        planned=len(request.planned),
    )
    laboratory.store.save(ended)
    return ended
