"""The model of a run's bad trial: its files and inputs as the run kept them, and both places as the run shows them."""

from dataclasses import dataclass
from pathlib import Path

from lab.check.sample_inputs import Arrays
from lab.compare import Outputs
from lab.errors import UsageError
from lab.model import Kind, Run, TrialResult
from lab.run import saved_files
from lab.run.candidates import ENDS, INPUTS, PREFIX
from lab.scenario.expect import STANDARD_ROUTES
from lab.search.locate.request import SideWords
from lab.storage import copies
from lab.storage.outbox import GuestFile


@dataclass(frozen=True, kw_only=True)
class RunModel:
    """A copy of a run's model below `folder`, what it was fed, and what the run says of the good and of the bad place."""

    folder: Path
    inputs: Arrays
    good: SideWords
    bad: SideWords


def taken(run: Run, home: Path, folder: Path, *, release: str = "", route: str = "") -> RunModel:
    """Copy the model of the run's bad trial (in `release` and by `route`, where named) from its `home` into a folder.

    UsageError where nothing of it fails, or where no standard way could open what it loaded.
    """
    trial = _bad(run, release, route)
    out = saved_files.out_of(home, trial)
    try:
        for end in ENDS:
            file = GuestFile(out=out, name=f"model/{PREFIX}{end}")
            if file.plain:
                copies.copy(file, folder / f"{PREFIX}{end}")
        with Outputs(GuestFile(out=out, name=f"{INPUTS}.npz")) as stored:
            arrays = {name: one.read(0, one.size).reshape(one.shape) for name, one in stored.arrays.items()}
    except OSError as error:
        raise UsageError(
            f"the model of run {run.id} is not there any more: {error.strerror}", "run it again, or name the model"
        ) from error
    if not any((folder / f"{PREFIX}{end}").is_file() for end in ENDS[:2]):
        raise UsageError(
            f"what {trial.label} loaded is no exported model, so there is no graph to cut",
            "name a run whose model was exported with paddle.jit.save or static.save_inference_model",
        )
    routes = (trial.route,) if trial.route in STANDARD_ROUTES else ()
    bad = SideWords(release=trial.loader, routes=routes, env=trial.loader_env)
    return RunModel(folder=folder, inputs=arrays, good=_good(run, trial), bad=bad)


def _bad(run: Run, release: str, route: str) -> TrialResult:
    """The bad trial that is meant: wrong numbers first, since nobody hears of those otherwise."""
    found = [
        one
        for one in run.trials
        if one.outcome.kind.tested and not one.outcome.kind.works and one.outcome.kind is not Kind.DEPENDS_ON
        if (not route or one.route == route)
        and (not release or one.loader.startswith(f"{release}-") or one.loader == release)
    ]
    if not found:
        said = f" by {route}" if route else ""
        said += f" in {release}" if release else ""
        raise UsageError(f"nothing fails in run {run.id}{said}", f"lab runs show {run.id} says what it did")
    return min(found, key=lambda one: not one.outcome.kind.differs)


def _good(run: Run, bad: TrialResult) -> SideWords:
    """The place of a trial of the same files that works, the nearest one; else the release that saved them."""
    works = [one for one in run.trials if one.outcome.kind.works and one.saver_label == bad.saver_label]
    nearest = sorted(works, key=lambda one: (one.loader != bad.saver, one.route != "static"))
    if not nearest:
        return SideWords(release=bad.saver)
    one = nearest[0]
    routes = (one.route,) if one.route in STANDARD_ROUTES else ()
    return SideWords(release=one.loader, routes=routes, env=one.loader_env)
