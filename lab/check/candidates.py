"""Made-up inputs of several kinds, and which of them a check takes: those that the model answers in a way worth comparing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.check.sample_inputs import COMPLEX, FLOATS
from lab.compare.arrays import Outputs, OutputsFile, StoredArray
from lab.compare.piece import widen
from lab.model.check import DULL, Draw, Excited, Feed

PICTURES = frozenset({1, 3, 4})
"""Channels of a picture: grey, colours, colours with alpha."""

_LOOKS, _LOOK = 16, 4096
_QUANTILES = (0.05, 0.95)
_RANK_OF_PICTURES = 4


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One set of made-up inputs: the kind of numbers in it, and the feeds as they are drawn."""

    draw: Draw
    feeds: tuple[Feed, ...]


def candidates(feeds: Sequence[Feed]) -> tuple[Candidate, ...]:
    """The sets to try, the most usual one first; one alone where no feed is of floats, or nothing was made up.

    Integers stay as they are: they index tables whose length nobody knows. Numbers of pixels go only to feeds that look
    like pictures, [batch, 1 or 3 or 4 channels, height, width].
    """
    floats = any(one.dtype in (*FLOATS, *COMPLEX) for one in feeds)
    pictures = any(map(_picture, feeds))
    draws = [draw for draw in Draw if floats and (pictures or not draw.pixels)] if feeds else []
    usual = [Candidate(draw=Draw.UNIFORM, feeds=tuple(feeds))] if feeds else []
    return (*usual, *(_drawn(draw, feeds) for draw in draws if draw is not Draw.UNIFORM))


def _drawn(draw: Draw, feeds: Sequence[Feed]) -> Candidate:
    fitting = [one.dtype in (*FLOATS, *COMPLEX) and (_picture(one) or not draw.pixels) for one in feeds]
    return Candidate(
        draw=draw,
        feeds=tuple(replace(one, draw=draw) if fits else one for one, fits in zip(feeds, fitting, strict=True)),
    )


def _picture(feed: Feed) -> bool:
    shape = feed.shape
    if len(shape) != _RANK_OF_PICTURES or feed.dtype not in FLOATS:
        return False
    return shape[1] in PICTURES and min(shape[2:]) > 1


def choose(widths: Mapping[Draw, Mapping[str, float] | None]) -> Excited:
    """Choose the first draw whose every output is not dull: at least 1/`DULL` of the widest that any draw gives.

    `widths` has, by draw in the order of `candidates`, the width of each output; None where the model failed with it or
    gave what is not finite. An output that no draw moves decides nothing. Where no draw satisfies every output, the one
    that is least dull in its dullest output is taken, the more usual one of two.
    """
    widest: dict[str, float] = {}
    for found in widths.values():
        for name, width in (found or {}).items():
            widest[name] = max(widest.get(name, 0.0), width)
    moved = {name: width for name, width in widest.items() if width > 0}

    def share(found: Mapping[str, float] | None) -> float | None:
        """How wide the narrowest output is, against the widest it can be."""
        return (
            None if found is None else min((found.get(name, 0.0) / width for name, width in moved.items()), default=1.0)
        )

    shares = {draw: share(found) for draw, found in widths.items()}
    usable = {draw: one for draw, one in shares.items() if one is not None}
    lively = [draw for draw, one in usable.items() if one * DULL >= 1]
    best = lively[0] if lively else max(usable, key=lambda draw: usable[draw], default=next(iter(widths)))
    return Excited(draw=best, shares=shares)


def spread(answer: OutputsFile) -> Mapping[str, float] | None:
    """By output of floats how far its middle nine tenths reach, None where one is not finite; of even samples of large ones.

    Tails are left out: one peak in a map of zeros, or one certain class, is not a wide output. Raises UnreadableOutputsError
    where it is damaged, or holds no numbers.
    """
    found: dict[str, float] = {}
    with Outputs(answer) as outputs, np.errstate(all="ignore"):
        for name, array in outputs.arrays.items():
            values = _sampled(array) if array.dtype.kind in "fc" or array.kind == "bfloat16" else None
            if values is None or not values.size:
                continue
            if not np.isfinite(values).all():
                return None
            low, high = np.quantile(values, _QUANTILES)
            found[name] = _finite(float(high) - float(low)) if values.size > 1 else abs(float(values[0]))
    return found


def _finite(width: float) -> float:
    return width if math.isfinite(width) else float(np.finfo(np.float64).max)


def _sampled(array: StoredArray) -> np.ndarray[Any, np.dtype[Any]]:
    """The magnitudes with their signs, in float64: all of a small output, evenly spread stretches of a large one."""
    starts = [0]
    length = array.size
    if array.size > _LOOKS * _LOOK:
        length = _LOOK
        starts = [(array.size - _LOOK) * number // (_LOOKS - 1) for number in range(_LOOKS)]
    parts = [widen(array.read(start, start + length), array.kind) for start in starts]
    values = np.concatenate(parts)
    return np.abs(values).astype(np.float64) if values.dtype.kind == "c" else values.astype(np.float64)
