"""The steps of a trial on disk: save once, load, compare, time; each taken from an earlier run where nothing changed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.engine.protocol import Image, Recipe
from lab.errors import InfraError
from lab.model import Diff, Kind, Outcome, Phase, Place, Scenario, Step, StepFacts, Tolerance, Trial, TrialResult
from lab.model.growth import Growth
from lab.outcome.growth import with_growth
from lab.outcome.verdict import judge
from lab.run.forks import Forks, start_of
from lab.run.order import StepOrder
from lab.run.plan import Planned
from lab.run.step import DoneStep, Runner, without_save
from lab.stats import rise
from lab.storage import outbox, store

_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What the trials of one run share: the runner, the run's folder, the images (or why there is none).

    With `forks`, loads share the starts of their containers.
    """

    runner: Runner
    folder: Path
    images: Mapping[str, Image | Step]
    recipes: Mapping[str, Recipe]
    forks: Forks | None = None

    def trial_folder(self, trial: Trial) -> Path:
        """Where one trial's files lie in the run."""
        return self.folder / "trials" / slug(trial.label)

    def saver_folder(self, trial: Trial) -> Path:
        """Where the save of a trial lies in the run: one per scenario and saver."""
        return self.folder / "saves" / slug(trial.saver_label)

    def digest(self, place: Place) -> str:
        """The digest of the image a place uses; empty where it could not even be said what the image is made of."""
        recipe = self.recipes.get(place.environment.key)
        return recipe.digest if recipe is not None else ""

    def known_or(self, key: str, folder: Path, make: Callable[[], Step], *, own: bool = False) -> DoneStep:
        """The step with this key as an earlier run did it, or made now; `own` takes only what this run did itself."""
        return self.runner.known(key, folder, own=own) or DoneStep(step=make())

    def known_or_run(self, order: StepOrder, folder: Path, *, own: bool = False, again: bool = False) -> DoneStep:
        """The same for a step of its own container, or why there is no image for it; `again` takes none over."""
        image = self.images[order.place.environment.key]

        def run() -> Step:
            if isinstance(image, Step):
                return image
            return (self.forks or self.runner).step(order, image, folder)

        return DoneStep(step=run()) if again else self.known_or(order.key, folder, run, own=own)


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """A finished save: its step, its key, where its files lie, and the run they came from."""

    step: Step
    key: str
    folder: Path
    reused: str = ""


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A finished load: its step, its key, and the run it was taken from."""

    step: Step
    key: str
    reused: str = ""


def slug(label: str) -> str:
    """A label as a folder name, short enough for every file system and still unique."""
    words = re.sub(r"[^A-Za-z0-9._=-]+", "_", label.replace("->", "to")).strip("_")
    return words if len(words) <= 120 else f"{words[:100]}-{store.key_of({'label': label})[:12]}"  # noqa: PLR2004


def save(context: RunContext, trial: Trial, below: SavedModel | None = None) -> SavedModel:
    """Write the model once for all loaders of this saver; `below` is what lies in its folder already, where something does."""
    if below is None and trial.below is not None:
        below = save(context, trial.below)
    place, folder = trial.saver, context.saver_folder(trial)
    key = context.runner.save_key(trial.scenario, place, context.digest(place), below.key if below else "")
    if below is not None and not below.step.outcome.ok:
        return replace(below, key=key)
    order = StepOrder(mode="save", key=key, scenario=trial.scenario, place=place)
    if below is not None:
        order = replace(order, saved=below.folder / "out", more={"over": True})
    done = context.known_or_run(order, folder)
    return SavedModel(step=done.step, key=key, folder=folder, reused=done.reused)


def load(
    context: RunContext, trial: Trial, saved: SavedModel, *, more: Mapping[str, object] = _NOTHING, again: bool = False
) -> LoadedModel:
    """Load and infer what was saved.

    `more` asks the guest for something beside that, which must not change what comes out; `again` takes nothing over.
    """
    order = load_order(context, trial, saved, more)
    if not saved.step.outcome.ok:
        step = without_save(saved.step) if saved.step.outcome.kind.tested else saved.step
        return LoadedModel(step=step, key=order.key)
    done = context.known_or_run(order, context.trial_folder(trial), again=again)
    return LoadedModel(step=done.step, key=order.key, reused=done.reused)


def load_order(
    context: RunContext, trial: Trial, saved: SavedModel, more: Mapping[str, object] = _NOTHING
) -> StepOrder:
    """What a load is asked to do, with the key it is remembered by."""
    return StepOrder(
        mode="load",
        key=context.runner.load_key(trial, context.digest(trial.loader), saved.key),
        scenario=trial.scenario,
        place=trial.loader,
        route=trial.route,
        saved=saved.folder / "out",
        more=more,
    )


def foresee(context: RunContext, orders: Iterable[StepOrder]) -> None:
    """Let the starts begin that these loads can share, each where more than one of them is not known already."""
    if context.forks is None:
        return
    starts: dict[str, list[StepOrder]] = {}
    for order in orders:
        if not context.runner.foreseen(order.key):
            starts.setdefault(start_of(order), []).append(order)
    for unknown in starts.values():
        image = context.images[unknown[0].place.environment.key]
        if len(unknown) > 1 and not isinstance(image, Step):
            context.forks.begin(unknown[0], image)


def doubted(context: RunContext, loaded: LoadedModel, result: TrialResult) -> bool:
    """Whether numbers are wrong that only a fork has shown so far."""
    return context.forks is not None and context.forks.did(loaded.key) and result.outcome.kind is Kind.NUMERIC_MISMATCH


def _about_save(planned: Planned, saved: SavedModel) -> bool:
    """Whether the save failed in a trial that speaks of the save itself: then its outcome is the trial's own."""
    return planned.expected is not None and planned.expected.phase is Phase.SAVE and not saved.step.outcome.ok


def finish(context: RunContext, planned: Planned, saved: SavedModel, loaded: LoadedModel) -> TrialResult:
    """Compare, judge and store one trial."""
    about = saved if _about_save(planned, saved) else loaded
    trial = planned.trial
    if trial is None:
        raise InfraError("a trial without places cannot be finished", "report this as a bug of the lab")
    folder = context.trial_folder(trial)
    earlier = folder / "result.json"
    result = store.known_result(earlier) if about.reused else None
    if result is not None and result.outcome.kind.kept:
        # It may have been asked for under other labels of the same class: what is told is what was asked now.
        result = replace(result, reused=result.reused or about.reused, label=trial.label, **_hosts_of(trial))
    else:
        result = replace(_fresh_result(context, trial, saved, about.step, about.key), reused=about.reused)
    return judged(context, replace(result, expected=planned.expected, folder=f"trials/{folder.name}"))


def judged(context: RunContext, result: TrialResult) -> TrialResult:
    """A trial with its verdict, as it is stored."""
    verdict = judge(result.expected, result.outcome, result.diffs) if result.expected is not None else ""
    result = replace(result, verdict=verdict)
    store.write(context.folder / result.folder / "result.json", store.pretty(result))
    return result


def _fresh_result(context: RunContext, trial: Trial, saved: SavedModel, step: Step, key: str) -> TrialResult:
    outcome = step.outcome
    diffs: tuple[Diff, ...] = ()
    if outcome.ok:
        answers = (saved.folder / "out", context.trial_folder(trial) / "out")
        outcome, diffs = compared(outcome, *answers, trial.scenario.tolerances)
    grown = growth_of(trial.scenario, step)
    # A flag that was set and that this build does not know did nothing.
    unknown = tuple(f"this build does not know {name}: it changed nothing" for name in step.facts.flags_missing)
    return TrialResult(
        label=trial.label,
        key=key,
        saver=trial.saver.environment.key,
        loader=trial.loader.environment.key,
        saver_env=trial.saver.settings.env,
        loader_env=trial.loader.settings.env,
        route=trial.route,
        outcome=with_growth(replace(outcome, warnings=outcome.warnings + unknown), grown),
        diffs=diffs,
        growth=grown,
        over=trial.over.label if trial.over is not None else "",
        save=saved.step.facts,
        load=step.facts,
        seconds=step.seconds,
        threads=trial.loader.settings.threads,
        cpu=cpu.label if (cpu := trial.loader.settings.cpu) is not None else "",
        **_hosts_of(trial),
    )


def _hosts_of(trial: Trial) -> dict[str, Any]:
    """The labels of the hosts that a trial was asked for on, as its result keeps them."""
    return {"saved_on": trial.saver.settings.on, "on": trial.loader.settings.on}


def growth_of(scenario: Scenario, step: Step) -> Growth | None:
    """How memory grew in a load that answered, where its scenario asks for it."""
    return rise.weigh(scenario.growth.of, step.resident) if scenario.growth is not None and step.outcome.ok else None


def compared(
    outcome: Outcome, saved: Path, loaded: Path, tolerances: Sequence[Tolerance]
) -> tuple[Outcome, tuple[Diff, ...]]:
    """The outcome of a load that answered, held against the saver's answers; both folders hold outputs.npz.

    What cannot be compared is this pair's own failure, whatever it is: no other pair has to do with it.
    """
    from lab.compare import UnreadableOutputsError, compare  # noqa: PLC0415 - numpy is loaded only where it is used
    from lab.outcome.classify import unreadable, with_diffs  # noqa: PLC0415

    try:
        diffs = compare(outbox.outputs(saved), outbox.outputs(loaded), tolerances)
    except UnreadableOutputsError as error:
        return unreadable(outcome, error.what), ()
    return with_diffs(outcome, diffs), diffs


def unsupported(planned: Planned) -> TrialResult:
    """A trial that cannot exist on this machine, as a result like any other: grey, counted, never passed over."""
    outcome = Outcome(kind=Kind.UNSUPPORTED, phase=Phase.BUILD, reason="no environment", message=planned.unsupported)
    expected, asked = planned.expected, planned.expected or planned.asked
    return TrialResult(
        label=planned.label,
        key="",
        saver=asked.saver if asked else "",
        loader=asked.loader if asked else "",
        saver_env=asked.saver_env if asked else {},
        loader_env=asked.loader_env if asked else {},
        route=asked.route if asked else "own",
        outcome=outcome,
        expected=expected,
        verdict=judge(expected, outcome, ()) if expected else "",
        load=StepFacts(),
    )
