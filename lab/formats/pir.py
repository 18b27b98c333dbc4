"""A `.json` program of 3.x (PIR): header, operators, inputs, outputs, parameters.

It is decoded by a schema, so that what is not asked for takes no memory. Layout as files of 3.0.0b2 to 3.3.1 have it: operators are `#` (name, its dialect as a number), `A` (attributes), `I`
and `O` (values by number); parameters are operators named `p` with their name as the fourth attribute.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lab import documents
from lab.formats import resize
from lab.formats.damage import MAX_ITEMS, MAX_NAME, MAX_PROGRAM, MAX_RANK, DamageError
from lab.formats.source import FileSource
from lab.formats.types import BY_PIR_NAME
from lab.model.inspection import TensorFacts
from lab.text import clean

DIALECTS = {"0": "builtin", "1": "pd_op", "2": "cf"}
PARAMETER = "p"
_NAME_AT = 3


class Value(msgspec.Struct):
    """A result of an operator: its number and its type."""

    number: int = msgspec.field(name="%", default=0)
    type: msgspec.Raw = msgspec.field(name="TT", default_factory=msgspec.Raw)


class Operator(msgspec.Struct):
    """One operator; `attributes`, `outputs` and `flags` are decoded only where they are needed."""

    name: str = msgspec.field(name="#")
    attributes: msgspec.Raw = msgspec.field(name="A", default_factory=msgspec.Raw)
    inputs: list[Value] = msgspec.field(name="I", default_factory=list)
    outputs: msgspec.Raw = msgspec.field(name="O", default_factory=msgspec.Raw)
    flags: msgspec.Raw = msgspec.field(name="OA", default_factory=msgspec.Raw)
    regions: list["Region"] = msgspec.field(default_factory=list)


class PirBlock(msgspec.Struct):
    """A list of operators."""

    operators: list[Operator] = msgspec.field(name="ops", default_factory=list)


class Region(msgspec.Struct):
    """The blocks of one body: the whole program, a branch or a loop."""

    blocks: list[PirBlock] = msgspec.field(default_factory=list)


class PirHeader(msgspec.Struct):
    """What kind of JSON this is, and which version of the format."""

    magic: str
    version: int
    trainable: bool = False


class _Body(msgspec.Struct):
    regions: list[Region]


class _File(msgspec.Struct):
    header: PirHeader = msgspec.field(name="base_code")
    program: _Body


class _Content(msgspec.Struct):
    kind: str = msgspec.field(name="#", default="")
    data: msgspec.Raw = msgspec.field(name="D", default_factory=msgspec.Raw)


class _Attribute(msgspec.Struct):
    name: str = msgspec.field(name="N")
    content: _Content = msgspec.field(name="AT")


@dataclass(frozen=True, kw_only=True)
class PirProgram:
    """What a PIR program says.

    `traits` are the attribute types in use ("pool2d.strides=[i64]"): readers of older releases refuse types they do
    not know. `lost` are outputs that are an input or a parameter as it is, beside an addition to it whose result
    nobody uses.
    """

    version: int
    blocks: int
    operators: dict[str, int]
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]
    parameters: tuple[TensorFacts, ...]
    traits: frozenset[str]
    lost: tuple[str, ...]


@dataclass(slots=True)
class _PirGathered:
    blocks: int = 0
    operators: Counter[str] = field(default_factory=Counter)
    inputs: list[TensorFacts] = field(default_factory=list)
    outputs: list[TensorFacts] = field(default_factory=list)
    parameters: list[TensorFacts] = field(default_factory=list)
    traits: set[str] = field(default_factory=set)
    given: set[int] = field(default_factory=set)
    fetched: list[tuple[str, int]] = field(default_factory=list)
    shifted: list[tuple[int, int]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def read(source: FileSource) -> PirProgram | None:
    """Read one program; None where the file is sound JSON but no program; DamageError where it is broken."""
    found = _decoded(_whole(source))
    if found is None:
        return None
    gathered = _PirGathered()
    try:
        for operator in _operators(found.program.regions, gathered):
            _take(operator, gathered)
    except ValueError as error:
        raise DamageError(f"damaged: an operator cannot be read ({_said(error)})") from error
    return _finished(found.header.version, gathered)


def main_block(source: FileSource) -> list[Operator]:
    """The operators of a program's own block, in their order; DamageError where the file is no program."""
    found = _decoded(_whole(source))
    if found is None or not found.program.regions or not found.program.regions[0].blocks:
        raise DamageError("no program: it has no block of operators")
    return found.program.regions[0].blocks[0].operators


def _whole(source: FileSource) -> bytes:
    data = source.whole(MAX_PROGRAM, "a program")
    if data.count(b",") > MAX_ITEMS:
        raise DamageError(f"more than {MAX_ITEMS:,} commas: this is no program")
    return data


def _decoded(data: bytes) -> _File | None:
    """The file by its schema; None for JSON of another kind."""
    try:
        found = documents.json(data, _File)
    except msgspec.ValidationError as error:
        if b'"base_code"' in data[:4096]:
            raise DamageError(f"damaged: {_said(error)}") from error
        return None
    except msgspec.DecodeError as error:
        raise DamageError(f"damaged or truncated: {_said(error)}") from error
    if found.header.magic != "pir":
        raise DamageError(f"damaged: the header's magic is {clean(found.header.magic, 20)!r}, not 'pir'")
    return found


def _said(error: Exception) -> str:
    return clean(str(error), 200)


def _operators(regions: list[Region], gathered: _PirGathered) -> Iterator[Operator]:
    """Every operator, those of branches and loops after the one that holds them."""
    waiting = [block for region in regions for block in region.blocks][::-1]
    while waiting:
        block = waiting.pop()
        gathered.blocks += 1
        for operator in block.operators:
            yield operator
            waiting += [inner for region in operator.regions for inner in region.blocks]


def _take(operator: Operator, gathered: _PirGathered) -> None:
    if operator.name == PARAMETER:
        _parameter(operator, gathered)
        return
    name = full_name(operator.name)
    gathered.operators[name] += 1
    gathered.used.update(one.number for one in operator.inputs)
    attributes = documents.json(operator.attributes, list[_Attribute]) if operator.attributes else []
    short = name.rpartition(".")[2]
    gathered.traits.update(_trait(short, one) for one in attributes)
    if short in (resize.NEAREST, resize.BILINEAR):
        gathered.traits.add(_resize(short, operator, attributes))
    if short in ("data", "feed", "fetch"):
        _door(operator, short, _named(attributes), gathered)
    elif short == "scale" and operator.inputs and _shifts(attributes):
        gathered.shifted += [(operator.inputs[0].number, result.number) for result in results(operator)]


def full_name(name: str) -> str:
    """An operator's name with its dialect as a word: "1.conv2d" is pd_op.conv2d."""
    dialect, dot, rest = name.partition(".")
    return clean(f"{DIALECTS.get(dialect, dialect)}{dot}{rest}", MAX_NAME)


def _parameter(operator: Operator, gathered: _PirGathered) -> None:
    value = documents.json(operator.outputs, Value)
    name = parameter_name(operator)
    gathered.given.add(value.number)
    if persistable(operator):
        gathered.parameters.append(_facts(name, value))


def parameter_name(operator: Operator) -> str:
    """The name of a parameter, as the file has it; ValueError where there is none."""
    parts: list[Any] = documents.json(operator.attributes, list[Any])
    if len(parts) <= _NAME_AT or not isinstance(parts[_NAME_AT], str):
        raise ValueError("a parameter without a name")
    return str(parts[_NAME_AT])


def persistable(operator: Operator) -> bool:
    """Whether a parameter is in the file beside the program: one whose first flag is 0 is not, such as an LSTM's dropout state."""
    flags: Any = documents.json(operator.flags, Any) if operator.flags else None
    return not (isinstance(flags, list) and flags and flags[0] == 0)


def _door(operator: Operator, kind: str, name: str, gathered: _PirGathered) -> None:
    """What goes in or comes out of the whole program."""
    made = results(operator)
    facts = _facts(name, made[0]) if made else TensorFacts(name=clean(name, MAX_NAME), dtype="unknown")
    if kind == "fetch":
        gathered.outputs.append(facts)
        gathered.fetched += [(facts.name, one.number) for one in operator.inputs[:1]]
    else:
        gathered.inputs.append(facts)
        gathered.given.update(one.number for one in made)


def results(operator: Operator) -> list[Value]:
    """The results of an operator, with their types."""
    return documents.json(operator.outputs, list[Value]) if operator.outputs else []


def _named(attributes: list[_Attribute]) -> str:
    for one in attributes:
        if one.name == "name" and one.content.data:
            return documents.json(one.content.data, str)
    return "unnamed"


def _shifts(attributes: list[_Attribute]) -> bool:
    """Whether a scale adds something: its bias is not 0."""
    biases = [one.content.data for one in attributes if one.name == "bias" and one.content.data]
    return any(documents.json(bias) not in (0, None) for bias in biases)


def _resize(kind: str, operator: Operator, attributes: list[_Attribute]) -> str:
    """The word of one resize; its further inputs, where one is given, decide the size."""
    held = {one.name: one.content for one in attributes if one.content.data}
    scale = held["scale"].data if "scale" in held else None
    factors = [documents.json(one.data, float) for one in documents.json(scale, list[_Content])] if scale else []
    corners = "align_corners" in held and documents.json(held["align_corners"].data, bool)
    mode = documents.json(held["align_mode"].data, int) if "align_mode" in held else 0
    sized = any(one.number for one in operator.inputs[1:])
    return resize.trait(kind, factors, sized=sized, corners=corners, mode=mode)


def _trait(operator: str, attribute: _Attribute) -> str:
    kind = _short(attribute.content.kind)
    if kind == "array":
        first = documents.json(attribute.content.data, list[_Content]) if attribute.content.data else []
        kind = f"[{_short(first[0].kind)}]" if first else "[]"
    return clean(f"{operator}.{attribute.name}={kind}", MAX_NAME)


def _short(kind: str) -> str:
    return kind.rpartition(".")[2].removeprefix("a_")


def _facts(name: str, value: Value) -> TensorFacts:
    """Name, element type and shape of one value; a type that is no dense tensor has no shape."""
    shown = clean(name, MAX_NAME)
    outer = documents.json(value.type, _Content) if value.type else _Content()
    parts: list[Any] = documents.json(outer.data, list[Any]) if outer.data else []
    if not outer.kind.endswith("t_dtensor") or len(parts) < 2 or not isinstance(parts[0], dict):  # noqa: PLR2004
        return TensorFacts(name=shown, dtype=clean(outer.kind, 80) or "unknown")
    kind, dims = str(parts[0].get("#", "")).rpartition(".")[2], parts[1]
    if not isinstance(dims, list) or len(dims) > MAX_RANK or not all(isinstance(one, int) for one in dims):
        raise ValueError(f"the shape of {shown}")
    return TensorFacts(name=shown, dtype=BY_PIR_NAME.get(kind, clean(kind, 80)), shape=tuple(dims))


def _finished(version: int, found: _PirGathered) -> PirProgram:
    shifted = {source for source, result in found.shifted if result not in found.used and source in found.given}
    return PirProgram(
        version=version,
        blocks=found.blocks,
        operators=dict(found.operators.most_common()),
        inputs=tuple(found.inputs),
        outputs=tuple(found.outputs),
        parameters=tuple(sorted(found.parameters, key=lambda one: one.name)),
        traits=frozenset(found.traits),
        lost=tuple(name for name, source in found.fetched if source in shifted),
    )
