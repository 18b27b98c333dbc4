"""How large the numbers of an output are, and whether there is anything in it that a comparison could show."""

from collections.abc import Iterator

import numpy as np

from lab.compare.arrays import StoredArray
from lab.compare.gap import Values
from lab.compare.piece import widen
from lab.compare.products import UNIT

_PIECE = 64 * UNIT

ENOUGH = 1.0
"""Above it the magnitude of an output changes no bound, so nobody looks further."""

_PARTS = {"complex64": "float32", "complex128": "float64"}
# numpy has no bfloat16; its exponents are those of float32.
_AS = {"bfloat16": "float32", **_PARTS}
_INEXACT = frozenset({"float16", "float32", "float64", *_AS})
_UNITS = {"bfloat16": 2.0**-8}


def smallest(kind: str) -> float:
    """The smallest normal number of a float dtype; below it digits are lost, and what flushes to zero loses all."""
    return float(np.finfo(_AS.get(kind, kind)).smallest_normal) if kind in _INEXACT else 0.0


def roundoff(kind: str) -> float:
    """The unit roundoff of a float dtype: how far rounding to nearest takes a number from itself, relative to it."""
    return _UNITS.get(kind) or float(np.finfo(_AS.get(kind, kind)).eps) / 2


def largest(array: StoredArray, *, above: float = ENOUGH) -> float:
    """Find the largest finite magnitude of an output, or any of at least `above`; 0 where none is finite."""
    found = 0.0
    with np.errstate(all="ignore"):
        for values in _pieces(array):
            found = max(found, _magnitude(values))
            if found >= above:
                return found
    return found


def blank(array: StoredArray) -> str:
    """Say why equality with this output shows nothing: it has no element, no number, or only one; empty where it does.

    A single number is something; the same number everywhere is what a net gives that its input never reached.
    """
    if not array.size:
        return "it has no element"
    seen = _Seen(array.kind)
    with np.errstate(all="ignore"):
        for values in _pieces(array):
            seen.add(values)
            if seen.shows:
                return ""
    return seen.why(array.size)


class _Seen:
    """What has been met of an output so far."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._first: object = None
        self._varies = self._finite = False
        self._top = 0.0

    @property
    def shows(self) -> bool:
        """Whether there are different numbers, and one of them is a number in full."""
        return self._varies and self._finite and (self._top > 0 and self._top >= smallest(self._kind))

    def add(self, values: Values) -> None:
        """Take the next piece."""
        if self._first is None:
            self._first = values[0]
        self._varies |= bool((values != self._first).any())
        self._finite |= bool(np.isfinite(values).any())
        self._top = max(self._top, _magnitude(values))

    def why(self, size: int) -> str:
        """The reason, once everything has been met."""
        if not self._finite:
            return "no element is a finite number"
        if self._kind in _INEXACT and not self._top:
            return "every element is zero"
        if self._kind in _INEXACT and self._top < smallest(self._kind):
            return f"every element is below the smallest normal number of {self._kind}"
        return "every element is the same" if size > 1 and not self._varies else ""


def _pieces(array: StoredArray) -> Iterator[Values]:
    """The values from the beginning, a few first: most outputs answer with those."""
    start, length = 0, UNIT
    while start < array.size:
        stop = min(start + length, array.size)
        yield widen(array.read(start, stop), array.kind)
        start, length = stop, _PIECE


def _magnitude(values: Values) -> float:
    """The largest finite |b| of a piece, at least 0."""
    if values.dtype.kind == "c":
        values = np.abs(values.astype(np.complex128))
    if values.dtype.kind == "b":
        return float(values.any())
    top = max(float(values.max()), -float(values.min()))
    if np.isfinite(top):
        return top
    finite = values[np.isfinite(values)]
    return _magnitude(finite) if finite.size else 0.0
