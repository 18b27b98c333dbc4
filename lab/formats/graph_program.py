"""A `.pdmodel` as a graph that can be computed, its operators under the names and in the order that a `.json` gives them."""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.formats.damage import MAX_PROGRAM, DamageError
from lab.formats.old_operators import OldOperator, translated
from lab.formats.program import LOD_TENSOR, description
from lab.formats.source import ByteSource
from lab.formats.types import by_number
from lab.formats.wire import FIXED32, FIXED64, LENGTH, VARINT, Field, Message, signed
from lab.model.graph import AttributeValue, Graph, GraphNode

_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")

# Field numbers of OpDesc.Attr in framework.proto, by how a value is read: alone, or in a list.
_NUMBERS = {3: False, 6: True, 12: False, 13: False, 14: True, 15: True}
_BOOLS = {10: False, 11: True}
_REALS = {4: False, 7: True, 16: True, 19: False}
_TEXTS = {5: False, 8: True, 17: False, 18: True}


_SCALED = "save_infer_model/scale_"
"""How the outputs are called that Paddle put a scale behind as it saved."""


@dataclass(slots=True)
class _BlockGathered:
    kinds: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    operators: list[OldOperator] = field(default_factory=list)


def read(source: ByteSource) -> Graph:
    """The operators of the program's first block; DamageError where it cannot be read."""
    message = Message(source.whole(MAX_PROGRAM, "a program"))
    blocks = [one for one in message.fields(0, len(message.data), "the program") if one.number == 1]
    if not blocks:
        raise DamageError("no program: it has no block of operators")
    found = _block(message, message.must(blocks[0], LENGTH, "a block"))
    feeds: dict[str, str] = {}
    fetches: list[tuple[int, str]] = []
    nodes: list[GraphNode] = []
    for one in found.operators:
        column = one.attributes.get("col")
        if one.kind == "feed":
            feeds |= dict.fromkeys(one.outputs.get("Out", ())[:1], "")
        elif one.kind == "fetch":
            fetches += [(column if isinstance(column, int) else 0, name) for name in one.inputs.get("X", ())[:1]]
        else:
            nodes.append(translated(one, found.kinds))
    return Graph(
        nodes=tuple(nodes), feeds={name: name for name in feeds}, parameters=found.parameters,
        fetches=tuple(name for _, name in sorted(fetches, key=lambda one: one[0])),
    )  # fmt: skip


def jit_places(graph: Graph) -> tuple[int, ...]:
    """For each output that jit.load gives, in its order, its place in the program; empty where the two are the same.

    Paddle puts a scale of 1 behind every output but those of bool, and its jit.load takes the outputs under those scales
    first, and then the others (translated_layer.py of 2.6.2 and, for a .pdmodel, of 3.x).
    """
    scaled = [
        node.outputs[0]
        for node in graph.nodes
        if node.operator == "scale" and node.outputs and node.outputs[0].startswith(_SCALED)
    ]
    under = [graph.fetches.index(name) for name in scaled if name in graph.fetches]
    found = (*under, *(place for place in range(len(graph.fetches)) if place not in under))
    return () if found == tuple(range(len(found))) else found


def _block(message: Message, block: Field) -> _BlockGathered:
    found = _BlockGathered()
    for one in message.fields(block.start, block.end, "block 0"):
        if one.number == 3:  # noqa: PLR2004 - field numbers of framework.proto stand here and below
            _variable(message, message.must(one, LENGTH, "a variable"), found)
        elif one.number == 4:  # noqa: PLR2004
            found.operators.append(_operator(message, message.must(one, LENGTH, "an operator")))
    return found


def _variable(message: Message, variable: Field, found: _BlockGathered) -> None:
    """A variable's element type, and whether it is a parameter; one that is no dense tensor has none."""
    name, kind, persistable, number = "", "", False, -1
    for one in message.fields(variable.start, variable.end, "a variable"):
        if one.number == 1:
            name = message.text(one, "a variable's name")
        elif one.number == 2:  # noqa: PLR2004
            number, kind = _element(message, message.must(one, LENGTH, "a variable's type"))
        elif one.number == 3:  # noqa: PLR2004
            persistable = bool(one.value)
    if number == LOD_TENSOR:
        found.kinds[name] = kind
        if persistable:
            found.parameters[name] = name


def _element(message: Message, type_: Field) -> tuple[int, str]:
    number, kind = -1, "unknown"
    for one in message.fields(type_.start, type_.end, "a variable's type"):
        if one.number == 1:
            number = one.value
        elif one.number == 3:  # noqa: PLR2004
            for inner in message.fields(one.start, one.end, "a tensor's type"):
                if inner.number == 1 and inner.wire == LENGTH:
                    kind = by_number(description(message, inner)[0])
    return number, kind


def _operator(message: Message, operator: Field) -> OldOperator:
    kind = ""
    inputs: dict[str, tuple[str, ...]] = {}
    outputs: dict[str, tuple[str, ...]] = {}
    attributes: dict[str, AttributeValue] = {}
    for one in message.fields(operator.start, operator.end, "an operator"):
        if one.number == 3:  # noqa: PLR2004
            kind = message.text(one, "an operator's type")
        elif one.number in (1, 2):
            name, variables = _variables(message, message.must(one, LENGTH, "an operator's variable"))
            (inputs if one.number == 1 else outputs)[name] = variables
        elif one.number == 4:  # noqa: PLR2004
            attributes |= dict([_attribute(message, message.must(one, LENGTH, "an attribute"))])
    return OldOperator(kind=kind, inputs=inputs, outputs=outputs, attributes=attributes)


def _variables(message: Message, given: Field) -> tuple[str, tuple[str, ...]]:
    name, found = "", []
    for one in message.fields(given.start, given.end, "an operator's variable"):
        if one.number == 1:
            name = message.text(one, "an input's name")
        elif one.number == 2:  # noqa: PLR2004
            found.append(message.text(one, "a variable's name"))
    return name, tuple(found)


def _attribute(message: Message, attribute: Field) -> tuple[str, AttributeValue]:
    """A setting by name: a number or text, or a list of them; a list that is empty is one without a field."""
    name, kind = "", -1
    alone: AttributeValue = None
    listed: list[Any] = []
    for one in message.fields(attribute.start, attribute.end, "an attribute"):
        if one.number == 1:
            name = message.text(one, "an attribute's name")
        elif one.number == 2:  # noqa: PLR2004
            kind = one.value
        for numbers, read in _READ:
            if one.number in numbers:
                parts = list(read(message, one))
                listed += parts
                alone = parts[0] if parts and not numbers[one.number] else alone
    return name, tuple(listed) if kind in _LISTS else alone


_LISTS = frozenset({3, 4, 5, 7, 10, 11, 12, 14, 17})
"""Numbers of AttrType that are lists."""


def _integers(message: Message, one: Field) -> Iterator[int]:
    if one.wire == VARINT:
        yield signed(one.value)
        return
    at = message.must(one, LENGTH, "an attribute's numbers").start
    while at < one.end:
        value, at = message.varint(at, one.end, "an attribute's numbers")
        yield signed(value)


def _bools(message: Message, one: Field) -> Iterator[bool]:
    return (bool(number) for number in _integers(message, one))


def _reals(message: Message, one: Field) -> Iterator[float]:
    """Floats of four or eight bytes, one by one or packed."""
    double = one.number in (16, 19)
    if one.wire not in (FIXED32, FIXED64, LENGTH):
        raise DamageError("damaged: an attribute's float is none", one.start)
    form = _DOUBLE if double else _FLOAT
    data = message.data[one.start : one.end]
    if len(data) % form.size:
        raise DamageError("damaged: an attribute's floats end inside one", one.start)
    return (float(value) for (value,) in form.iter_unpack(data))


def _texts(message: Message, one: Field) -> Iterator[str]:
    yield message.text(one, "an attribute's text")


_READ: tuple[tuple[Mapping[int, bool], Callable[[Message, Field], Iterator[Any]]], ...] = (
    (_NUMBERS, _integers),
    (_BOOLS, _bools),
    (_REALS, _reals),
    (_TEXTS, _texts),
)
