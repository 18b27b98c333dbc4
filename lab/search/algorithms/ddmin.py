"""The smallest set of parts that still has a property, by delta debugging (Zeller and Hildebrandt, 2002)."""

import itertools
from collections.abc import Generator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SetTried:
    """One set that was tried, and whether the property held."""

    parts: tuple[str, ...]
    held: bool


@dataclass(frozen=True, kw_only=True)
class Minimal:
    """A set that has the property while no set with one part less does; `parts` is empty where even all did not.

    `steps` are all sets tried, in order, each once.
    """

    parts: tuple[str, ...]
    steps: tuple[SetTried, ...]


Trying = Generator[tuple[str, ...], bool, bool]


def ddmin(items: Sequence[str]) -> Generator[tuple[str, ...], bool, Minimal]:
    """Ask of one subset after another whether the property holds, and return a 1-minimal one.

    All items are asked for first; the empty set is never asked: the caller knows that it lacks the property.
    """
    known: dict[tuple[str, ...], bool] = {}
    parts = tuple(items)
    if not parts or not (yield from _held(known, parts)):
        return Minimal(parts=(), steps=_steps(known))
    pieces = 2
    while len(parts) > 1:
        smaller = yield from _reduced(known, parts, pieces)
        if smaller:
            pieces = 2 if len(smaller) <= len(parts) // pieces + 1 else max(2, pieces - 1)
            parts = smaller
        elif pieces >= len(parts):
            break
        else:
            pieces *= 2
        pieces = min(pieces, len(parts))
    return Minimal(parts=parts, steps=_steps(known))


def _held(known: dict[tuple[str, ...], bool], parts: tuple[str, ...]) -> Trying:
    if parts not in known:
        known[parts] = yield parts
    return known[parts]


def _reduced(
    known: dict[tuple[str, ...], bool], parts: tuple[str, ...], pieces: int
) -> Generator[tuple[str, ...], bool, tuple[str, ...]]:
    """A piece, or all but a piece, that still has the property; empty where none has."""
    bounds = [len(parts) * number // pieces for number in range(pieces + 1)]
    cuts = list(itertools.pairwise(bounds))
    for start, end in cuts:
        if (yield from _held(known, parts[start:end])):
            return parts[start:end]
    for start, end in cuts:
        rest = parts[:start] + parts[end:]
        if rest and (yield from _held(known, rest)):
            return rest
    return ()


def _steps(known: dict[tuple[str, ...], bool]) -> tuple[SetTried, ...]:
    return tuple(SetTried(parts=parts, held=held) for parts, held in known.items())
