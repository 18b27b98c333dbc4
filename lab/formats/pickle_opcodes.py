"""The opcodes of a pickle one after another, with as much of each argument as may name something; payloads are stepped over.

Opcodes and the sizes of their arguments come from the standard library's own table (`pickletools`).
"""

import pickletools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lab.formats.damage import MAX_NAME, MAX_OPCODES, DamageError
from lab.formats.source import ByteSource

OPCODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}
_SIZES = {
    pickletools.TAKEN_FROM_ARGUMENT1: ("<B", 1),
    pickletools.TAKEN_FROM_ARGUMENT4: ("<i", 4),
    pickletools.TAKEN_FROM_ARGUMENT4U: ("<I", 4),
    pickletools.TAKEN_FROM_ARGUMENT8U: ("<Q", 8),
}
_BLOCK = 4096
_AHEAD = 1 << 16
_TWO_LINES = ("GLOBAL", "INST")


class FollowedNoFurtherError(DamageError):
    """A limit of the look, not the end of what loading would do."""


class PickleStep(NamedTuple):
    """One opcode by name, the first bytes of its argument, whether those are all of it, and where it and the next one lie."""

    name: str
    argument: bytes
    whole: bool
    at: int
    end: int


@dataclass(slots=True)
class OpcodeReader:
    """Opcodes from one file by position, at most `left` of them; what was read ahead is kept, because they are short."""

    source: ByteSource
    left: int = MAX_OPCODES
    block: bytes = b""
    start: int = 0

    def steps(self, start: int) -> Iterator[PickleStep]:
        """Every opcode from `start` to the first STOP; DamageError where loading would end too, or the look goes no further."""
        at = start
        while self.left > 0:
            self.left -= 1
            one = self._step(at)
            yield one
            if one.name == "STOP":
                return
            at = one.end
        raise FollowedNoFurtherError(f"more than {MAX_OPCODES:,} opcodes: not read further", at)

    def _bytes(self, at: int, length: int, what: str) -> bytes:
        within = at - self.start
        if within < 0 or within + length > len(self.block):
            self.block, self.start, within = self.source.some(at, _AHEAD), at, 0
        if length > len(self.block):
            return self.source.at(at, length, what)
        return self.block[within : within + length]

    def _step(self, at: int) -> PickleStep:
        code = self._bytes(at, 1, "the opcodes")[0]
        opcode = OPCODES.get(code)
        if opcode is None:
            raise DamageError(f"damaged: {code:#04x} is no pickle opcode", at)
        kind, name, start = opcode.arg, opcode.name, at + 1
        if kind is None:
            return PickleStep(name, b"", True, at, start)
        if kind.n >= 0:
            return PickleStep(name, self._bytes(start, kind.n, name), True, at, start + kind.n)
        if kind.n == pickletools.UP_TO_NEWLINE:
            end = self._lines_end(start, 2 if name in _TWO_LINES else 1, name)
            length = end - start - 1
        else:
            layout, size = _SIZES[kind.n]
            (length,) = struct.unpack(layout, self._bytes(start, size, name))
            start += size
            end = start + length
            if length < 0 or end > self.source.size:
                raise DamageError(f"truncated or damaged: {name} wants {length:,} bytes", start)
        return PickleStep(name, self._bytes(start, min(length, MAX_NAME), name), length <= MAX_NAME, at, end)

    def _lines_end(self, start: int, lines: int, name: str) -> int:
        """Where the last of some lines has ended, its newline included, however long they are."""
        at = start
        while block := self.source.some(at, _BLOCK):
            found = block.find(b"\n")
            while found >= 0:
                lines -= 1
                if not lines:
                    return at + found + 1
                found = block.find(b"\n", found + 1)
            at += len(block)
        raise DamageError(f"truncated or damaged: the line of {name} does not end", start)
