"""The protobuf wire format, written: single fields, of which a message is the sum."""

import struct
from collections.abc import Iterable

from lab.formats.wire import FIXED32, LENGTH, VARINT

_LOW, _MORE, _WORD = 0x7F, 0x80, (1 << 64) - 1


def varint(value: int) -> bytes:
    """A variable-length integer; a negative one has 64 bits, as protobuf writes int32 and int64."""
    value &= _WORD
    out = bytearray()
    while value > _LOW:
        out.append(value & _LOW | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """A field that is an integer, a bool or an enum."""
    return varint(field << 3 | VARINT) + varint(value)


def data(field: int, content: bytes) -> bytes:
    """A field that is a message, a text or bytes."""
    return varint(field << 3 | LENGTH) + varint(len(content)) + content


def text(field: int, content: str) -> bytes:
    """A text field; what was no UTF-8 in a file that was read is again what it was."""
    return data(field, content.encode("utf-8", "surrogateescape"))


def float32(field: int, value: float) -> bytes:
    """A field of four bytes."""
    return varint(field << 3 | FIXED32) + struct.pack("<f", value)


def message(parts: Iterable[bytes]) -> bytes:
    """Fields one after another."""
    return b"".join(parts)
