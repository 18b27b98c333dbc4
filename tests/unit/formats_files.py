"""Files for the tests of lab.formats: the checked-in real models, and tensors and programs made by hand."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab.formats.types import BY_NUMBER, SIZES

MODELS = Path(__file__).parents[1] / "golden" / "models"
OLD = MODELS / "2.6.2"
FIRST = MODELS / "3.0.0"
NEW = MODELS / "3.3.1"
NUMBERS = {name: number for number, name in BY_NUMBER.items()}


def varint(value: int) -> bytes:
    """A protobuf varint."""
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))


def part(number: int, payload: bytes | str) -> bytes:
    """A length-delimited protobuf field."""
    data = payload.encode() if isinstance(payload, str) else payload
    return varint(number << 3 | 2) + varint(len(data)) + data


def whole(number: int, value: int) -> bytes:
    """A varint protobuf field."""
    return varint(number << 3) + varint(value)


def described(dtype: str, shape: Sequence[int]) -> bytes:
    """A TensorDesc."""
    return whole(1, NUMBERS[dtype]) + b"".join(whole(2, length) for length in shape)


def tensor(dtype: str, shape: Sequence[int], *, data: bytes | None = None, levels: Iterable[bytes] = ()) -> bytes:
    """One tensor of a parameter stream, its data zeros unless given."""
    count = SIZES[dtype]
    for length in shape:
        count *= length
    above = [struct.pack("<Q", len(level)) + level for level in levels]
    description = described(dtype, shape)
    head = struct.pack("<IQ", 0, len(above)) + b"".join(above) + struct.pack("<Ii", 0, len(description))
    return head + description + (bytes(count) if data is None else data)


def variable(name: str, dtype: str, shape: Sequence[int], *, persistable: bool = True) -> bytes:
    """A VarDesc of a dense tensor."""
    kind = whole(1, 7) + part(3, part(1, described(dtype, shape)))
    return part(1, name) + part(2, kind) + whole(3, int(persistable))


def program(variables: Iterable[bytes], operators: Iterable[str] = ("relu",), version: int | None = 2006002) -> bytes:
    """A ProgramDesc of one block."""
    block = whole(0x1, 0) + whole(2, -1)
    block += b"".join(part(3, one) for one in variables) + b"".join(part(4, part(3, name)) for name in operators)
    return part(1, block) + (b"" if version is None else part(4, whole(1, version)))
