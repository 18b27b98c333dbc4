"""A parameter stream, written: tensors of another stream as they lie there, or new ones, a piece at a time."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lab.formats import wire_writer as out
from lab.formats.source import ByteSource
from lab.formats.types import BY_NUMBER
from lab.model.inspection import StoredTensor

PIECE = 4 << 20
"""Bytes of a tensor that are in memory at once."""
_DTYPE, _DIMENSION = 1, 2


@dataclass(frozen=True, kw_only=True)
class NewTensor:
    """A tensor that takes the place of another: pieces of its data in C order, little-endian, as its element type has it.

    They are gone through each time it is written, so they may be made only then.
    """

    dtype: str
    shape: tuple[int, ...]
    data: Iterable[bytes]


def header(dtype: str, shape: Iterable[int]) -> bytes:
    """What stands before a tensor's data: no sequence levels, and its description; ValueError for an unknown element type."""
    number = next((number for number, name in BY_NUMBER.items() if name == dtype), -1)
    if number < 0:
        raise ValueError(f"no parameter file holds elements of type {dtype}")
    description = out.number(_DTYPE, number) + out.message(out.number(_DIMENSION, one) for one in shape)
    return struct.pack("<IQIi", 0, 0, 0, len(description)) + description


def new(tensor: NewTensor) -> Iterator[bytes]:
    """One tensor with its header, a piece at a time."""
    yield header(tensor.dtype, tensor.shape)
    yield from tensor.data


def copied(source: ByteSource, stored: StoredTensor, start: int) -> Iterator[bytes]:
    """A tensor as it lies there, with its own header, which begins at `start`."""
    end = stored.offset + stored.nbytes
    for at in range(start, end, PIECE):
        yield source.at(at, min(PIECE, end - at), stored.name or "a tensor")
