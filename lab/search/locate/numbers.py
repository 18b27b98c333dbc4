"""What a cut answered, held against what the good place had there: every value by the lab's own tolerances."""

import math
from collections.abc import Sequence
from pathlib import Path

from lab import scratch
from lab.check import sample_inputs
from lab.check.sample_inputs import KeptOutputs
from lab.compare import TABLE, Outputs, OutputsFile, StoredArray, UnreadableOutputsError, compare
from lab.compare.scale import largest
from lab.model import Diff, Grade, Outcome
from lab.model.location import CutSeen, CutSort
from lab.outcome.verdict import describe
from lab.outcome.words import brief
from lab.search.judge import resembles

BFLOAT16 = "bfloat16"
_COUNTED = frozenset({"missing", "extra"})
"""What is said where a way of opening gives another number of outputs: then nobody knows which is which."""


def seen(reference: OutputsFile, answer: OutputsFile, kinds: Sequence[str]) -> tuple[CutSeen, ...]:
    """What is said of each output in its order; `kinds` are their element types as the program names them."""
    try:
        if BFLOAT16 not in kinds:
            return _seen(reference, answer)
        with scratch.folder("bfloat16") as room:
            return _seen(_told(reference, room / "good", kinds), _told(answer, room / "bad", kinds))
    except UnreadableOutputsError as error:
        return tuple(CutSeen(sort=CutSort.UNKNOWN, why=error.what) for _ in kinds)


def _told(file: OutputsFile, folder: Path, kinds: Sequence[str]) -> Path:
    """The same outputs with their element types by name: numpy knows no bfloat16, and Paddle gives its bits."""
    with Outputs(file) as outputs:
        arrays = {name: one.read(0, one.size).reshape(one.shape) for name, one in outputs.arrays.items()}
    told = dict(zip(arrays, kinds, strict=False))
    sample_inputs.keep(
        KeptOutputs(arrays, {}, {name: BFLOAT16 for name in told if told[name] == BFLOAT16}), folder, "told"
    )
    return folder / "told.npz"


def _seen(reference: OutputsFile, answer: OutputsFile) -> tuple[CutSeen, ...]:
    diffs = compare(reference, answer)
    with Outputs(reference) as outputs:
        return tuple(of(one, outputs.arrays.get(one.output)) for one in diffs)


def of(diff: Diff, reference: StoredArray | None) -> CutSeen:
    """One output: only what is graded a mismatch, and by more than rounding, parts; what shows nothing is not known.

    Between operators values may be of any size, and near zero beside large ones an element holds nothing but the rounding
    of what was added up to it. So the largest difference has to be more, too, than the table's `atol` allows as a share of
    the largest element: what `lab.compare.tolerance` says that bound is for outputs around 1.
    """
    by = diff.metrics.max_abs if diff.metrics is not None else None
    size = largest(reference, above=math.inf) if reference is not None and by else 0.0
    relative = 0.0 if by == 0 else by / size if by is not None and math.isfinite(by) and size else None
    return CutSeen(
        sort=_sort(diff, reference, relative), grade=diff.grade.value,
        largest=by if by is not None and math.isfinite(by) else None, relative=relative, why=_why(diff),
    )  # fmt: skip


def _sort(diff: Diff, reference: StoredArray | None, relative: float | None) -> CutSort:
    if diff.grade is Grade.UNDECIDED or diff.reason in _COUNTED:
        return CutSort.UNKNOWN
    table = TABLE.get(reference.kind) if reference is not None else None
    rounding = diff.reason == "values" and table is not None and relative is not None and relative <= table.close.atol
    return CutSort.PARTS if diff.grade is Grade.MISMATCH and not rounding else CutSort.AGREES


def _why(diff: Diff) -> str:
    if diff.reason in _COUNTED:
        return "it gives another number of outputs than it was asked for"
    if diff.grade is Grade.UNDECIDED:
        return diff.blank
    return diff.reason if diff.reason != "values" else ""


def worst(several: Sequence[CutSeen]) -> CutSeen:
    """What speaks for a cut: the output that is furthest off, one that could not be judged before those that agree."""
    order = (CutSort.AGREES, CutSort.UNKNOWN, CutSort.OTHER, CutSort.FAILS, CutSort.PARTS)

    def weight(one: CutSeen) -> tuple[int, float]:
        without = math.inf if one.sort.bad else -1.0  # another shape is worse than any number
        return order.index(one.sort), without if one.relative is None else one.relative

    return max(several, key=weight, default=CutSeen(sort=CutSort.UNKNOWN, why="it gave nothing"))


def failing(outcome: Outcome, failure: Outcome | None) -> CutSeen:
    """What is said of a cut that did not answer: whether it failed as the whole model does, where that is known to fail."""
    why = f"{describe(outcome)}: {brief(outcome.message)}".rstrip(": ")
    if not outcome.kind.tested:
        return CutSeen(sort=CutSort.UNKNOWN, why=why)
    alike = failure is not None and not failure.kind.answered and resembles(failure, outcome)
    return CutSeen(sort=CutSort.FAILS if alike else CutSort.OTHER, why=why)
