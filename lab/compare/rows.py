"""Where each row of an output has its largest value: the class a classifier chooses, followed across pieces."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = np.ndarray[Any, np.dtype[Any]]
Best = tuple[float, int]
"""The largest value of a part of a row and its place in the whole row; NaN counts as largest, as in numpy."""

_NONE: Best = (-math.inf, -1)
_NARROW = 32


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows one piece touches: the end of one begun before, whole ones, and the beginning of one that goes on.

    `head` and `tail` are the best of both sides or None; `head_ends` says that the head's row ends in this piece.
    """

    head: tuple[Best, Best] | None
    head_ends: bool
    whole: int
    agree: int
    tail: tuple[Best, Best] | None


class Agreement:
    """Counts the rows that agree, fed with the pieces in order."""

    def __init__(self) -> None:
        self.rows = 0
        self.agree = 0
        self._open: tuple[Best, Best] = (_NONE, _NONE)

    def add(self, rows: Rows) -> None:
        """Take the next piece."""
        if rows.head is not None:
            self._open = (_better(self._open[0], rows.head[0]), _better(self._open[1], rows.head[1]))
            if rows.head_ends:
                self._close()
        self.rows += rows.whole
        self.agree += rows.agree
        if rows.tail is not None:
            self._open = rows.tail

    def _close(self) -> None:
        self.rows += 1
        self.agree += self._open[0][1] == self._open[1][1]
        self._open = (_NONE, _NONE)


def rows_of(reference: Values, candidate: Values, start: int, width: int) -> Rows:
    """Find the largest values in one piece that starts at flat index `start`, rows being `width` long.

    `candidate is reference` says that both sides are equal, and saves looking.
    """
    size = reference.size
    inside = start % width
    head = min(width - inside, size) if inside else 0
    whole = (size - head) // width
    end = head + whole * width
    return Rows(
        head=_bests(reference[:head], candidate[:head], inside) if head else None,
        head_ends=inside + head == width,
        whole=whole,
        agree=_agree(reference, candidate, slice(head, end), width) if whole else 0,
        tail=_bests(reference[end:], candidate[end:], 0) if end < size else None,
    )


def _agree(reference: Values, candidate: Values, part: slice, width: int) -> int:
    if candidate is reference:
        return int(part.stop - part.start) // width
    b, a = (_places(side[part].reshape(-1, width)) for side in (reference, candidate))
    return int(np.count_nonzero(b == a))


def _places(table: Values) -> Values:
    """Find the first largest value of each row; narrow rows go column by column, which numpy does not do itself."""
    if table.shape[1] > _NARROW or table.shape[0] < _NARROW:
        return np.asarray(table.argmax(axis=1))
    columns = np.ascontiguousarray(table.T)
    best = columns[0].copy()
    place = np.zeros(best.size, np.uint8)
    for index in range(1, len(columns)):
        np.copyto(place, np.uint8(index), where=columns[index] > best)
        np.maximum(best, columns[index], out=best)
    # A comparison with NaN is false, so the rows that hold one are looked at again.
    if table.dtype.kind == "f" and np.isnan(best).any():
        odd = np.isnan(best)
        place[odd] = table[odd].argmax(axis=1)
    return place


def _bests(reference: Values, candidate: Values, offset: int) -> tuple[Best, Best]:
    return _best(reference, offset), _best(candidate, offset)


def _best(values: Values, offset: int) -> Best:
    place = int(values.argmax())
    return values[place].item(), place + offset


def _better(old: Best, new: Best) -> Best:
    """Keep the earlier of equal values, and the first NaN for good."""
    if old[1] < 0:
        return new
    if math.isnan(old[0]):
        return old
    return new if math.isnan(new[0]) or new[0] > old[0] else old
