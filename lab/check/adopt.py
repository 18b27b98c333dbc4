"""A given model as a save like any other: a scenario's text made from it, and its files where a saver would have put them.

From then on every trial of it is a trial like all others: the same keys, the same containers, the same comparison.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lab import documents, scenario
from lab.check import sample_inputs
from lab.check.candidates import Candidate
from lab.check.given_model import Given
from lab.check.sample_inputs import Arrays
from lab.compare import Outputs
from lab.errors import InfraError, UsageError
from lab.formats.names import end_of
from lab.model import Kind, Limits, Outcome, Phase, Scenario, Step, StepFacts, Trial
from lab.model.check import Excited, Feed, Way
from lab.run.plan import Planned
from lab.run.trial import RunContext, SavedModel
from lab.scenario.expect import STANDARD_ROUTES
from lab.storage import cleared, copies, outbox, store
from lab.storage.outbox import GuestFile

PLACES = "places.json"
"""Beside the inputs, for the guest: the place in the program of each output that jit.load gives, where its order is another."""
PREFIX = "net"
"""The name every scenario's model has in its folder."""

_BLOCK = 1 << 20
_TEXT = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = {summary}
# routes = {routes}
#
# [tool.lab.limits]
# memory = {memory}
# ///
"""A model that was given as files; nothing here can make them again. Their sha256:

{files}
"""

import numpy as np


def inputs(rng):
    {inputs}
{others}

def save(prefix, inputs):
    raise NotImplementedError("this model was given as files: there is no code that saves it")
'''


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a given model is run with: its inputs, how they came about, and outputs known beforehand, if there are any.

    `feeds` is empty where the inputs were given as arrays; `stamped` says that they are those of the model's stamp.
    `candidates` are other sets that may take the place of these, once the model has answered them. `vouched` says who
    holds the outputs known beforehand to be right.
    """

    inputs: Arrays
    feeds: tuple[Feed, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()
    golden: Arrays | None = None
    vouched: str = ""
    stamped: bool = False


def text(given: Given, material: Material, held: str = "") -> str:
    """The scenario that stands for a given model: the same files and inputs give the same text, and so the same keys.

    `held` names the outputs it is held against where that is asked for beforehand: another reference is another question.
    """
    files = "\n".join(f"{one.sha256}  {end_of(one.name)}" for one in given.files)
    known = f"\nGolden outputs: {sample_inputs.digest(material.golden)}" if material.golden is not None else ""
    known += f"\nHeld against: {held}" if held else ""
    return _TEXT.format(
        summary=json.dumps(f"a {given.format} that was given as files", ensure_ascii=False),
        routes=json.dumps(list(STANDARD_ROUTES)),
        memory=memory(given),
        files=files + known,
        inputs=_inputs(material),
        others="".join(map(_other, material.candidates)),
    )


def memory(given: Given) -> int:
    """The memory that one load of the model is given, in bytes: all that opens it has the same, and so can share a start."""
    return max(Limits().memory, 4 * given.size + Limits().memory // 2)


def _other(one: Candidate) -> str:
    """Inputs that are taken instead where the model answers more to them."""
    return f"\n\ndef inputs_{one.draw}(rng):\n    return {_draws(one.feeds)}\n"


def _draws(feeds: Sequence[Feed]) -> str:
    return "{" + ", ".join(f"{json.dumps(one.name)}: {sample_inputs.expression(one)}" for one in feeds) + "}"


def _inputs(material: Material) -> str:
    if material.feeds:
        return f"return {_draws(material.feeds)}"
    what = f"the inputs were given as arrays (sha256 {sample_inputs.digest(material.inputs)})"
    return f'raise NotImplementedError("{what}")'


class Ask(StrEnum):
    """What is asked of a given model; a run of it is called so, and after the model."""

    CHECK = "check"
    CONVERT = "convert"
    LOCATE = "locate"
    REDUCE = "reduce"
    SEARCH = "model"


def private(name: str) -> bool:
    """Whether a run of this name is about files that somebody gave: a model of the user's own, which is nobody else's business."""
    kind, dash, rest = name.partition("-")
    return bool(dash and rest) and kind in tuple(Ask)


def named(given: Given, kind: Ask) -> str:
    """A name for a run of some kind: the model's own, as far as a file may be called so."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", given.prefix).strip("_.-")
    return f"{kind}-{plain[:60] or 'model'}"


def written(folder: Path, name: str, words: str) -> Scenario:
    """The scenario's file in the run's folder, read like any other."""
    path = folder / f"{name}.py"
    store.write(path, words.encode())
    return scenario.read(path)


def trial_of(planned: Planned) -> Trial:
    """The trial of a plan's line, which a check never plans without."""
    if planned.trial is None:
        raise InfraError("a check was planned without a trial", "report this as a bug of the lab")
    return planned.trial


def stage(context: RunContext, trial: Trial, given: Given, material: Material) -> SavedModel:
    """Put the model and its inputs where a saver of this run would have left them, or take over an earlier run's."""
    folder, runner = context.saver_folder(trial), context.runner
    key = runner.save_key(trial.scenario, trial.saver, context.digest(trial.saver))

    def laid_out() -> Step:
        cleared.remove(folder)  # an interrupted run may have left half of it
        model = folder / "out" / "model"
        model.mkdir(parents=True)
        for path, one in zip(given.paths, given.files, strict=True):
            copied(path, model / (PREFIX + end_of(path.name)), one.sha256)
        sample_inputs.keep(material.inputs, folder / "out", "inputs")
        if given.jit_places:
            store.write(folder / "out" / PLACES, store.pretty(given.jit_places))
        for number, candidate in enumerate(material.candidates, 1):
            sample_inputs.keep(sample_inputs.drawn(candidate.feeds), folder / "out", f"candidate-{number}")
        (folder / "in").mkdir()
        shutil.copyfile(trial.scenario.path, folder / "in" / "scenario.py")
        outcome = Outcome(kind=Kind.OK, phase=Phase.SAVE, reason="given as files")
        step = Step(key=key, mode="save", outcome=outcome, facts=StepFacts(), engine=runner.engine.name, seconds=0.0)
        return runner.keep(step, folder)

    done = context.known_or(key, folder, laid_out)
    return SavedModel(step=done.step, key=key, folder=folder, reused=done.reused)


def copied(source: Path, target: Path, sha256: str) -> None:
    """A copy that the container may read; never a link, whose rights and content would be those of the user's own file."""
    made = hashlib.sha256()
    try:
        with source.open("rb") as given, target.open("xb") as kept:
            while block := given.read(_BLOCK):
                made.update(block)
                kept.write(block)
    except OSError as error:
        raise InfraError(f"{source} could not be copied into the run: {error.strerror}", "free disk space") from error
    if made.hexdigest() != sha256:
        raise UsageError(f"{source} changed while it was read", "wait until it is written, and check again")
    target.chmod(0o644)


def settled(
    context: RunContext, saved: SavedModel, label: str, outputs: Path | Arrays, excited: Excited | None = None
) -> None:
    """Make outputs the reference of an adopted save, with what was found of its inputs.

    UnreadableOutputsError where they are no outputs.
    """
    out = saved.folder / "out"
    if isinstance(outputs, Path):
        with Outputs(outbox.outputs(outputs)):
            pass  # it can be opened, so that what is held against it can be compared
    with context.runner.reopened(saved.folder):  # this copy knows most from then on: it has the reference
        for name in ("outputs.npz", "outputs.json"):
            (out / name).unlink(missing_ok=True)
            if isinstance(outputs, Path):
                copies.copy(GuestFile(out=outputs, name=name), out / name)
        if not isinstance(outputs, Path):
            sample_inputs.keep(outputs, out, "outputs")
        store.write(out / store.REFERENCE, store.pretty({"reference": label, "excited": excited}))


def reference_of(saved: SavedModel) -> str:
    """Whose outputs an adopted save is held against; empty where that is still open."""
    return str(_settled(saved).get("reference", ""))


def excited_of(saved: SavedModel) -> Excited | None:
    """What was found of an adopted save's inputs, where several kinds were tried."""
    return msgspec.convert(_settled(saved).get("excited"), Excited | None)


def _settled(saved: SavedModel) -> dict[str, Any]:
    try:
        told = documents.json(GuestFile(out=saved.folder / "out", name=store.REFERENCE).read(_BLOCK))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def labelled(release: str, way: Way) -> str:
    """One way in one release, in words."""
    return f"{release} by {way.label}"


def out_of(run: Path) -> Path:
    """What the one save of a run left behind, where its model was given or converted."""
    return next(run.glob("saves/*/out"))
