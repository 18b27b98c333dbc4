"""The protobuf wire format, as far as a program needs it: fields one after another, no recursion, no schema compiler.

Format: https://protobuf.dev/programming-guides/encoding/.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lab.formats.damage import MAX_FIELDS, MAX_NAME, DamageError
from lab.text import clean

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_FIXED = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its number and wire type, and its value, or where its bytes lie (`start` to `end`)."""

    number: int
    wire: int
    value: int
    start: int
    end: int


class Message:
    """The bytes of a whole file with a budget of fields, shared by every message inside it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = MAX_FIELDS

    def fields(self, start: int, end: int, what: str) -> Iterator[Field]:
        """The fields of one message, in file order; DamageError names the message that is broken, and where."""
        at = start
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise DamageError(f"more than {MAX_FIELDS:,} fields: this is no program", at)
            key, after = self.varint(at, end, what)
            number, wire = key >> 3, key & 7
            if not number:
                raise DamageError(f"damaged: field number 0 in {what}", at)
            one = self._field(number, wire, after, end, what)
            yield one
            at = one.end

    def _field(self, number: int, wire: int, at: int, end: int, what: str) -> Field:
        if wire == VARINT:
            value, after = self.varint(at, end, what)
            return Field(number, wire, value, at, after)
        if wire == LENGTH:
            length, at = self.varint(at, end, what)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise DamageError(f"damaged: wire type {wire} in {what}", at)
        if at + length > end:
            inside = "the file ends" if at + length > len(self.data) else "a length runs over the end of its message"
            raise DamageError(f"damaged or truncated: {inside} in {what}", at)
        return Field(number, wire, 0, at, at + length)

    def varint(self, at: int, end: int, what: str) -> tuple[int, int]:
        """One variable-length integer and the position after it."""
        value = 0
        for shift in range(_LONGEST_VARINT):
            if at + shift >= end:
                raise DamageError(f"damaged or truncated: {what} ends inside a number", at)
            byte = self.data[at + shift]
            value |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:  # noqa: PLR2004 - the bit that says more follows
                return value, at + shift + 1
        raise DamageError(f"damaged: a number of more than 64 bits in {what}", at)

    def text(self, one: Field, what: str) -> str:
        """A text field, fit to be shown."""
        self.must(one, LENGTH, what)
        try:
            return clean(self.data[one.start : min(one.end, one.start + 4 * MAX_NAME)].decode(), MAX_NAME)
        except UnicodeDecodeError as error:
            if one.end - one.start > 4 * MAX_NAME:
                return clean(self.data[one.start : one.start + MAX_NAME].decode(errors="replace"), MAX_NAME)
            raise DamageError(f"damaged: {what} is no text", one.start) from error

    def float32(self, one: Field) -> float:
        """A float field, or the first of a packed list."""
        if one.end - one.start < _FIXED[FIXED32]:
            raise DamageError("damaged: a float of less than four bytes", one.start)
        return float(struct.unpack_from("<f", self.data, one.start)[0])

    def must(self, one: Field, wire: int, what: str) -> Field:
        """The field, if it has the wire type its number asks for."""
        if one.wire != wire:
            raise DamageError(f"damaged: {what} has wire type {one.wire}", one.start)
        return one


def signed(value: int, bits: int = 64) -> int:
    """A varint as a signed integer; protobuf writes negative int32 and int64 with 64 bits."""
    value &= (1 << 64) - 1
    value = value - (1 << 64) if value >> 63 else value
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise DamageError(f"damaged: {value} does not fit {bits} bits")
    return value
