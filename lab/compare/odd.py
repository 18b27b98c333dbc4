"""NaN and Inf: where they are on either side, and whether both sides agree on them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Values = np.ndarray[Any, np.dtype[Any]]

NOWHERE: Values = np.empty(0, np.intp)
"""The places of what is not finite, where everything is."""


@dataclass(frozen=True, kw_only=True)
class Odd:
    """NaN and Inf in one piece, as (reference, candidate), and where the sides first disagree on them (-1: nowhere)."""

    nan: tuple[int, int] = (0, 0)
    inf: tuple[int, int] = (0, 0)
    nan_differ: int = 0
    inf_differ: int = 0
    first: int = -1


@contextlib.contextmanager
def set_aside(where: Values, *sides: Values) -> Iterator[None]:
    """Put zero at some places of arrays while the block lasts; a copy of whole pieces would cost more than all metrics."""
    kept = [side[where] for side in sides]
    for side in sides:
        side[where] = 0
    try:
        yield
    finally:
        for side, values in zip(sides, kept, strict=True):
            side[where] = values


def odd_among(error: Values, b: Values, a: Values) -> Values:
    """Find the elements that are not finite on at least one side, where |a-b| is known: it is not finite there either."""
    where = np.flatnonzero(~np.isfinite(error))
    return where[odd_places(b[where], a[where])]


def odd_places(b: Values, a: Values) -> Values:
    """Find the elements that are not finite on at least one side."""
    usable = np.isfinite(b)
    if a is not b:
        usable &= np.isfinite(a)
    return np.flatnonzero(~usable)


def odd_at(b: Values, a: Values, where: Values, start: int) -> Odd:
    """Count NaN and Inf at these places of a piece that starts at flat index `start`, and compare where they are.

    NaN goes first, so an Inf against a NaN is a NaN mismatch.
    """
    if not where.size:
        return Odd()
    b, a = b[where], a[where]
    nan_b, nan_a = np.isnan(b), np.isnan(a)
    inf_b, inf_a = np.isinf(b), np.isinf(a)
    nan_differ = nan_b != nan_a
    inf_differ = (inf_b | inf_a) & ~nan_b & ~nan_a & (a != b)
    either = nan_differ | inf_differ
    return Odd(
        nan=(int(nan_b.sum()), int(nan_a.sum())),
        inf=(int(inf_b.sum()), int(inf_a.sum())),
        nan_differ=int(nan_differ.sum()),
        inf_differ=int(inf_differ.sum()),
        first=start + int(where[either.argmax()]) if either.any() else -1,
    )
