"""The way to the reference with several kinds of made-up inputs in one start, and the kind that is taken put in place."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lab.check import sample_inputs
from lab.check.adopt import Material
from lab.check.candidates import choose, spread
from lab.compare import Outputs, UnreadableOutputsError
from lab.model import Outcome, Phase, Trial
from lab.model.check import Draw, Excited
from lab.run.trial import RunContext, SavedModel, load
from lab.storage import copies, outbox
from lab.storage.outbox import GuestFile

ANSWER = "answer-{}"
"""The stem of what the guest answered to candidate N, beside outputs.npz; 0 is the answer to the usual inputs."""


def answered(
    context: RunContext, trial: Trial, saved: SavedModel, material: Material
) -> tuple[Outcome, Excited | None]:
    """Load and infer once with the usual inputs and then with each candidate, and put those in place that are taken.

    Where it ends while it infers, a candidate may be why: then it is asked once more with the usual ones alone. Nothing is
    taken where what answers those is no set of outputs.
    """
    if not material.candidates:
        return load(context, trial, saved).step.outcome, None
    outcome = load(context, trial, saved, more={"candidates": len(material.candidates)}).step.outcome
    if not outcome.ok and outcome.phase is Phase.INFER:
        outcome = load(context, trial, saved, again=True).step.outcome
    folder = context.trial_folder(trial)
    if not outcome.ok or not _readable(folder / "out"):
        return outcome, None
    with context.runner.reopened(folder):
        found = choose(_widths(folder / "out", material))
        taken_from = [number for number, one in enumerate(material.candidates, 1) if one.draw is found.draw]
        for number in taken_from:
            _copy(folder / "out", ANSWER.format(number), "outputs")
    with context.runner.reopened(saved.folder):
        for number in taken_from:
            _copy(saved.folder / "out", f"candidate-{number}", "inputs")
    return outcome, found


def _widths(out: Path, material: Material) -> dict[Draw, Mapping[str, float] | None]:
    usual = ANSWER.format(0)
    if not GuestFile(out=out, name=f"{usual}.npz").plain:
        _copy(out, "outputs", usual)  # another answer may take its place, and whoever resumes looks again
    others = {one.draw: _spread(out, ANSWER.format(number)) for number, one in enumerate(material.candidates, 1)}
    return {Draw.UNIFORM: _spread(out, usual), **others}


def _readable(out: Path) -> bool:
    try:
        with Outputs(outbox.outputs(out)):
            return True
    except UnreadableOutputsError:
        return False


def _spread(out: Path, stem: str) -> Mapping[str, float] | None:
    """Damaged answers to a candidate are as good as none: nothing is held against them, and another one is taken."""
    try:
        return spread(GuestFile(out=out, name=f"{stem}.npz"))
    except UnreadableOutputsError:
        return None


def _copy(out: Path, source: str, target: str) -> None:
    for end in (".npz", ".json"):
        (out / (target + end)).unlink(missing_ok=True)
        copies.copy(GuestFile(out=out, name=source + end), out / (target + end))


def taken(material: Material, draw: Draw) -> Material:
    """The material with the inputs that were taken in the place of the usual ones."""
    feeds = next((one.feeds for one in material.candidates if one.draw is draw), material.feeds)
    return replace(material, inputs=sample_inputs.drawn(feeds), feeds=feeds, candidates=())
