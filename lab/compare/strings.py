"""Arrays of text: equal or not, with the first place where they differ."""

import numpy as np

from lab.compare.arrays import StoredArray, place
from lab.model import Diff, Grade, Metrics, Worst
from lab.text import clean

_SHOWN = 80
_BYTES = 1 << 20


def compare_strings(expected: StoredArray, seen: StoredArray) -> Diff:
    """Compare two arrays of text of one shape; their widths need not be the same, and no tolerance applies."""
    different, first = 0, -1
    piece = max(1, _BYTES // max(expected.dtype.itemsize, seen.dtype.itemsize))
    for start in range(0, expected.size, piece):
        stop = min(start + piece, expected.size)
        unequal = expected.read(start, stop) != seen.read(start, stop)
        if first < 0 and unequal.any():
            first = start + int(unequal.argmax())
        different += int(np.count_nonzero(unequal))
    metrics = Metrics(
        size=expected.size,
        mismatched=different / expected.size if expected.size else None,
        worst_abs=_first(expected, seen, first),
    )
    return Diff(
        output=expected.name,
        grade=Grade.MISMATCH if different else Grade.EXACT,
        reason="values" if different else "",
        reference=expected.label,
        candidate=seen.label,
        metrics=metrics,
    )


def _first(expected: StoredArray, seen: StoredArray, index: int) -> Worst | None:
    if index < 0:
        return None
    b, a = (clean(repr(side.read(index, index + 1)[0].item()), _SHOWN) for side in (expected, seen))
    return Worst(index=place(index, expected.shape), reference=b, candidate=a)
