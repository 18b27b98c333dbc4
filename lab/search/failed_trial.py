"""A run as the beginning of a cut: the trial that failed, the files it opened, and the place whose answers were right."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.check.sample_inputs import Arrays
from lab.compare import Outputs
from lab.errors import UsageError
from lab.model import Run, TrialResult
from lab.run import saved_files
from lab.scenario.expect import STANDARD_ROUTES
from lab.search import cuttable
from lab.storage import copies, outbox
from lab.storage.outbox import GuestFile

MODEL = "model/"
PROGRAMS = (".json", ".pdmodel")


@dataclass(frozen=True, kw_only=True)
class FailedTrial:
    """One trial that failed: where, by which way, with which variables; and the place whose answers were right.

    `good_routes` holds the way by which that one was seen to answer; it is empty where the run has no such trial.
    """

    good: str
    good_env: Mapping[str, str]
    good_routes: tuple[str, ...]
    bad: str
    env: Mapping[str, str]
    route: str
    threads: int
    inputs: Arrays


def failed_trial(run: Run, folder: Path, into: Path, *, route: str = "", release: str = "") -> FailedTrial:
    """The trial that is meant, its files copied `into` a folder: of a `release` where one of that fails, and by a `route`.

    UsageError where nothing fails, where no standard way could open what fails, or where its files are gone.
    """
    trial = _chosen(run, route, release)
    out = saved_files.out_of(folder, trial)
    files = [one for one in outbox.files(out) if one.name.startswith(MODEL)]
    given = GuestFile(out=out, name="inputs.npz")
    if not files or not given.plain:
        raise UsageError(f"the files that {trial.label} opened are gone from run {run.id}", f"{run.command} --fresh")
    if not any(one.name.endswith(PROGRAMS) for one in files):
        raise UsageError(
            f"what {trial.label} loaded is no exported model, so there is no graph to cut",
            "name a run whose model was exported with paddle.jit.save or static.save_inference_model",
        )
    for one in files:
        copies.copy(one, into / one.name.removeprefix(MODEL))
    with Outputs(given) as stored:
        inputs = {name: one.read(0, one.size).reshape(one.shape) for name, one in stored.arrays.items()}
    right = _right(run, trial)
    return FailedTrial(
        good=right.loader if right else trial.saver, good_env=right.loader_env if right else trial.saver_env,
        good_routes=(right.route,) if right else (), bad=trial.loader, env=trial.loader_env, route=trial.route,
        threads=trial.threads, inputs=inputs,
    )  # fmt: skip


def _chosen(run: Run, route: str, release: str) -> TrialResult:
    """The failing trial that is meant: wrong numbers first, since nobody hears of those otherwise; then in the run's order."""
    failing = cuttable.failing(run.trials)
    fitting = [one for one in failing if cuttable.fits(one) and route in ("", one.route)]
    named = [one for one in fitting if release and (one.loader == release or one.loader.startswith(f"{release}-"))]
    if fitting:
        return min(named or fitting, key=lambda one: not one.outcome.kind.differs)
    if failing:
        ways = ", ".join(dict.fromkeys(one.route for one in failing))
        raise UsageError(
            f"what fails in run {run.id} is opened by {ways}, and not by {route or 'a standard way'}",
            f"name a way that fails: {' or '.join(STANDARD_ROUTES)}; or the model's own files",
        )
    raise UsageError(f"no trial of run {run.id} fails", "name a run with a failing trial: lab runs list")


def _right(run: Run, bad: TrialResult) -> TrialResult | None:
    """The trial of the same files that works, the nearest one: in the release that saved them, by the plainest way."""
    works = [
        one
        for one in run.trials
        if cuttable.fits(one) and one.outcome.kind.works and one.saver_label == bad.saver_label
    ]
    nearest = sorted(works, key=lambda one: (one.loader != bad.saver, one.route != "static"))
    return nearest[0] if nearest else None
