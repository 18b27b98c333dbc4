"""A `.json` program as pieces of its own text: what lies before the operators, each operator as it is written, what lies behind."""

from dataclasses import dataclass
from typing import Any

import msgspec

from lab import documents
from lab.formats.damage import MAX_ITEMS, MAX_PROGRAM, DamageError
from lab.formats.pir import Operator
from lab.formats.source import ByteSource
from lab.text import clean


@dataclass(frozen=True, kw_only=True)
class PirParts:
    """`before`, the operators of the main block joined by commas, and `after` are the file, as far as it has no blanks between them."""

    before: bytes
    operators: tuple[bytes, ...]
    after: bytes

    def joined(self, operators: tuple[bytes, ...]) -> bytes:
        """The file with these operators in the place of its own."""
        return self.before + b"[" + b",".join(operators) + b"]" + self.after


class _RawBlock(msgspec.Struct):
    operators: msgspec.Raw = msgspec.field(name="ops")


class _RawRegion(msgspec.Struct):
    blocks: list[_RawBlock]


class _RawBody(msgspec.Struct):
    regions: list[_RawRegion]


class _RawFile(msgspec.Struct):
    program: _RawBody


def read(source: ByteSource) -> PirParts:
    """The pieces of a program; DamageError where it has no block of operators."""
    data = source.whole(MAX_PROGRAM, "a program")
    if data.count(b",") > MAX_ITEMS:
        raise DamageError(f"more than {MAX_ITEMS:,} commas: this is no program")
    try:
        (block, *_more), *_others = (region.blocks for region in documents.json(data, _RawFile).program.regions)
        raw = bytes(block.operators)
        operators = documents.json(raw, list[msgspec.Raw])
    except ValueError as error:  # also where there is no region, or no block in it
        raise DamageError(f"damaged, or no program: {clean(str(error), 200)}") from error
    at = data.index(raw)
    return PirParts(
        before=data[:at], operators=tuple(bytes(one) for one in operators), after=data[at + len(raw) :]
    )  # fmt: skip


def setting(operator: Operator, name: str) -> Any:
    """What one attribute says, as JSON has it; None where it is not there."""
    told: list[dict[str, Any]] = documents.json(operator.attributes) if operator.attributes else []
    return next((one["AT"].get("D") for one in told if one.get("N") == name), None)
