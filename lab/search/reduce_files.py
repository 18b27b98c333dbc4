"""What a reduction hands out: the files of the smaller model, one script that makes them anew, and the proof that no weights are in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab import scratch
from lab.cut import filling, traces
from lab.cut.body import NET, ModelBody
from lab.cut.filling import Array
from lab.cut.traces import Stretch
from lab.errors import UsageError
from lab.formats.types import BY_NUMBER
from lab.model import Outcome
from lab.model.reduction import Filling, FillKind, ReducedTensor, WeightsProof
from lab.run.candidates import CandidateModel
from lab.search import reduce_script
from lab.search.candidate_answers import arrays_of
from lab.search.reduce_request import CutSide, ReduceRequest
from lab.search.reduce_script import ScriptFacts, ScriptTensor
from lab.search.reduce_trials import MadeCut, ReduceTrials
from lab.storage import cleared, handover

SCRIPT, ARRAYS = "reduced.py", "inputs.npz"
_FLOAT32 = 5


@dataclass(frozen=True, kw_only=True)
class HandedOut:
    """What was written: the files by name, the size of the model among them, its tensors, and what was looked for in all of it."""

    files: tuple[str, ...]
    nbytes: int
    weights: tuple[ReducedTensor, ...]
    inputs: tuple[ReducedTensor, ...]
    proof: WeightsProof


def free(folder: Path) -> Path:
    """A folder that can be written; UsageError where something lies in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already, and not empty", "name another folder: -o FOLDER")
    if not folder.absolute().parent.is_dir():
        raise UsageError(
            f"{folder} cannot be written: its parent is no folder", "name a folder in one that is there: -o FOLDER"
        )
    return folder


def handed_out(
    request: ReduceRequest, trials: ReduceTrials, made: MadeCut, fed: Mapping[str, Filling], seen: Outcome
) -> HandedOut:
    """Write everything into a new folder, whole or not at all; `fed` says how the inputs are filled, by the names they have in the model."""
    target = free(request.out)
    weights, inputs = _weights(trials, made), _inputs(made, fed)
    facts = _facts(request, trials, made, (weights, inputs), seen)
    with scratch.folder_beside(target) as room:
        whole = room / "whole"
        whole.mkdir()
        trials.write(made, whole)
        for name in ("inputs.npz", "inputs.json", "places.json"):
            (whole / name).unlink(missing_ok=True)
        plain: dict[str, Any] = dict(made.arrays)
        np.savez(whole / ARRAYS, **plain)
        handover.write(whole / SCRIPT, reduce_script.text(facts))
        files = sorted(path.name for path in whole.iterdir())
        proof = proved(trials.body, made, [(whole / name).read_bytes() for name in files])
        if proof.found:
            handover.write(whole / SCRIPT, reduce_script.text(facts, clean=False))
        nbytes = sum((whole / name).stat().st_size for name in files if name.startswith(f"{NET}."))
        if target.exists():
            target.rmdir()
        whole.rename(target)
    own = {called for name, called in made.cut.feeds if name in trials.body.anatomy.feeds}
    return HandedOut(
        files=tuple(files), nbytes=nbytes, weights=tuple(_told(one) for one in weights),
        inputs=tuple(_told(one, inner=one.name not in own) for one in inputs), proof=proof,
    )  # fmt: skip


def proved(body: ModelBody, made: MadeCut, written: list[bytes]) -> WeightsProof:
    """Look for the user's weights in what was written, and in the arrays and the program as they were before they were packed."""
    kept = sorted(name for name, one in made.weights.items() if one.kind is FillKind.KEPT)
    stored = body.stored
    stretches = [
        Stretch(
            name=name,
            offset=one.tensor.offset,
            nbytes=one.tensor.nbytes,
            element=filling.stored_as(one.tensor.dtype).itemsize,
        )
        for name, one in stored.items()
        if name not in kept
    ]
    plainly = [*written, made.cut.program, *(np.ascontiguousarray(array).tobytes() for array in made.arrays.values())]
    found = traces.shared(body.source, stretches, plainly) if body.source is not None else ()
    return WeightsProof(
        tensors=len(stored), nbytes=sum(one.tensor.nbytes for one in stored.values()), files=len(written),
        written=sum(map(len, written)), found=found, kept=tuple(kept),
        short=sum(0 < one.nbytes < traces.RUN for one in stretches),
    )  # fmt: skip


def _weights(trials: ReduceTrials, made: MadeCut) -> list[ScriptTensor]:
    """The parameters in the order of their file."""
    if made.cut.anchor:
        filled = Filling(kind=FillKind.CONSTANT)
        return [ScriptTensor(name=made.cut.anchor, number=_FLOAT32, dtype="float32", shape=(1,), filling=filled)]
    found = []
    for name, called in made.cut.parameters:
        one, how = trials.body.stored[name].tensor, made.weights[name]
        source = trials.body.source
        data = source.at(one.offset, one.nbytes, name) if how.kind is FillKind.KEPT and source is not None else b""
        found.append(
            ScriptTensor(
                name=called, number=_number(one.dtype), dtype=filling.stored_as(one.dtype).name, shape=one.shape,
                filling=how, data=data,
            )
        )  # fmt: skip
    return found


def _number(dtype: str) -> int:
    return next(number for number, name in BY_NUMBER.items() if name == dtype)


def _inputs(made: MadeCut, fed: Mapping[str, Filling]) -> list[ScriptTensor]:
    return [
        ScriptTensor(
            name=name, number=0, dtype=array.dtype.name, shape=array.shape, filling=fed.get(name, Filling()),
            data=np.ascontiguousarray(array).tobytes(),
        )
        for name, array in made.arrays.items()
    ]  # fmt: skip


def _told(one: ScriptTensor, *, inner: bool = False) -> ReducedTensor:
    return ReducedTensor(name=one.name, dtype=one.dtype, shape=one.shape, filling=one.filling, inner=inner)


def _facts(
    request: ReduceRequest,
    trials: ReduceTrials,
    made: MadeCut,
    tensors: tuple[list[ScriptTensor], list[ScriptTensor]],
    seen: Outcome,
) -> ScriptFacts:
    nodes = trials.body.anatomy.nodes
    return ScriptFacts(
        good=trials.good.told, bad=trials.bad.told, saver=_selector(request, trials.good), loader=_selector(request, trials.bad),
        seen=seen, operators=[nodes[one].operator for one in made.part.kept], ending=made.cut.ending,
        program=made.cut.program, tensors=tensors[0], inputs=tensors[1], right=_right(trials, made),
        slow=request.symptom is not None,
    )  # fmt: skip


def _selector(request: ReduceRequest, side: CutSide) -> str:
    """The release where that is enough, else the whole environment."""
    one = side.place.environment
    usual = request.catalogue.environment(one.release.version)
    return one.release.version if usual.key == one.key else one.key


def _right(trials: ReduceTrials, made: MadeCut) -> dict[str, Array]:
    """What the good place answers, once more."""
    home = trials.folder / "right"
    try:
        trials.write(made, home)
        (answer,) = trials.starts.ask(trials.good.place, trials.good.route, [CandidateModel(name="right", folder=home)])
    finally:
        cleared.remove(home)
    return arrays_of(answer.outputs) if answer.outputs is not None else {}
