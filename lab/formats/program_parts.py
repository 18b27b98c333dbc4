"""A `.pdmodel` as pieces of its own bytes: its first block's variables and operators as they are written, and what else there is.

Field numbers are those of framework.proto: a program has blocks (1), a version (4) and operator versions (5); a block has an
index (1), a parent (2), variables (3) and operators (4); an operator has inputs (1), outputs (2), a type (3) and attributes (4).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.formats import wire_writer as out
from lab.formats.damage import MAX_PROGRAM, DamageError
from lab.formats.program import LOD_TENSOR, description
from lab.formats.source import ByteSource
from lab.formats.types import by_number
from lab.formats.wire import LENGTH, VARINT, Field, Message, signed

_BLOCK, _VARIABLES, _OPERATORS, _ATTRIBUTES = 1, 3, 4, 4
_NAME, _VALUE = 1, 2
_BLOCK_INDEX, _BLOCK_INDICES = 12, 14
"""OpDesc.Attr: the block an operator holds, or several."""


@dataclass(frozen=True, kw_only=True)
class VariableParts:
    """One variable: its description as it is written, and what it says; a shape of None is no dense tensor."""

    text: bytes
    name: str
    persistable: bool
    dtype: str = ""
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class OperatorParts:
    """One operator as it is written, the variables of its inputs and outputs by their names, its column, and the blocks it holds."""

    text: bytes
    kind: str
    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, tuple[str, ...]]
    column: int = 0
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BlockParts:
    """One block: its index and parent as they are written (`rest` holds what else there is), its variables and operators."""

    head: bytes
    variables: tuple[VariableParts, ...]
    operators: tuple[OperatorParts, ...]
    rest: bytes

    def joined(self, variables: list[bytes], operators: list[bytes]) -> bytes:
        """The block with these variables and operators in the place of its own, as a field of a program."""
        parts = [out.data(_VARIABLES, one) for one in variables] + [out.data(_OPERATORS, one) for one in operators]
        return out.data(_BLOCK, self.head + out.message(parts) + self.rest)


@dataclass(frozen=True, kw_only=True)
class ProgramParts:
    """The blocks of a program, each also as the bytes it has, and what stands behind them: version and operator versions."""

    blocks: tuple[BlockParts, ...]
    texts: tuple[bytes, ...]
    rest: bytes


def read(source: ByteSource) -> ProgramParts:
    """The pieces of a program; DamageError where it has no block of operators."""
    message = Message(source.whole(MAX_PROGRAM, "a program"))
    blocks, texts, rest, at = [], [], [], 0
    for one in message.fields(0, len(message.data), "the program"):
        text, at = message.data[at : one.end], one.end
        if one.number == _BLOCK:
            blocks.append(_block(message, message.must(one, LENGTH, "a block")))
            texts.append(text)
        else:
            rest.append(text)
    if not blocks:
        raise DamageError("no program: it has no block of operators")
    return ProgramParts(blocks=tuple(blocks), texts=tuple(texts), rest=b"".join(rest))


def _block(message: Message, block: Field) -> BlockParts:
    head, rest, at = b"", b"", block.start
    variables: list[VariableParts] = []
    operators: list[OperatorParts] = []
    for one in message.fields(block.start, block.end, "a block"):
        text, at = message.data[at : one.end], one.end
        if one.number == _VARIABLES:
            variables.append(_variable(message, message.must(one, LENGTH, "a variable")))
        elif one.number == _OPERATORS:
            operators.append(_operator(message, message.must(one, LENGTH, "an operator")))
        elif variables or operators:
            rest += text
        else:
            head += text
    return BlockParts(head=head, variables=tuple(variables), operators=tuple(operators), rest=rest)


def _text(message: Message, one: Field, what: str) -> str:
    """A name as it is written, whatever its length and bytes: it is compared and written again."""
    message.must(one, LENGTH, what)
    return message.data[one.start : one.end].decode("utf-8", "surrogateescape")


def _variable(message: Message, variable: Field) -> VariableParts:
    name, persistable, dtype = "", False, ""
    shape: tuple[int, ...] | None = None
    for one in message.fields(variable.start, variable.end, "a variable"):
        if one.number == _NAME:
            name = _text(message, one, "a variable's name")
        elif one.number == _VALUE:
            dtype, shape = _dense(message, message.must(one, LENGTH, "a variable's type"))
        elif one.number == 3:  # noqa: PLR2004
            persistable = bool(message.must(one, VARINT, "a variable's persistable").value)
    if not name:
        raise DamageError("damaged: a variable has no name", variable.start)
    text = message.data[variable.start : variable.end]
    return VariableParts(text=text, name=name, persistable=persistable, dtype=dtype, shape=shape)


def _dense(message: Message, type_: Field) -> tuple[str, tuple[int, ...] | None]:
    """Element type and dimensions of a dense tensor; no dimensions where the type is another."""
    kind, found = -1, None
    for one in message.fields(type_.start, type_.end, "a variable's type"):
        if one.number == 1:
            kind = message.must(one, VARINT, "a variable's kind").value
        elif one.number == 3:  # noqa: PLR2004
            for inner in message.fields(one.start, one.end, "a tensor's type"):
                found = inner if inner.number == 1 and inner.wire == LENGTH else found
    if kind != LOD_TENSOR or found is None:
        return "", None
    number, shape = description(message, found)
    return by_number(number), shape


def _operator(message: Message, operator: Field) -> OperatorParts:
    kind, column = "", 0
    inputs: dict[str, tuple[str, ...]] = {}
    outputs: dict[str, tuple[str, ...]] = {}
    blocks: list[int] = []
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 3:  # noqa: PLR2004
            kind = _text(message, one, "an operator's type")
        elif one.number in (1, 2):
            name, variables = _arguments(message, message.must(one, LENGTH, "an operator's variable"))
            (inputs if one.number == 1 else outputs)[name] = variables
        elif one.number == _ATTRIBUTES:
            name, numbers = _integers(message, message.must(one, LENGTH, "an attribute"))
            column = next((value for at, value in numbers if name == "col" and at == 3), column)  # noqa: PLR2004
            blocks += [value for at, value in numbers if at in (_BLOCK_INDEX, _BLOCK_INDICES)]
    if not kind:
        raise DamageError("damaged: an operator has no type", operator.start)
    return OperatorParts(
        text=message.data[operator.start : operator.end], kind=kind, inputs=inputs, outputs=outputs, column=column,
        blocks=tuple(blocks),
    )  # fmt: skip


def _arguments(message: Message, given: Field) -> tuple[str, tuple[str, ...]]:
    name, found = "", []
    for one in message.fields(given.start, given.end, "an operator's variable"):
        if one.number == _NAME:
            name = _text(message, one, "an input's name")
        elif one.number == _VALUE:
            found.append(_text(message, one, "a variable's name"))
    return name, tuple(found)


def _integers(message: Message, attribute: Field) -> tuple[str, list[tuple[int, int]]]:
    """An attribute's name, and its fields that are plain integers: with the number of each."""
    name, found = "", []
    for one in message.fields(attribute.start, attribute.end, "an attribute"):
        if one.number == _NAME:
            name = _text(message, one, "an attribute's name")
        elif one.wire == VARINT and one.number != _VALUE:
            found.append((one.number, signed(one.value)))
    return name, found


def every_operator(parts: ProgramParts, operator: OperatorParts) -> Iterator[OperatorParts]:
    """An operator and all that the blocks it holds hold, each block once."""
    yield operator
    waiting, seen = list(operator.blocks), {0}
    while waiting:
        index = waiting.pop()
        if index in seen or not 0 <= index < len(parts.blocks):
            continue
        seen.add(index)
        for one in parts.blocks[index].operators:
            yield one
            waiting += one.blocks
