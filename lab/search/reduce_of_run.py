"""A run as the beginning of a reduction: the trial that failed, the files it opened, and the place whose answers were right."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.check.sample_inputs import Arrays
from lab.errors import UsageError
from lab.model import Run, TrialResult
from lab.run import saved_files
from lab.scenario.expect import STANDARD_ROUTES
from lab.search import cuttable
from lab.search.reduce_trials import arrays_of
from lab.storage import copies, outbox
from lab.storage.outbox import GuestFile

MODEL = "model/"


@dataclass(frozen=True, kw_only=True)
class FailedTrial:
    """One trial that failed: where, by which way, with which variables, and the release that saved what it opened."""

    good: str
    good_env: Mapping[str, str]
    bad: str
    env: Mapping[str, str]
    route: str
    threads: int
    inputs: Arrays


def failed_trial(run: Run, folder: Path, route: str, into: Path) -> FailedTrial:
    """The first trial that fails by a standard way, its files copied `into` a folder; UsageError where there is none."""
    trial = _chosen(run, route)
    out = saved_files.out_of(folder, trial)
    files = [one for one in outbox.files(out) if one.name.startswith(MODEL)]
    given = GuestFile(out=out, name="inputs.npz")
    if not files or not given.plain:
        raise UsageError(f"the files that {trial.label} opened are gone from run {run.id}", f"{run.command} --fresh")
    for one in files:
        copies.copy(one, into / one.name.removeprefix(MODEL))
    return FailedTrial(
        good=trial.saver, good_env=_right(run, trial), bad=trial.loader, env=trial.loader_env, route=trial.route,
        threads=trial.threads, inputs=arrays_of(given),
    )  # fmt: skip


def _chosen(run: Run, route: str) -> TrialResult:
    failing = cuttable.failing(run.trials)
    fitting = [one for one in failing if cuttable.fits(one) and route in ("", one.route)]
    if fitting:
        return fitting[0]
    if failing:
        ways = ", ".join(dict.fromkeys(one.route for one in failing))
        raise UsageError(
            f"what fails in run {run.id} is opened by {ways}, and not by {route or 'a standard way'}",
            f"name a way that fails: {' or '.join(STANDARD_ROUTES)}; or the model's own files",
        )
    raise UsageError(f"no trial of run {run.id} fails", "name a run with a failing trial: lab runs list")


def _right(run: Run, trial: TrialResult) -> Mapping[str, str]:
    """The variables under which the saving release opened these files, where it did; else those it saved them with."""
    same = [
        one
        for one in run.trials
        if one.loader == trial.saver and one.outcome.ok and one.saver_label == trial.saver_label
    ]
    return next((one.loader_env for one in same), trial.saver_env)
