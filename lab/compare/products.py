"""Sums of products of both sides, from which the cosine comes: unit by unit, so that pieces of any size give the same."""

from typing import Any

import numpy as np

from lab.compare.gap import Values

UNIT = 4096
"""Elements in one unit; pieces are whole multiples."""

Sums = tuple[Values, Values, Values]
"""Per unit: reference², reference x candidate, candidate²."""

_ROW = 512
_SMALL = 1e-25


def products(b: Values, a: Values) -> Sums:
    """Sum products of finite float32, float64 or complex128 values; `a is b` where both sides are equal.

    In float32 the sums are over short rows, good to about 1e-8, and those that overflow or vanish are done in float64.
    """
    same = a is b
    parts = 2 if b.dtype.kind == "c" else 1
    if parts > 1:
        b, a = b.view(np.float64), a.view(np.float64)
    squares = _sums(b, b, UNIT * parts)
    if same:
        return squares, squares, squares
    return squares, _sums(b, a, UNIT * parts), _sums(a, a, UNIT * parts)


def _sums(left: Values, right: Values, unit: int) -> Values:
    whole = left.size // unit * unit
    last = np.dot(left[whole:].astype(np.float64), right[whole:].astype(np.float64))
    return np.append(_rows(left[:whole], right[:whole], unit), last)


def _rows(left: Values, right: Values, unit: int) -> Values:
    if left.dtype == np.float64:
        return _dots(left, right, unit)
    sums = _dots(left, right, _ROW).astype(np.float64).reshape(-1, unit // _ROW).sum(axis=1)
    doubtful = ~(np.abs(sums) > _SMALL) | ~np.isfinite(sums)
    if doubtful.any():
        wide_left, wide_right = (side.reshape(-1, unit)[doubtful].astype(np.float64).ravel() for side in (left, right))
        sums[doubtful] = _dots(wide_left, wide_right, unit)
    return np.asarray(sums)


def _dots(left: Values, right: Values, length: int) -> Values:
    """Multiply row by row; matmul of a row and a column is a plain dot product without memory of its own."""
    found: Any = np.matmul(left.reshape(-1, 1, length), right.reshape(-1, length, 1))
    return np.asarray(found.reshape(-1))
