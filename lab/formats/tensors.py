"""A `.pdiparams`: tensors one after another, walked by their headers; their data is never read.

One tensor, all little-endian: uint32 version (0), uint64 count of LoD levels, per level uint64 size and that many
bytes; uint32 version (0), int32 size of the description, a TensorDesc, then the raw data. Names are not in the file:
Paddle writes the tensors in the order of their sorted names (seen with jit.save and static.save_inference_model of
2.6.2, 3.0.0, 3.1.1, 3.2.2 and 3.3.1, which write the same bytes).
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lab.formats.damage import MAX_TENSORS, DamageError
from lab.formats.program import description
from lab.formats.source import ByteSource
from lab.formats.types import SIZES, by_number
from lab.formats.wire import LENGTH, Field, Message
from lab.model.inspection import StoredTensor

HEAD = 4096
_MAX_LEVELS = 16
_MAX_DESCRIPTION = 2048
_MAX_BYTES = 1 << 60


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The tensors that could be walked, and what ended the walk before the end of the file, if anything did."""

    tensors: tuple[StoredTensor, ...]
    damage: DamageError | None = None


def read(source: ByteSource) -> Stream:
    """Walk a parameter file from header to header."""
    found: list[StoredTensor] = []
    try:
        for one in _walk(source):
            found.append(one)  # noqa: PERF402 - what was found before the damage must be kept
    except DamageError as damage:
        return Stream(tensors=tuple(found), damage=damage)
    return Stream(tensors=tuple(found))


def _walk(source: ByteSource) -> Iterator[StoredTensor]:
    at = number = 0
    while at < source.size:
        if number >= MAX_TENSORS:
            raise DamageError(f"more than {MAX_TENSORS:,} tensors: not read further", at)
        one = _tensor(source, at, number)
        yield one
        at, number = one.offset + one.nbytes, number + 1


def _tensor(source: ByteSource, start: int, number: int) -> StoredTensor:
    what = f"tensor {number + 1}"
    at = _levels(source, start, what)
    version, length = struct.unpack("<Ii", source.at(at, 8, f"the header of {what}"))
    if version:
        raise DamageError(_strange(f"{what} has version {version} where 0 stands", number), at)
    if not 0 < length <= _MAX_DESCRIPTION:
        raise DamageError(_strange(f"the description of {what} has {length:,} bytes", number), at + 4)
    dtype, shape = _described(source.at(at + 8, length, f"the description of {what}"), at + 8, what)
    offset = at + 8 + length
    nbytes = _nbytes(dtype, shape, at + 8, what)
    if offset + nbytes > source.size:
        missing = offset + nbytes - source.size
        raise DamageError(f"truncated: {what} ({dtype} {list(shape)}) lacks {missing:,} of {nbytes:,} bytes", offset)
    return StoredTensor(dtype=dtype, shape=shape, offset=offset, nbytes=nbytes)


def _strange(what: str, number: int) -> str:
    return f"damaged, or with something else behind its {number} tensors: {what}" if number else f"damaged: {what}"


def _levels(source: ByteSource, start: int, what: str) -> int:
    """Where the tensor's own header begins, after the levels of variable-length sequences."""
    version, levels = struct.unpack("<IQ", source.at(start, 12, f"the header of {what}"))
    number = int(what.removeprefix("tensor ")) - 1
    if version or levels > _MAX_LEVELS:
        raise DamageError(_strange(f"{what} begins with no tensor header", number), start)
    at = start + 12
    for _ in range(levels):
        (size,) = struct.unpack("<Q", source.at(at, 8, f"the sequence levels of {what}"))
        if at + 8 + size > source.size:
            raise DamageError(f"damaged or truncated: a sequence level of {what} has {size:,} bytes", at)
        at += 8 + size
    return at


def _described(data: bytes, offset: int, what: str) -> tuple[str, tuple[int, ...]]:
    try:
        number, shape = description(Message(data), Field(0, LENGTH, 0, 0, len(data)))
    except DamageError as error:
        raise DamageError(f"damaged: the description of {what} cannot be read ({error.what})", offset) from error
    return by_number(number), shape


def _nbytes(dtype: str, shape: tuple[int, ...], offset: int, what: str) -> int:
    if dtype not in SIZES:
        raise DamageError(f"damaged: {what} has the unknown element {dtype}", offset)
    if any(length < 0 for length in shape):
        raise DamageError(f"damaged: {what} has the shape {list(shape)}", offset)
    nbytes = math.prod(shape) * SIZES[dtype]
    if nbytes > _MAX_BYTES:
        raise DamageError(f"damaged: {what} would hold more bytes than any disk", offset)
    return nbytes
