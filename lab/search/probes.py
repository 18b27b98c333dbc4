"""One run whose trials are chosen while it goes: each is stored before it is told, and images are made ahead of need."""

import contextlib
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.engine.protocol import Image
from lab.model import Environment, Kind, Run, Scenario, Step, Trial, TrialResult
from lab.run.events import Began, Event, Told
from lab.run.plan import Planned
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.trial import RunContext, SavedModel, finish, load, save, unsupported
from lab.run.workflow import require_comparator
from lab.search.foresight import MOST, Asked, Foresight, Stopped
from lab.search.given_model import Adopted

Ready = Image | Step
# Two, so that an image that is needed now never waits for one that was only a guess.
BUILDERS = 2


@dataclass(kw_only=True)
class SearchSession:
    """What the trials of one search share: the run it holds, its images as they come, and what was found so far.

    With `adopted`, a given model stands where scenarios have a save. `notes` belong beside the run.
    """

    held: RunSession
    builders: ThreadPoolExecutor
    worker: ThreadPoolExecutor
    foresight: Foresight
    adopted: Adopted | None = None
    images: dict[str, Future[Ready]] = field(default_factory=dict)
    results: dict[tuple[str, int], TrialResult] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)
    saving: dict[Path, threading.Lock] = field(default_factory=dict)

    def readiness(self, planned: Planned) -> int:
        """2 where the trial was run before, 1 where its images are there, 0 where something must be built."""
        trial, laboratory = planned.trial, self.held.laboratory
        if trial is None or not all(self._ready(place.environment) for place in (trial.saver, trial.loader)):
            return 0
        digests = [laboratory.preparer.recipe(one.environment).digest for one in (trial.saver, trial.loader)]
        runner = self.held.runner()
        key = runner.load_key(trial, digests[1], runner.save_key(trial.scenario, trial.saver, digests[0]))
        return 2 if not self.held.request.fresh and laboratory.store.known(key) is not None else 1

    def _ready(self, environment: Environment) -> bool:
        """Whether the environment's image needs no building; an image being built is not ready."""
        future = self.images.get(environment.key)
        if future is not None:
            return future.done() and not future.cancelled() and isinstance(future.result(), Image)
        return self.held.laboratory.preparer.ready(environment)

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

    def _image(self, environment: Environment) -> Future[Ready]:
        with self.guard:
            if environment.key not in self.images:
                self.images[environment.key] = self.builders.submit(self.held.make_image, environment)
            return self.images[environment.key]

    def still(self) -> Generator[Event]:
        """Wait until nothing is being built, so that a timing has nothing beside it."""
        self._drop()
        yield from self.held.pump(list(self.images.values()))

    def trial(self, planned: Planned, repeat: int = 0) -> Generator[Event, None, TrialResult]:
        """Save and load once; the same question twice in one search is one trial, and so is one of an earlier run.

        What the lab itself failed at is tried once more, and again whenever it is asked for: it is no answer.
        """
        place = (planned.label, repeat)
        known = self.results.get(place)
        if known is None or _failed(known):
            found = yield from self._new(planned, repeat)
            if _failed(found):
                yield Told(text=f"{planned.label} is tried again: {found.outcome.message}")
                found = yield from self._new(planned, repeat)
            self.results[place] = found
            yield self.held.done(found)
        return self.results[place]

    def width(self, planned: Planned) -> int:
        """How many trials like this one may be under way at once: one on this machine, where what is not needed can wait."""
        executor = self.held.laboratory.executor
        if planned.trial is None or executor.here:
            return 1
        return min(MOST, executor.free(planned.trial.loader) + self.foresight.under_way())

    def ahead(self, asked: Sequence[Asked]) -> Generator[Event]:
        """Begin trials before they are asked for, where their images are there."""
        fresh = [(planned, repeat) for planned, repeat in asked if (planned.label, repeat) not in self.results]
        if begun := self.foresight.begin([one for one in fresh if self._imaged(one[0])], self._guessed):
            yield Told(text=f"tried ahead, on hosts that are free: {', '.join(dict.fromkeys(begun))}")

    def _imaged(self, planned: Planned) -> bool:
        trial = planned.trial
        ready = self.held.laboratory.preparer.ready  # also of an image that somebody looks for just now
        sides = () if trial is None else (trial.saver.environment, trial.loader.environment)
        built = self.held.laboratory.executor.built
        here = bool(sides) and all(self._ready(one) or ready(one) for one in sides)
        return here and trial is not None and built(trial.saver) and built(trial.loader)

    def forget(self, but: Sequence[Asked] = ()) -> Generator[Event]:
        """Give up what is tried ahead, but for these; what is done already is of this run, though nobody asked for it."""
        for key, result in self.foresight.drop(but).items():
            self.results[key] = result
            yield self.held.done(result)

    def foreseen(self, planned: Planned, times: int) -> tuple[TrialResult, ...]:
        """The trial `times` times, where all were tried ahead or asked for before; nothing where one was not."""
        found = [self.results.get((planned.label, turn)) or self.foresight.done(planned, turn) for turn in range(times)]
        return tuple(one for one in found if one is not None) if None not in found else ()

    def repeats(self, planned: Planned, times: int) -> Generator[Event, None, tuple[TrialResult, ...]]:
        """The trial `times` times, each with a save and a process of its own."""
        found: list[TrialResult] = []
        if times > 1:
            yield from self.ahead([(planned, turn) for turn in range(1, min(times, self.width(planned)))])
        for repeat in range(times):
            found += [(yield from self.trial(planned, repeat))]
        return tuple(found)

    def context(self, trials: Sequence[Trial], repeat: int = 0) -> RunContext:
        """What trials whose images are there work with; repeats have a folder and keys of their own."""
        folder = self.held.folder
        keys = {place.environment.key for trial in trials for place in (trial.saver, trial.loader)}
        return RunContext(
            runner=self.held.runner(repeat),
            folder=folder / "repeats" / str(repeat + 1) if repeat else folder,
            images={key: self.images[key].result() for key in keys},
            recipes=self.held.recipes,
        )

    def _new(self, planned: Planned, repeat: int) -> Generator[Event, None, TrialResult]:
        trial = planned.trial
        if trial is None:
            return unsupported(planned)
        reference = (self.adopted.trial.loader,) if self.adopted is not None else ()
        for place in (trial.saver, trial.loader, *reference):
            (image,) = yield from self.held.pump([self._image(place.environment)])
            if isinstance(image, Step):
                return _unbuilt(trial, image)
        yield Began(label=f"{planned.label}{f' (repeat {repeat + 1})' if repeat else ''}", phase="probe")
        guess = self.foresight.taken(planned, repeat)
        (result,) = yield from self.held.pump([guess or self.worker.submit(self._run, planned, trial, repeat)])
        return result

    def _guessed(self, planned: Planned, repeat: int, dropped: Stopped) -> TrialResult:
        """A trial that nobody has asked for yet, in a thread of its own; Interrupted once it is dropped."""
        if planned.trial is None:
            return unsupported(planned)
        for place in (planned.trial.saver, planned.trial.loader):
            self._now(place.environment)
        return self._run(planned, planned.trial, repeat, dropped, ahead=True)

    def _now(self, environment: Environment) -> None:
        """See to an image that is ready, beside those that are made one after the other."""
        with self.guard:
            known = self.images.get(environment.key)
        if known is None or not known.done() or known.cancelled():
            made: Future[Ready] = Future()
            made.set_result(self.held.make_image(environment))
            with self.guard:
                self.images[environment.key] = made

    def saved(self, context: RunContext, trial: Trial) -> SavedModel:
        """The save of a trial, done now or before; who needs the same one meanwhile waits for it."""
        folder = context.folder if self.adopted is not None else context.saver_folder(trial)
        with self.guard:
            mine = self.saving.setdefault(folder, threading.Lock())
        with mine:
            if self.adopted is None:
                return save(context, trial)
            return self.adopted.save(context, trial, self.context([self.adopted.trial]))

    def reference(self) -> str:
        """Whose answers a given model is held against, once one trial was run; empty where a scenario saves."""
        if self.adopted is None:
            return ""
        return self.adopted.reference(self.context([self.adopted.trial]))

    def _run(
        self, planned: Planned, trial: Trial, repeat: int, dropped: Stopped = lambda: False, *, ahead: bool = False
    ) -> TrialResult:
        context = self.context([trial], repeat)
        context = replace(context, runner=replace(context.runner, ahead=ahead))
        saved = self.saved(
            context, trial
        )  # others may wait for the same save, so it is never given up with one of them
        context = replace(context, runner=replace(context.runner, unwanted=dropped))
        result = finish(context, planned, saved, load(context, trial, saved))
        if result.outcome.kind is Kind.DEPENDS_ON:
            result = replace(result, outcome=saved.step.outcome)  # here the save's own failure is what is looked for
        inside = f"repeats/{repeat + 1}/" if repeat else ""
        return replace(result, folder=inside + result.folder)

    def close(self, notes: Sequence[str] = ()) -> Run:
        """Test the comparator, and write the end of the run, with `notes` of what was measured."""
        found = tuple(self.results.values())
        if any(not one.reused for one in found):
            require_comparator()
        run = replace(self.held.run, trials=found, planned=len(found), notes=(*notes, *self.notes))
        return self.held.finish(run)


def _failed(result: TrialResult) -> bool:
    """Whether the lab failed, and not Paddle."""
    return result.outcome.kind is Kind.INFRA_ERROR


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
        saved_on=trial.saver.settings.on,
        on=trial.loader.settings.on,
    )


def asking(
    scenario: Scenario, command: str, *, fresh: bool = False, seed: int = 0, rounds: int = 0, resume: str = ""
) -> RunRequest:
    """The request of a run whose trials are not known beforehand."""
    return RunRequest(
        name=scenario.name, command=command, scenario_sha256=scenario.sha256, rounds=rounds, fresh=fresh, seed=seed,
        resume=resume,
    )  # fmt: skip


@contextlib.contextmanager
def opened(request: RunRequest, laboratory: Laboratory, adopted: Adopted | None = None) -> Iterator[SearchSession]:
    """A session on a new run; left early, it stops its containers and keeps what is finished."""
    with (
        hold(request, laboratory) as held,
        held.workers(BUILDERS) as builders,
        held.workers(1) as worker,
        held.workers(MOST) as guessing,
    ):
        foresight = Foresight(pool=guessing)
        try:
            yield SearchSession(held=held, builders=builders, worker=worker, foresight=foresight, adopted=adopted)
        finally:
            foresight.drop()
