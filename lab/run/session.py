"""One verb at work: its run held from the first file to the report, its threads, and what is said meanwhile."""

import contextlib
import queue
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from lab import scratch
from lab.engine.protocol import Engine, Image, Recipe, Teller
from lab.environment import given
from lab.environment.prepare import Preparer
from lab.errors import BuildError, InfraError, LabError, LeftRun, UnsatisfiableError, UsageError
from lab.machine import host, refused
from lab.model import Environment, Kind, Phase, Run, RunStatus, Step, TrialResult, Verdict
from lab.run import ownership
from lab.run.events import Began, Done, Event, Told
from lab.run.executor import Executor, LocalExecutor
from lab.run.guest_files import guest_digest
from lab.run.order import Timing
from lab.run.plan import Planned
from lab.run.step import Runner, engines, failed
from lab.run.trial import RunContext
from lab.storage import store
from lab.storage.store import Store

ROUNDS = 3
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run to do: the plan, how often to time it (0 = not at all), and whether earlier results may serve.

    `whole` says that the plan is the scenario's own, so that a verdict on its problem can be given. A verb that chooses
    its trials while it works has no plan.
    """

    name: str
    command: str
    scenario_sha256: str
    planned: tuple[Planned, ...] = ()
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
    executor: Executor = field(default_factory=LocalExecutor)


@dataclass(kw_only=True)
class RunSession:
    """A run while its verb holds it: what is finished, what its threads say, and how they are started and ended."""

    laboratory: Laboratory
    request: RunRequest
    run: Run
    guest_sha256: str = field(default_factory=guest_digest)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    _finished: list[TrialResult] = field(default_factory=list)
    _lines: "queue.SimpleQueue[Event | Future[Any]]" = field(default_factory=queue.SimpleQueue)

    @property
    def folder(self) -> Path:
        """Where this run keeps its files."""
        return self.laboratory.store.folder(self.run.id)

    def runner(self, repeat: int = 0) -> Runner:
        """What starts containers for this run; repeats have keys of their own."""
        return Runner(
            engine=self.laboratory.engine,
            store=self.laboratory.store,
            run_id=self.run.id,
            fresh=self.request.fresh,
            guest_sha256=self.guest_sha256,
            repeat=repeat,
            say=lambda text: self.say(Told(text=text)),
            executor=self.laboratory.executor,
        )

    def places(self, memory: int, works: int) -> int:
        """How many of `works` steps may run side by side, where each may take `memory` bytes."""
        return self.laboratory.executor.slots(memory, works)

    def say(self, event: Event) -> None:
        """Tell something, from any thread; it is passed on by the next `pump`."""
        self._lines.put(event)

    def done(self, result: TrialResult) -> Done:
        """A trial is finished and stored: from now on an interrupted run knows it."""
        self._finished.append(result)
        return Done(result=result)

    @contextlib.contextmanager
    def workers(self, count: int) -> Iterator[ThreadPoolExecutor]:
        """Threads for this run; left early, nothing more of it starts, and what runs is ended."""
        pool = ThreadPoolExecutor(max_workers=count)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            self.end_steps()
            pool.shutdown()
            raise
        pool.shutdown(wait=False, cancel_futures=True)  # what is left was only a guess, and nobody waits for it

    def pump(self, futures: Sequence[Future[Result]]) -> Generator[Event, None, list[Result]]:
        """Wait for work in other threads, and pass on what is said meanwhile.

        Where one fails, what is still queued is dropped, and what runs comes to its end before that is raised.
        """
        left, failure = set[object](futures), None
        for one in futures:
            one.add_done_callback(self._lines.put)
        while left or not self._lines.empty():
            said = self._lines.get()
            if not isinstance(said, Future):
                yield said
            elif said in left:
                left.remove(said)
                if failure is None and not said.cancelled() and (failure := said.exception()) is not None:
                    for one in futures:
                        one.cancel()
        if failure is not None:
            raise failure
        return [one.result() for one in futures]

    def make_image(self, environment: Environment) -> Image | Step:
        """An environment's image, or the step that says why there is none; for a worker thread."""
        teller = Teller(
            say=lambda text: self.say(Told(text=text)), passing=lambda text: self.say(Told(text=text, passing=True))
        )
        preparer = self.laboratory.preparer
        try:
            recipe = preparer.recipe(environment)
            self.recipes[environment.key] = recipe
            found = self.laboratory.engine.image(recipe)
            if found is not None:
                return found
            self.say(Began(label=environment.key, phase="build"))
            log = self.folder / "builds" / f"{environment.key}.log"
            return preparer.image(recipe, log, teller, lambda: self.laboratory.engine.stopped(self.run.id))
        except UnsatisfiableError as error:
            self.say(Told(text=str(error)))
            return failed(Kind.UNSUPPORTED, Phase.BUILD, "no environment", error.what)
        except BuildError as error:
            self.say(Told(text=str(error)))
            return failed(Kind.BUILD_FAILURE, Phase.BUILD, "install", error.what)

    def context(self, needed: Mapping[str, Environment]) -> Generator[Event, None, RunContext]:
        """What trials work with: every image that is needed; one that cannot be made costs only its own trials."""
        images: dict[str, Image | Step] = {}
        with self.workers(1) as pool:
            for key, environment in needed.items():
                (images[key],) = yield from self.pump([pool.submit(self.make_image, environment)])
        return RunContext(runner=self.runner(), folder=self.folder, images=images, recipes=self.recipes)

    def keep(self, run: Run) -> Run:
        """Write down how far the run is."""
        environments = [one.environment for one in tuple(self.recipes.values())]
        hosts = {**run.hosts, **self.laboratory.executor.hosts(run.id)}
        self.run = replace(run, builds=given.builds_of(environments, run.builds), hosts=hosts)
        self.laboratory.store.save(self.run)
        return self.run

    def finish(self, run: Run) -> Run:
        """Write the end of the run, and whether every step that it rests on was in a container."""
        return self.keep(store.finished(self._walled(run), status=RunStatus.FINISHED))

    def _walled(self, run: Run) -> Run:
        """The run with what its steps say of walls: one of another engine than its own takes the claim away."""
        return replace(run, isolated=run.isolated and engines(self.folder) <= {run.engine})

    def end_steps(self) -> None:
        """End what runs, and start nothing more; what an engine cannot do that died is no news beside its death."""
        with contextlib.suppress(LabError):
            self.laboratory.engine.stop(self.run.id)

    def leave(self, error: BaseException) -> None:
        """Write down how far the run came, with the trials that are finished, in the order of its plan.

        Where the error is itself the answer the run is finished, and tells it: nothing is left to go on with.
        """
        if self.run.status is RunStatus.FINISHED:
            return
        order = {one.label: number for number, one in enumerate(self.request.planned)}
        trials = sorted(self._finished, key=lambda one: order.get(one.label, len(order)))
        left = replace(self.run, trials=self.run.trials or tuple(trials))
        if isinstance(error, LabError) and error.answers:
            self.finish(replace(left, notes=(*left.notes, error.what)))
        else:
            self.keep(replace(self._walled(left), status=RunStatus.INTERRUPTED))


@contextlib.contextmanager
def hold(request: RunRequest, laboratory: Laboratory) -> Iterator[RunSession]:
    """Begin a run and hold it until the verb's report is written; left early, it ends its containers and is kept.

    What a killed run had left behind is removed first, and said. UsageError where another lab is at work on the run.
    """
    request = _as_begun(request, laboratory.store)
    run = begin(request, laboratory)
    ownership.clear_killed(laboratory.store)
    with ownership.owned(laboratory.store.folder(run.id)):
        run = _gone_on_with(request, laboratory) or run  # whoever held it until now may have finished it
        session = RunSession(laboratory=laboratory, request=request, run=run)
        try:
            session.keep(run)
            scratch.reap(laboratory.preparer.wheels.folder)
            gone = laboratory.engine.reap()
            if gone:
                session.say(Told(text=f"removed {gone} container(s) that a killed run left behind"))
            yield session
        except BaseException as error:
            session.end_steps()
            ended = refused.by_host(error) if isinstance(error, OSError) else error
            _left(session, ended)
            if isinstance(ended, InfraError) and ended.left is None and (session.folder / "run.json").is_file():
                ended.left = LeftRun(id=run.id, command=run.command)
            if ended is error:
                raise
            raise ended from error


def _left(session: RunSession, error: BaseException) -> None:
    """Write down that the run was left early; where the disk takes not even that, the first failure is what is told."""
    try:
        session.leave(error)
    except (InfraError, OSError):
        if not isinstance(error, InfraError):
            raise


def begin(request: RunRequest, laboratory: Laboratory) -> Run:
    """A new run, or the interrupted one to go on with; nothing is written yet."""
    engine = laboratory.engine
    return _gone_on_with(request, laboratory) or Run(
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
        fresh=request.fresh,
        variants=next((one.trial.scenario.variants for one in request.planned if one.trial is not None), ()),
    )


def _as_begun(request: RunRequest, kept: Store) -> RunRequest:
    """The request with the --fresh of the run that is gone on with: nobody types it again.

    It holds for every run of a verb that makes several, also for those that had not begun.
    """
    return request if not request.resume else replace(request, fresh=request.fresh or kept.load(request.resume).fresh)


def _gone_on_with(request: RunRequest, laboratory: Laboratory) -> Run | None:
    """The run named by its id to go on with; None where none is, or where it is another of the runs a verb makes.

    UsageError where it is finished, its scenario has changed since, or this is another engine than its own.
    """
    kept, engine = laboratory.store, laboratory.engine
    run = kept.load(request.resume) if request.resume else None
    if run is None or run.scenario != request.name:
        return None
    if run.status is RunStatus.FINISHED:
        raise UsageError(f"run {run.id} is finished: there is nothing to go on with", "start without --resume")
    if run.scenario_sha256 != request.scenario_sha256:
        raise UsageError(f"the scenario has changed since run {run.id}", "start without --resume")
    if run.engine != engine.name:
        said = f"run {run.id} was begun with the engine {run.engine}, and goes on with no other ({engine.name})"
        raise UsageError(said, f"start {run.engine}, or start without --resume")
    return replace(
        run, command=request.command, status=RunStatus.RUNNING, verdict=Verdict.NONE, reasons=(), trials=(),
        fresh=request.fresh,
    )  # fmt: skip
