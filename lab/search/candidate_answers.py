"""What candidates answered: whether it can be told from anything, how both places differ, and the arrays themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.compare import Outputs, UnreadableOutputsError, compare
from lab.errors import InfraError
from lab.model import Outcome
from lab.outcome.classify import unreadable, with_diffs
from lab.run.candidates import CandidateAnswer
from lab.storage.outbox import GuestFile


def refuse_lost(*answers: CandidateAnswer) -> None:
    """InfraError where the lab itself failed at a candidate: nothing follows from that."""
    for one in answers:
        if one.outcome.kind.exit_code == InfraError.exit_code:
            raise InfraError(f"a candidate could not be tried: {one.outcome.message}", "lab doctor")


def compared(good: CandidateAnswer, bad: CandidateAnswer) -> Outcome:
    """What the bad place did, its numbers held against those of the good one."""
    if not bad.outcome.ok or good.outputs is None or bad.outputs is None:
        return bad.outcome
    try:
        return with_diffs(bad.outcome, compare(good.outputs, bad.outputs))
    except UnreadableOutputsError as error:
        return unreadable(bad.outcome, error.what)


def says(answer: CandidateAnswer) -> bool:
    """Whether an answer holds numbers that could be told from others: not zeros alone."""
    try:
        return answer.outputs is not None and any(one.agrees for one in compare(answer.outputs, answer.outputs))
    except UnreadableOutputsError:
        return False


def holds(answer: CandidateAnswer, names: Sequence[str]) -> bool:
    """Whether an answer has an array of each of these names: what a container wrote may lack some."""
    if answer.outputs is None:
        return False
    try:
        with Outputs(answer.outputs) as opened:
            return set(names) <= set(opened.arrays)
    except UnreadableOutputsError:
        return False


def arrays_of(file: GuestFile) -> dict[str, Any]:
    """All arrays of a file of outputs or inputs, by name."""
    with Outputs(file) as opened:
        return {name: np.array(one.read(0, one.size).reshape(one.shape)) for name, one in opened.arrays.items()}
