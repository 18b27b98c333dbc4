"""One run whose trials are chosen while it goes: each is stored before it is told, and images are made ahead of need."""

import contextlib
import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from lab.engine.protocol import Image, Recipe, Teller
from lab.errors import BuildError, InfraError
from lab.machine import timing_lock
from lab.model import Environment, Kind, Phase, Run, Scenario, Step, Trial, TrialResult
from lab.run.events import Began, Done, Event, Told
from lab.run.guest_files import guest_digest
from lab.run.plan import Planned
from lab.run.step import Runner, failed
from lab.run.trial import RunContext, SavedModel, finish, load, save, unsupported
from lab.run.workflow import Laboratory, RunRequest, begin, owned
from lab.search.given_model import Adopted
from lab.storage import store

Ready = Image | Step
# Two, so that an image that is needed now never waits for one that was only a guess.
BUILDERS = 2
Result = TypeVar("Result")


@dataclass(kw_only=True)
class SearchSession:
    """What the trials of one search share: the run, its images as they come, and what was found so far.

    With `adopted`, a given model stands where scenarios have a save.
    """

    laboratory: Laboratory
    request: RunRequest
    run: Run
    builders: ThreadPoolExecutor
    worker: ThreadPoolExecutor
    adopted: Adopted | None = None
    guest_sha256: str = field(default_factory=guest_digest)
    images: dict[str, Future[Ready]] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    results: dict[tuple[str, int], TrialResult] = field(default_factory=dict)
    lines: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def readiness(self, planned: Planned) -> int:
        """2 where the trial was run before, 1 where its images are there, 0 where something must be built."""
        trial = planned.trial
        if trial is None or not all(self._ready(place.environment) for place in (trial.saver, trial.loader)):
            return 0
        digests = [self.laboratory.preparer.recipe(one.environment).digest for one in (trial.saver, trial.loader)]
        runner = self.runner()
        key = runner.load_key(trial, digests[1], runner.save_key(trial.scenario, trial.saver, digests[0]))
        return 2 if not self.request.fresh and self.laboratory.store.known(key) is not None else 1

    def _ready(self, environment: Environment) -> bool:
        """Whether the environment's image needs no building; an image being built is not ready."""
        future = self.images.get(environment.key)
        if future is not None:
            return future.done() and not future.cancelled() and isinstance(future.result(), Image)
        return self.laboratory.preparer.ready(environment)

    def prefetch(self, environments: Sequence[Environment]) -> None:
        """Make images in the background, in this order; what waited from an earlier guess is dropped."""
        self._drop()
        for environment in environments:
            self._image(environment)

    def _drop(self) -> None:
        """Forget what waits to be built and was only a guess."""
        with self.guard:
            for key, future in list(self.images.items()):
                if future.cancel():
                    del self.images[key]

    def still(self) -> Generator[Event]:
        """Wait until nothing is being built, so that a timing has nothing beside it."""
        self._drop()
        for future in list(self.images.values()):
            yield from self.told(future)

    def trial(self, planned: Planned, repeat: int = 0) -> Generator[Event, None, TrialResult]:
        """Save and load once; the same question twice in one search is one trial, and so is one of an earlier run."""
        place = (planned.label, repeat)
        if place not in self.results:
            self.results[place] = yield from self._new(planned, repeat)
            yield Done(result=self.results[place])
        return self.results[place]

    def repeats(self, planned: Planned, times: int) -> Generator[Event, None, tuple[TrialResult, ...]]:
        """The trial `times` times, each with a save and a process of its own."""
        found: list[TrialResult] = []
        for repeat in range(times):
            found += [(yield from self.trial(planned, repeat))]
        return tuple(found)

    @property
    def folder(self) -> Path:
        """Where this run keeps its files."""
        return self.laboratory.store.folder(self.run.id)

    def image(self, environment: Environment) -> Image:
        """The environment's image, which an earlier trial needed already; InfraError where there is none."""
        made = self.images[environment.key].result()
        if isinstance(made, Step):
            raise InfraError(f"{environment.key} has no image: {made.outcome.message}", "lab runs show last")
        return made

    def bench(self, trials: Sequence[Trial], repeat: int = 0) -> RunContext:
        """The workbench of trials whose images are there; repeats have a folder and keys of their own."""
        folder = self.folder
        keys = {place.environment.key for trial in trials for place in (trial.saver, trial.loader)}
        return RunContext(
            runner=self.runner(repeat),
            folder=folder / "repeats" / str(repeat + 1) if repeat else folder,
            images={key: self.images[key].result() for key in keys},
            recipes=self.recipes,
        )

    def runner(self, repeat: int = 0) -> Runner:
        """What starts containers for this run; repeats have keys of their own."""
        return Runner(
            engine=self.laboratory.engine,
            store=self.laboratory.store,
            run_id=self.run.id,
            fresh=self.request.fresh,
            guest_sha256=self.guest_sha256,
            repeat=repeat,
        )

    def told(self, future: Future[Result]) -> Generator[Event, None, Result]:
        """Wait for work in another thread, and pass on what is said meanwhile."""
        while not (future.done() and self.lines.empty()):
            with contextlib.suppress(queue.Empty):
                yield self.lines.get(timeout=0.02)
        return future.result()

    def _image(self, environment: Environment) -> Future[Ready]:
        with self.guard:
            if environment.key not in self.images:
                self.images[environment.key] = self.builders.submit(self._make, environment)
            return self.images[environment.key]

    def _make(self, environment: Environment) -> Ready:
        """The image, or the step that says why there is none; runs in a builder thread."""
        teller = Teller(
            say=lambda text: self.lines.put(Told(text=text)),
            passing=lambda text: self.lines.put(Told(text=text, passing=True)),
        )
        try:
            recipe = self.laboratory.preparer.recipe(environment)
            self.recipes[environment.key] = recipe
            log = self.folder / "builds" / f"{environment.key}.log"
            with timing_lock.shared():
                return self.laboratory.preparer.image(recipe, log, teller)
        except BuildError as error:
            return failed(Kind.BUILD_FAILURE, Phase.BUILD, "install", error.what)

    def _new(self, planned: Planned, repeat: int) -> Generator[Event, None, TrialResult]:
        trial = planned.trial
        if trial is None:
            return unsupported(planned)
        reference = (self.adopted.trial.loader,) if self.adopted is not None else ()
        for place in (trial.saver, trial.loader, *reference):
            image = yield from self.told(self._image(place.environment))
            if isinstance(image, Step):
                return _unbuilt(trial, image)
        yield Began(label=f"{planned.label}{f' (repeat {repeat + 1})' if repeat else ''}", phase="probe")
        return (yield from self.told(self.worker.submit(self._run, planned, trial, repeat)))

    def _run(self, planned: Planned, trial: Trial, repeat: int) -> TrialResult:
        bench = self.bench([trial], repeat)
        saved = self._saved(bench, trial)
        result = finish(bench, planned, saved, load(bench, trial, saved))
        if result.outcome.kind is Kind.DEPENDS_ON:
            result = replace(result, outcome=saved.step.outcome)  # here the save's own failure is what is looked for
        inside = f"repeats/{repeat + 1}/" if repeat else ""
        return replace(result, folder=inside + result.folder)

    def _saved(self, bench: RunContext, trial: Trial) -> SavedModel:
        if self.adopted is None:
            return save(bench, trial)
        return self.adopted.save(bench, trial, self.bench([self.adopted.trial]))

    def close(self, notes: Sequence[str] = ()) -> Run:
        """Test the comparator, and write the end of the run, with `notes` of what was measured."""
        from lab.compare import selftest  # noqa: PLC0415 - numpy is loaded only where arrays are compared

        found = tuple(self.results.values())
        missed = selftest() if any(not one.reused for one in found) else ()
        if missed:
            raise InfraError(f"the comparator let planted differences pass: {', '.join(missed)}", "lab doctor")
        self.run = store.finished(self.run, status="finished", trials=found, planned=len(found), notes=tuple(notes))
        self.laboratory.store.save(self.run)
        return self.run


def _unbuilt(trial: Trial, step: Step) -> TrialResult:
    """The result of a trial one of whose images cannot be had."""
    return TrialResult(
        label=trial.label,
        key="",
        saver=trial.saver.environment.key,
        loader=trial.loader.environment.key,
        saver_env=trial.saver.settings.env,
        loader_env=trial.loader.settings.env,
        route=trial.route,
        outcome=step.outcome,
    )


def asking(
    scenario: Scenario, command: str, *, fresh: bool = False, seed: int = 0, rounds: int = 0, resume: str = ""
) -> RunRequest:
    """The request of a run whose trials are not known beforehand."""
    return RunRequest(
        name=scenario.name, command=command, planned=(), scenario_sha256=scenario.sha256, rounds=rounds, fresh=fresh,
        seed=seed, resume=resume,
    )  # fmt: skip


@contextlib.contextmanager
def opened(request: RunRequest, laboratory: Laboratory, adopted: Adopted | None = None) -> Iterator[SearchSession]:
    """A session on a new run; left early, it stops its containers and keeps what is finished."""
    run = begin(request, laboratory)
    builders, worker = ThreadPoolExecutor(max_workers=BUILDERS), ThreadPoolExecutor(max_workers=1)
    with owned(laboratory.store.folder(run.id)):
        session = SearchSession(
            laboratory=laboratory, request=request, run=run, builders=builders, worker=worker, adopted=adopted
        )
        try:
            laboratory.engine.reap()
            yield session
        except BaseException:
            laboratory.engine.stop(run.id)
            found = tuple(session.results.values())
            laboratory.store.save(replace(run, status="interrupted", trials=found))
            raise
        finally:
            builders.shutdown(wait=False, cancel_futures=True)
            worker.shutdown(wait=False, cancel_futures=True)
