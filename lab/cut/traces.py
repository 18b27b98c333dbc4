"""Whether anything of the user's weights is in what is handed over: runs of 16 bytes or more that both have.

Wherever both have the same 16 bytes, they have eight of them that begin at a multiple of eight in the weights. These words are
looked for among all that begin anywhere in what is written, and each hit is held against both. A run in which one element is repeated
(zeros, ones) says nothing of anybody, and is passed over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.formats.source import ByteSource

RUN = 16
_WORD = 8
_PIECE = 8 << 20
Words = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One tensor's bytes in the parameter file, and the size of one of its elements."""

    name: str
    offset: int
    nbytes: int
    element: int


def shared(source: ByteSource, stretches: Iterable[Stretch], written: Sequence[bytes]) -> tuple[str, ...]:
    """The names of the tensors that have a run of 16 bytes or more in common with what was written."""
    known = _words(written)
    texts = b"\0".join(written)
    if not known.size:
        return ()
    return tuple(one.name for one in stretches if any(_hit(piece, one, known, texts) for piece in _pieces(source, one)))


def _words(written: Sequence[bytes]) -> Words:
    """Every eight bytes of what was written, wherever they begin, sorted and each once."""
    found = [np.zeros(0, "<u8")]
    for text in written:
        for shift in range(_WORD):
            usable = (len(text) - shift) // _WORD * _WORD
            if usable > 0:
                found.append(np.frombuffer(text, "<u8", usable // _WORD, shift))
    return np.unique(np.concatenate(found))


def _pieces(source: ByteSource, one: Stretch) -> Iterator[bytes]:
    """A tensor's bytes piece by piece; each piece begins with the end of the last, so that no run falls between."""
    at = 0
    while at < one.nbytes:
        length = min(_PIECE, one.nbytes - at)
        yield source.at(one.offset + at, length, one.name)
        at += length if at + length >= one.nbytes else length - 2 * RUN


def _hit(piece: bytes, one: Stretch, known: Words, texts: bytes) -> bool:
    count = len(piece) // _WORD
    if not count:
        return False
    words = np.frombuffer(piece, "<u8", count)
    places = np.searchsorted(known, words)
    places[places == known.size] = 0
    same = known[places] == words
    # In the midst of one word again and again lies nothing else: a tensor of zeros is a million of these.
    same[1:-1] &= (words[:-2] != words[1:-1]) | (words[2:] != words[1:-1])
    return any(_run(piece, int(place) * _WORD, one.element, texts) for place in np.flatnonzero(same))


def _run(piece: bytes, at: int, element: int, texts: bytes) -> bool:
    """Whether a word that both have is a part of sixteen bytes that both have, and that are not one element repeated."""
    for start in range(max(0, at - (RUN - _WORD)), at + 1):
        run = piece[start : start + RUN]
        if len(run) == RUN and not _repeated(run, element) and run in texts:
            return True
    return False


def _repeated(run: bytes, element: int) -> bool:
    return run[element:] == run[:-element]
