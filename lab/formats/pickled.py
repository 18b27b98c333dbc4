"""A pickle, never loaded: what loading it would import, found by walking its opcodes past all payloads.

Opcodes and the sizes of their arguments come from the standard library's own table (`pickletools`).
"""

import pickletools
import struct
from dataclasses import dataclass, field

from lab.formats.damage import MAX_NAME, MAX_OPCODES, DamageError
from lab.formats.source import FileSource
from lab.text import clean

_OPCODES = {opcode.code: opcode for opcode in pickletools.opcodes}
_SIZES = {
    pickletools.TAKEN_FROM_ARGUMENT1: "<B",
    pickletools.TAKEN_FROM_ARGUMENT4: "<i",
    pickletools.TAKEN_FROM_ARGUMENT4U: "<I",
    pickletools.TAKEN_FROM_ARGUMENT8U: "<Q",
}
_LINE = 4096
_MAX_MEMO = 200_000
_HIDDEN = "a name computed while loading"
_GETS = {"BINGET": "<B", "LONG_BINGET": "<I"}
_PUTS = {"BINPUT": "<B", "LONG_BINPUT": "<I"}


@dataclass(frozen=True, kw_only=True)
class Pickle:
    """The protocol, the names loading would import (in file order, each once), and what broke the walk, if anything did."""

    protocol: int
    imports: tuple[str, ...]
    damage: DamageError | None = None


@dataclass(slots=True)
class _Walk:
    """What is known of the pickle machine: the last two values pushed (None unless a text), and the memo."""

    protocol: int = 0
    recent: tuple[str | None, str | None] = (None, None)
    memo: dict[int, str | None] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)
    opcodes: int = 0

    def push(self, text: str | None) -> None:
        self.recent = (self.recent[1], text)

    def remember(self, slot: int) -> None:
        if len(self.memo) < _MAX_MEMO:
            self.memo[slot] = self.recent[1]


def read(source: FileSource) -> Pickle:
    """Walk a pickle to its STOP; a pickle that was cut keeps what was found before the cut."""
    walk, damage = _Walk(), None
    try:
        _all(source, walk)
    except DamageError as error:
        damage = error
    return Pickle(protocol=walk.protocol, imports=tuple(walk.imports), damage=damage)


def _all(source: FileSource, walk: _Walk) -> None:
    at = 0
    while True:
        code = source.at(at, 1, "the opcodes").decode("latin-1")
        opcode = _OPCODES.get(code)
        if opcode is None:
            raise DamageError(f"damaged: {ord(code):#04x} is no pickle opcode", at)
        walk.opcodes += 1
        if walk.opcodes > MAX_OPCODES:
            raise DamageError(f"more than {MAX_OPCODES:,} opcodes: not read further", at)
        argument, at = _argument(source, opcode.arg, at + 1, opcode.name)
        if opcode.name == "STOP":
            return
        _step(walk, opcode, argument)


def _argument(source: FileSource, kind: pickletools.ArgumentDescriptor | None, at: int, name: str) -> tuple[bytes, int]:
    """The first bytes of an opcode's argument and the position after it; payloads are stepped over, not read."""
    if kind is None:
        return b"", at
    if kind.n >= 0:
        return source.at(at, kind.n, name), at + kind.n
    if kind.n == pickletools.UP_TO_NEWLINE:
        lines = 2 if name in ("GLOBAL", "INST") else 1
        return _lines(source, at, lines, name)
    layout = _SIZES[kind.n]
    head = struct.calcsize(layout)
    (length,) = struct.unpack(layout, source.at(at, head, name))
    if length < 0 or at + head + length > source.size:
        raise DamageError(f"truncated or damaged: {name} wants {length:,} bytes", at)
    return source.some(at + head, min(length, MAX_NAME)), at + head + length


def _lines(source: FileSource, at: int, lines: int, name: str) -> tuple[bytes, int]:
    data = source.some(at, _LINE)
    end = -1
    for _ in range(lines):
        end = data.find(b"\n", end + 1)
        if end < 0:
            raise DamageError(f"truncated or damaged: the line of {name} does not end", at)
    return data[:end], at + end + 1


def _step(walk: _Walk, opcode: pickletools.OpcodeInfo, argument: bytes) -> None:
    """Follow only what names what is imported: texts, the memo, and the opcodes that import."""
    name = opcode.name
    if name == "PROTO":
        walk.protocol = argument[0]
    elif name in ("GLOBAL", "INST"):
        walk.imports[_shown(argument.replace(b"\n", b"."))] = None
        walk.push(None)
    elif name == "STACK_GLOBAL":
        parts = [part for part in walk.recent if part is not None]
        walk.imports[".".join(parts) if len(parts) == len(walk.recent) else _HIDDEN] = None
        walk.push(None)
    elif name.startswith("EXT"):
        walk.imports["something from the extension registry"] = None
        walk.push(None)
    else:
        _texts(walk, opcode, argument)


def _texts(walk: _Walk, opcode: pickletools.OpcodeInfo, argument: bytes) -> None:
    name = opcode.name
    if name == "MEMOIZE":
        walk.remember(len(walk.memo))
    elif name in _PUTS:
        walk.remember(struct.unpack(_PUTS[name], argument)[0])
    elif name in _GETS:
        walk.push(walk.memo.get(struct.unpack(_GETS[name], argument)[0]))
    elif "UNICODE" in name or "STRING" in name:
        walk.push(_shown(argument))
    elif opcode.stack_after:
        walk.push(None)


def _shown(data: bytes) -> str:
    return clean(data.decode(errors="replace"), MAX_NAME)
