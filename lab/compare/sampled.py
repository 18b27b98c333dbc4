"""A reference of which only some elements were kept: every so many of them, and the sha256 of all."""

import hashlib
import os
from dataclasses import dataclass, replace

import numpy as np

from lab.compare.arrays import StoredArray, Values, place
from lab.model import Diff, Grade, Worst

_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PickedArray(StoredArray):
    """Every `step`-th element of a stored array, in C order, as an array of one axis."""

    step: int = 1

    def read(self, start: int, stop: int, memory: Values | None = None) -> Values:  # noqa: ARG002 - as its base has it
        """Read the picked elements from `start` up to `stop`, one by one: what lies between them costs no memory."""
        wide = self.dtype.itemsize
        pieces = (os.pread(self.descriptor, wide, self.offset + at * self.step * wide) for at in range(start, stop))
        values = np.frombuffer(bytearray(b"".join(pieces)), self.dtype)  # written to while it is measured
        return values if self.dtype.isnative else values.astype(self.dtype.newbyteorder("="))


def picked(whole: StoredArray, step: int) -> PickedArray:
    """The elements of an array that a reference kept."""
    return PickedArray(
        name=whole.name, kind=whole.kind, dtype=whole.dtype, shape=(-(-whole.size // step),),
        descriptor=whole.descriptor, offset=whole.offset, step=step,
    )  # fmt: skip


def judged(diff: Diff, expected: StoredArray, seen: StoredArray) -> Diff:
    """The comparison of a sample, told as one of the whole: exact only where all bytes are, places those of the whole array."""
    sample = expected.sample
    if sample is None:
        return diff
    same = diff.grade is not Grade.EXACT or _sha256(seen) == sample.sha256
    metrics = diff.metrics
    if metrics is not None:
        metrics = replace(
            metrics,
            worst_abs=_placed(metrics.worst_abs, seen, sample.step),
            worst_rel=_placed(metrics.worst_rel, seen, sample.step),
        )
    return replace(
        diff,
        grade=diff.grade if same else Grade.CLOSE,
        reference=f"{seen.label}, {expected.size} of its {seen.size} elements",
        candidate=seen.label,
        metrics=metrics,
    )


def _placed(worst: Worst | None, seen: StoredArray, step: int) -> Worst | None:
    return worst and replace(worst, index=place(worst.index[0] * step, seen.shape))


def _sha256(array: StoredArray) -> str:
    """The hash of an array's bytes, as they lie in the file."""
    made, left, at = hashlib.sha256(), array.size * array.dtype.itemsize, array.offset
    while left:
        piece = os.pread(array.descriptor, min(_BLOCK, left), at)
        if not piece:
            break
        made.update(piece)
        left, at = left - len(piece), at + len(piece)
    return made.hexdigest()
