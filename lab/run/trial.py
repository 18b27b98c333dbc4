"""The steps of a trial on disk: save once, load, compare, time; each taken from an earlier run where nothing changed."""

import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.engine.protocol import Image, Recipe
from lab.errors import InfraError
from lab.model import Diff, Kind, Measurement, Outcome, Phase, Place, Step, StepFacts, Trial, TrialResult
from lab.outcome.verdict import judge
from lab.run.plan import Planned
from lab.run.step import Runner, StepOrder, Timing, failed
from lab.storage import store

METRICS = ("load", "first", "infer")


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What the trials of one run share: the runner, the run's folder, the images (or why there is none)."""

    runner: Runner
    folder: Path
    images: Mapping[str, Image | Step]
    recipes: Mapping[str, Recipe]
    guard: threading.Lock = field(default_factory=threading.Lock)

    def saver_slug(self, trial: Trial) -> str:
        """The folder name of a save: one per scenario and saver."""
        return slug(trial.saver.label)

    def trial_folder(self, trial: Trial) -> Path:
        """Where one trial's files lie in the run."""
        return self.folder / "trials" / slug(trial.label)

    def digest(self, place: Place) -> str:
        """The digest of the image a place uses."""
        return self.recipes[place.environment.key].digest


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """A finished save: its step, its key, where its files lie, and the run they came from."""

    step: Step
    key: str
    folder: Path
    reused: str = ""


def slug(label: str) -> str:
    """A label as a folder name, short enough for every file system and still unique."""
    words = re.sub(r"[^A-Za-z0-9._=-]+", "_", label.replace("->", "to")).strip("_")
    return words if len(words) <= 120 else f"{words[:100]}-{store.key_of({'label': label})[:12]}"  # noqa: PLR2004


def save(bench: RunContext, trial: Trial) -> SavedModel:
    """Write the model once for all loaders of this saver."""
    place = trial.saver
    folder = bench.folder / "saves" / bench.saver_slug(trial)
    key = bench.runner.save_key(trial.scenario, place, bench.digest(place))
    known = bench.runner.known(key, folder)
    if known is not None:
        return SavedModel(step=known[0], key=key, folder=folder, reused=known[1])
    image = bench.images[place.environment.key]
    if isinstance(image, Step):
        return SavedModel(step=image, key=key, folder=folder)
    order = StepOrder(mode="save", key=key, scenario=trial.scenario, place=place, image=image)
    return SavedModel(step=bench.runner.step(order, folder), key=key, folder=folder)


def load(bench: RunContext, trial: Trial, saved: SavedModel) -> tuple[Step, str, str]:
    """Load and infer what was saved: the step, its key, and the run it was taken from if it was."""
    key = bench.runner.load_key(trial, bench.digest(trial.loader), saved.key)
    if not saved.step.outcome.ok:
        return _depends(saved), key, ""
    image = bench.images[trial.loader.environment.key]
    if isinstance(image, Step):
        return image, key, ""
    folder = bench.trial_folder(trial)
    known = bench.runner.known(key, folder)
    if known is not None:
        return known[0], key, known[1]
    order = StepOrder(
        mode="load",
        key=key,
        scenario=trial.scenario,
        place=trial.loader,
        image=image,
        route=trial.route,
        saved=saved.folder / "out",
    )
    return bench.runner.step(order, folder), key, ""


def _depends(saved: SavedModel) -> Step:
    outcome = saved.step.outcome
    if not outcome.kind.tested:
        return saved.step
    said = f"the save failed: {outcome.kind.value} {outcome.type} {outcome.message}".strip()
    step = failed(Kind.DEPENDS_ON, Phase.SAVE, "save failed", said)
    return replace(step, outcome=replace(step.outcome, type=outcome.type, signature=outcome.signature))


def _about_save(planned: Planned, saved: SavedModel) -> bool:
    """Whether the save failed in a trial that speaks of the save itself: then its outcome is the trial's own."""
    return planned.expected is not None and planned.expected.phase is Phase.SAVE and not saved.step.outcome.ok


def finish(bench: RunContext, planned: Planned, saved: SavedModel, loaded: tuple[Step, str, str]) -> TrialResult:
    """Compare, judge and store one trial."""
    step, key, reused = (saved.step, saved.key, saved.reused) if _about_save(planned, saved) else loaded
    trial = planned.trial
    if trial is None:
        raise InfraError("a trial without places cannot be finished", "report this as a bug of the lab")
    folder = bench.trial_folder(trial)
    earlier = folder / "result.json"
    if reused and earlier.is_file():
        result = store.decode_result(earlier)
        result = replace(result, reused=result.reused or reused)
    else:
        result = replace(_fresh_result(bench, trial, saved, step, key), reused=reused)
    judged = judge(planned.expected, result.outcome, result.diffs) if planned.expected is not None else ""
    result = replace(result, expected=planned.expected, verdict=judged, folder=f"trials/{folder.name}")
    store.write(folder / "result.json", store.encode_result(result))
    return result


def _warned(outcome: Outcome, facts: StepFacts) -> Outcome:
    """The outcome with a warning for each flag that was set and that this build does not know: it did nothing."""
    unknown = tuple(f"this build does not know {name}: it changed nothing" for name in facts.flags_missing)
    return replace(outcome, warnings=outcome.warnings + unknown)


def _fresh_result(bench: RunContext, trial: Trial, saved: SavedModel, step: Step, key: str) -> TrialResult:
    outcome = step.outcome
    diffs: tuple[Diff, ...] = ()
    if step.outcome.ok:
        outcome, diffs = _compared(bench, trial, saved, step)
    outcome = _warned(outcome, step.facts)
    return TrialResult(
        label=trial.label,
        key=key,
        saver=trial.saver.environment.key,
        loader=trial.loader.environment.key,
        saver_env=trial.saver.settings.env,
        loader_env=trial.loader.settings.env,
        route=trial.route,
        outcome=outcome,
        diffs=diffs,
        save=saved.step.facts,
        load=step.facts,
        seconds=step.seconds,
        threads=trial.loader.settings.threads,
        cpu=cpu.label if (cpu := trial.loader.settings.cpu) is not None else "",
    )


def _compared(bench: RunContext, trial: Trial, saved: SavedModel, step: Step) -> tuple[Outcome, tuple[Diff, ...]]:
    from lab.compare import compare  # noqa: PLC0415 - numpy is loaded only where arrays are compared
    from lab.outcome.classify import with_diffs  # noqa: PLC0415

    reference = saved.folder / "out" / "outputs.npz"
    candidate = bench.trial_folder(trial) / "out" / "outputs.npz"
    diffs = compare(reference, candidate, trial.scenario.tolerances)
    return with_diffs(step.outcome, diffs), diffs


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


def timed_before(bench: RunContext, result: TrialResult, timing: Timing, rounds: int) -> bool:
    """Whether every timed process this run asks for was run before, and its times came with the trial."""
    runner = bench.runner
    keys = [runner.measure_key(result.key, timing, turn) for turn in range(rounds)]
    stored = all(runner.store.known(key) is not None for key in keys)
    return bool(result.reused) and stored and {len(one.values) for one in result.measurements} == {rounds}


def timing_session(bench: RunContext, result: TrialResult) -> str:
    """The run in which a trial's times were taken; empty where none were."""
    path = bench.folder / result.folder / "timings" / "session"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def measure(bench: RunContext, trial: Trial, result: TrialResult, timing: Timing, turn: int) -> int:
    """One timed process of one trial; returns the loops it used, so that the next ones use the same."""
    image = bench.images[trial.loader.environment.key]
    if isinstance(image, Step):
        return 0
    folder = bench.folder / result.folder / "timings" / f"round-{turn + 1}"
    key = bench.runner.measure_key(result.key, replace(timing, loops=0), turn)
    known = bench.runner.known(key, folder, own=True)
    if known is not None:
        return known[0].loops
    order = StepOrder(
        mode="measure",
        key=key,
        scenario=trial.scenario,
        place=trial.loader,
        image=image,
        route=trial.route,
        saved=bench.folder / "saves" / bench.saver_slug(trial) / "out",
        timing=timing,
    )
    return bench.runner.step(order, folder).loops


def measured(bench: RunContext, result: TrialResult, rounds: int) -> TrialResult:
    """The trial with its times: the rounds of this run merged into one pyperf file, which stays the raw truth."""
    import pyperf  # noqa: PLC0415 - slow to load, needed only here

    home = bench.folder / result.folder / "timings"
    wanted = {f"round-{turn + 1}" for turn in range(rounds)}
    for stale in home.glob("round-*"):
        if stale.name not in wanted:  # it came with an adopted trial, and is of another session
            shutil.rmtree(stale)
    suites = [pyperf.BenchmarkSuite.load(str(path)) for path in sorted(home.glob("round-*/out/timings.json"))]
    if not suites:
        return result
    whole = suites[0]
    for suite in suites[1:]:
        whole.add_runs(suite)
    (home / "timings.json").unlink(missing_ok=True)  # it may be a hard link to an earlier run's file
    whole.dump(str(home / "timings.json"))
    store.write(home / "session", bench.folder.name.encode())
    values = tuple(
        Measurement(metric=one.get_name(), values=tuple(tuple(run.values) for run in one.get_runs()))
        for one in whole.get_benchmarks()
        if one.get_name() in METRICS
    )
    timed = replace(result, measurements=values)
    store.write(bench.folder / result.folder / "result.json", store.encode_result(timed))
    return timed
