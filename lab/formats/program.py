"""A `.pdmodel` or `__model__`: the protobuf ProgramDesc of paddle/fluid/framework/framework.proto, without its weights."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lab.formats import resize
from lab.formats.damage import MAX_PROGRAM, MAX_RANK, DamageError
from lab.formats.source import FileSource
from lab.formats.types import by_number
from lab.formats.wire import LENGTH, VARINT, Field, Message, signed
from lab.model.inspection import TensorFacts

_INT, _FLOATS, _BOOL = 3, 7, 10
"""Field numbers of OpDesc.Attr: where an attribute of each type has its value."""
LOD_TENSOR = 7
"""VarType.Type of everything a parameter file can hold."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a program says, in Paddle's own numbers; `operator_versions` is how each operator was defined when saved.

    `traits` are what of an operator's settings decides who computes it rightly.
    """

    version: int | None
    operator_versions: Mapping[str, int]
    blocks: int
    operators: Mapping[str, int]
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    parameters: tuple[TensorFacts, ...]
    traits: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Variable:
    persistable: bool = False
    fed: bool = False
    kind: int = -1
    tensor: Field | None = None


@dataclass(slots=True)
class _ProgramGathered:
    blocks: int = 0
    version: int | None = None
    operator_versions: dict[str, int] = field(default_factory=dict)
    operators: Counter[str] = field(default_factory=Counter)
    variables: dict[str, _Variable] = field(default_factory=dict)
    feeds: list[tuple[int, str]] = field(default_factory=list)
    fetches: list[tuple[int, str]] = field(default_factory=list)
    traits: set[str] = field(default_factory=set)


def read(source: FileSource) -> Program:
    """Read one program; DamageError where it is none, or broken."""
    message = Message(source.whole(MAX_PROGRAM, "a program"))
    found = _ProgramGathered()
    for one in message.fields(0, len(message.data), "the program"):
        if one.number == 1:
            message.must(one, LENGTH, "a block")
            _block(message, one, found)
        elif one.number == 4:  # noqa: PLR2004 - field numbers of framework.proto stand here and below
            found.version = _number(message, one, 1, "the version")
        elif one.number == 5:  # noqa: PLR2004
            _operator_versions(message, one, found)
    if not found.blocks:
        raise DamageError("no program: it has no block of operators")
    return _finished(message, found)


def _finished(message: Message, found: _ProgramGathered) -> Program:
    def tensors(names: Iterator[str]) -> tuple[TensorFacts, ...]:
        return tuple(_facts(message, name, found.variables.get(name)) for name in names)

    fed = [name for _, name in sorted(found.feeds)] or [name for name, one in found.variables.items() if one.fed]
    stored = (name for name, one in found.variables.items() if one.persistable and one.kind == LOD_TENSOR)
    return Program(
        version=found.version,
        operator_versions=found.operator_versions,
        blocks=found.blocks,
        operators=dict(found.operators.most_common()),
        inputs=tensors(iter(fed)),
        outputs=tensors(name for _, name in sorted(found.fetches)),
        parameters=tensors(iter(sorted(stored))),
        traits=frozenset(found.traits),
    )


def _block(message: Message, block: Field, found: _ProgramGathered) -> None:
    """One block: its variables and operators; index and parent are required, so their lack shows a damaged file."""
    seen = set()
    for one in message.fields(block.start, block.end, f"block {found.blocks}"):
        seen.add(one.number)
        if one.number == 3:  # noqa: PLR2004
            _variable(message, message.must(one, LENGTH, "a variable"), found)
        elif one.number == 4:  # noqa: PLR2004
            _operator(message, message.must(one, LENGTH, "an operator"), found)
    if not {1, 2} <= seen:
        raise DamageError(f"damaged: block {found.blocks} has no index or no parent", block.start)
    found.blocks += 1


def _variable(message: Message, variable: Field, found: _ProgramGathered) -> None:
    name, made = "", _Variable()
    for one in message.fields(variable.start, variable.end, "a variable"):
        match one.number:
            case 1:
                name = message.text(one, "a variable's name")
            case 2:
                made.kind, made.tensor = _kind(message, message.must(one, LENGTH, "a variable's type"))
            case 3:
                made.persistable = bool(message.must(one, VARINT, "a variable's persistable").value)
            case 4:
                made.fed = bool(message.must(one, VARINT, "a variable's need_check_feed").value)
    if not name:
        raise DamageError("damaged: a variable has no name", variable.start)
    found.variables.setdefault(name, made)


def _kind(message: Message, type_: Field) -> tuple[int, Field | None]:
    """The kind of a variable, and where its tensor description lies."""
    kind, tensor = -1, None
    for one in message.fields(type_.start, type_.end, "a variable's type"):
        if one.number == 1:
            kind = message.must(one, VARINT, "a variable's kind").value
        elif one.number == 3:  # noqa: PLR2004
            for inner in message.fields(one.start, one.end, "a tensor's type"):
                tensor = inner if inner.number == 1 and inner.wire == LENGTH else tensor
    return kind, tensor


def _facts(message: Message, name: str, variable: _Variable | None) -> TensorFacts:
    if variable is None or variable.tensor is None:
        return TensorFacts(name=name, dtype="unknown")
    dtype, shape = description(message, variable.tensor)
    return TensorFacts(name=name, dtype=by_number(dtype), shape=shape)


def description(message: Message, tensor: Field) -> tuple[int, tuple[int, ...]]:
    """A TensorDesc: the number of its element type, and its dimensions; DamageError where it has no element type."""
    dtype, shape = -1, []
    for one in message.fields(tensor.start, tensor.end, "a tensor description"):
        if one.number == 1:
            dtype = message.must(one, VARINT, "an element type").value
        elif one.number == 2:  # noqa: PLR2004
            shape += list(_integers(message, one))
        if len(shape) > MAX_RANK:
            raise DamageError(f"damaged: a tensor of more than {MAX_RANK} dimensions", tensor.start)
    if dtype < 0:
        raise DamageError("damaged: a tensor without an element type", tensor.start)
    return dtype, tuple(shape)


def _integers(message: Message, one: Field) -> Iterator[int]:
    """A repeated integer, written one by one as Paddle does, or packed as newer protobuf writers may."""
    if one.wire == VARINT:
        yield signed(one.value)
        return
    message.must(one, LENGTH, "a dimension")
    at = one.start
    while at < one.end:
        value, at = message.varint(at, one.end, "a dimension")
        yield signed(value)


def _operator(message: Message, operator: Field, found: _ProgramGathered) -> None:
    kind = ""
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 3:  # noqa: PLR2004
            kind = message.text(one, "an operator's type")
    if not kind:
        raise DamageError("damaged: an operator has no type", operator.start)
    found.operators[kind] += 1
    if kind == "feed":
        found.feeds.append((_column(message, operator), _argument(message, operator, 2)))
    elif kind == "fetch":
        found.fetches.append((_column(message, operator), _argument(message, operator, 1)))
    elif kind.removesuffix("_v2") in (resize.NEAREST, resize.BILINEAR):
        found.traits.add(_resize(message, operator, kind))


def _resize(message: Message, operator: Field, kind: str) -> str:
    """The word of one resize; one of before 2.0 (without _v2) has other settings, so its ratio is open."""
    scales: list[float] = []
    corners, mode = False, 0
    for name, values in _settings(message, operator, ("scale", "align_corners", "align_mode")):
        if name == "scale":
            scales = [message.float32(one) for one in values if one.number == _FLOATS]
        elif name == "align_corners":
            corners = any(one.value for one in values if one.number == _BOOL)
        else:
            mode = next((one.value for one in values if one.number == _INT), 0)
    sized = bool(_filled(message, operator) & {"OutSize", "SizeTensor", "Scale"}) or not kind.endswith("_v2")
    return resize.trait(kind.removesuffix("_v2"), scales, sized=sized, corners=corners, mode=mode)


def _settings(message: Message, operator: Field, names: tuple[str, ...]) -> Iterator[tuple[str, list[Field]]]:
    """The attributes of an operator that have one of these names, and the fields of each."""
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 4 and one.wire == LENGTH:  # noqa: PLR2004
            parts = list(message.fields(one.start, one.end, "an attribute"))
            name = next((message.text(inner, "an attribute's name") for inner in parts if inner.number == 1), "")
            if name in names:
                yield name, parts


def _filled(message: Message, operator: Field) -> set[str]:
    """The names of an operator's inputs that a variable is given to."""
    found = set()
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 1 and one.wire == LENGTH:
            parts = list(message.fields(one.start, one.end, "an operator's variable"))
            if any(inner.number == 2 for inner in parts):  # noqa: PLR2004
                found |= {message.text(inner, "an input's name") for inner in parts if inner.number == 1}
    return found


def _argument(message: Message, operator: Field, side: int) -> str:
    """The one variable a feed writes (side 2) or a fetch reads (side 1)."""
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == side and one.wire == LENGTH:
            for inner in message.fields(one.start, one.end, "an operator's variable"):
                if inner.number == 2:  # noqa: PLR2004
                    return message.text(inner, "a variable's name")
    raise DamageError("damaged: a feed or fetch without its variable", operator.start)


def _column(message: Message, operator: Field) -> int:
    """The place of a feed or fetch among its like: its attribute `col`."""
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 4 and one.wire == LENGTH:  # noqa: PLR2004
            parts = {inner.number: inner for inner in message.fields(one.start, one.end, "an attribute")}
            if 1 in parts and 3 in parts and message.text(parts[1], "an attribute's name") == "col":  # noqa: PLR2004
                return signed(parts[3].value, 32)
    return 0


def _number(message: Message, one: Field, number: int, what: str) -> int:
    """The integer field `number` inside a message; 0 where it is left out, as protobuf means it."""
    message.must(one, LENGTH, what)
    values = [
        inner.value for inner in message.fields(one.start, one.end, what)
        if inner.number == number and inner.wire == VARINT
    ]  # fmt: skip
    return signed(values[-1]) if values else 0


def _operator_versions(message: Message, map_: Field, found: _ProgramGathered) -> None:
    message.must(map_, LENGTH, "the operator versions")
    for pair in message.fields(map_.start, map_.end, "the operator versions"):
        message.must(pair, LENGTH, "an operator version")
        name, version = "", 0
        for one in message.fields(pair.start, pair.end, "an operator version"):
            if one.number == 1:
                name = message.text(one, "an operator's name")
            elif one.number == 2:  # noqa: PLR2004
                version = _number(message, one, 1, "an operator version")
        found.operator_versions[name] = version
