"""A `.json` program taken apart, and any part of it written as a program: its operators as they are written, with new ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab import documents
from lab.cut.versions import Versions
from lab.formats import pir, pir_parts
from lab.formats.damage import DamageError
from lab.formats.pir import Operator, Value
from lab.formats.pir_parts import PirParts
from lab.formats.source import ByteSource
from lab.formats.types import BY_PIR_NAME
from lab.model.cutting import Anatomy, CutModel, CutNode, CutValue, Slice
from lab.text import clean

ENDING = ".json"
ANCHOR = "no_operator_reads_this"
_FED, _FETCHED = ("data", "feed"), "fetch"
_CONSTANT = frozenset({"full", "full_int_array", "assign_value", "create_array"})
_ALTERS: Mapping[str, tuple[int, ...]] = {
    "batch_norm_": (), "sync_batch_norm_": (), "assign_out_": (1,), "array_write_": (0,), "increment_": (0,),
    "while": (0,),
}  # fmt: skip
"""Which operands an operator that works in place changes; of others whose name says so the first. A norm changes its statistics in
training alone; a loop goes on with its condition in the variable it was given in."""


@dataclass(frozen=True, kw_only=True)
class PirBody:
    """A program in pieces: its anatomy, each node's own text, and the texts of its parameters, inputs and outputs by value."""

    anatomy: Anatomy
    parts: PirParts
    nodes: tuple[bytes, ...]
    parameters: Mapping[str, bytes]
    doors: Mapping[str, bytes]
    fetches: tuple[bytes, ...]
    types: Mapping[str, bytes]
    persistable: frozenset[str]

    @property
    def stored(self) -> tuple[str, ...]:
        """The names of the parameters in the file beside it, in the order they lie there."""
        return tuple(sorted(self.anatomy.parameters[name] for name in self.persistable))

    def cut(
        self,
        part: Slice,
        names: Mapping[str, str] | None = None,
        *,
        anchored: bool = True,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
    ) -> CutModel:
        """A slice as a program; `names` are what inputs are called that shall have a name of their own.

        Not `anchored` it has no parameter where no operator reads one; `shapes` are dimensions that it declares of results in the place of the file's.
        """
        called = {one.name: self._called(one, names or {}) for one in part.feeds}
        read = {name for index in part.kept for name in self.anatomy.nodes[index].reads} | set(part.fetches)
        parameters = [name for name in self.parameters if name in read]
        stored = sorted(self.anatomy.parameters[name] for name in parameters if name in self.persistable)
        anchor = ANCHOR if anchored and not stored else ""
        operators = [self.parameters[name] for name in parameters] + [self._anchor()] * bool(anchor)
        operators += [self._door(one, called[one.name]) for one in part.feeds]
        told = shapes or {}
        operators += [self._node(index, told) for index in part.kept]
        operators += self._fetched(part.fetches, told)
        return CutModel(
            ending=ENDING,
            program=self.parts.joined(tuple(operators)),
            parameters=tuple((name, name) for name in stored),
            feeds=tuple((one.name, called[one.name]) for one in part.feeds),
            fetches=part.fetches,
            anchor=anchor,
        )

    def _free(self) -> int:
        """The first number that no value of the program has."""
        return max((_number(one.variable) for one in self.anatomy.values.values()), default=0) + len(self.fetches) + 1

    def _anchor(self) -> bytes:
        type_ = {"#": "0.t_dtensor", "D": [{"#": "0.t_f32"}, [1], "NCHW", [], 0]}
        made = {"%": self._free(), "TT": type_}
        return documents.written(
            {"#": pir.PARAMETER, "A": [0, 1, 1, ANCHOR], "DA": [], "O": made, "OA": [1, 0, 1], "QA": []}
        )

    def _called(self, value: CutValue, names: Mapping[str, str]) -> str:
        own = self.anatomy.feeds.get(value.name)
        return names.get(value.name) or own or f"value_{value.variable.removeprefix('%')}"

    def _door(self, value: CutValue, name: str) -> bytes:
        """The operator by which a value is given: the model's own where nothing of it is another."""
        own = self.anatomy.values[value.name]
        if value.name in self.doors and self.anatomy.feeds[value.name] == name and own.shape == value.shape:
            return self.doors[value.name]
        type_ = documents.json(self.types[value.name])
        type_["D"][1] = list(value.shape or ())
        attributes = [
            _attribute("name", "0.a_str", name),
            _attribute("shape", "1.a_intarray", list(value.shape or ())),
            _attribute("dtype", "1.a_dtype", value.dtype),
            _attribute("place", "1.a_place", [0, 0, ""]),
        ]
        result = {"%": _number(value.variable), "TT": type_}
        return documents.written(
            {"#": "1.data", "A": attributes, "I": [], "O": [result], "OA": [_flag("stop_gradient", on=False)]}
        )

    def _node(self, index: int, shapes: Mapping[str, tuple[int, ...]]) -> bytes:
        """An operator as it is written, but for what it makes of other dimensions."""
        makes = self.anatomy.nodes[index].makes
        dims = {_number(self.anatomy.values[name].variable): shapes[name] for name in makes if name in shapes}
        if not dims:
            return self.nodes[index]
        told: dict[str, Any] = documents.json(self.nodes[index])
        for one in told["O"]:
            if one["%"] in dims:
                one["TT"]["D"][1] = list(dims[one["%"]])
        return documents.written(told)

    def _fetched(self, wanted: tuple[str, ...], shapes: Mapping[str, tuple[int, ...]]) -> list[bytes]:
        if wanted == self.anatomy.fetches and not any(name in shapes for name in wanted):
            return list(self.fetches)
        free = self._free() + 1
        return [self._fetch(name, place, free + place, shapes.get(name)) for place, name in enumerate(wanted)]

    def _fetch(self, name: str, place: int, number: int, shape: tuple[int, ...] | None) -> bytes:
        attributes = [_attribute("name", "0.a_str", f"fetch_name_{place}"), _attribute("col", "0.a_i32", place)]
        flags = [_flag("persistable", on=True), _flag("stop_gradient", on=False)]
        result = {"%": number, "TT": documents.json(self.types[name])}
        if shape is not None:
            result["TT"]["D"][1] = list(shape)
        given = [{"%": _number(self.anatomy.values[name].variable)}]
        return documents.written({"#": "1.fetch", "A": attributes, "I": given, "O": [result], "OA": flags})


def _attribute(name: str, kind: str, data: object) -> dict[str, Any]:
    return {"AT": {"#": kind, "D": data}, "N": name}


def _flag(name: str, *, on: bool) -> dict[str, Any]:
    return {"AT": {"#": "0.a_array", "D": [{"#": "0.a_bool", "D": on}]}, "N": name}


def _number(variable: str) -> int:
    return int(variable.removeprefix("%"))


@dataclass(slots=True)
class _PirTaken:
    versions: Versions = field(default_factory=Versions)
    nodes: list[CutNode] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    values: dict[str, CutValue] = field(default_factory=dict)
    types: dict[str, bytes] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    doors: dict[str, bytes] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    given: dict[str, bytes] = field(default_factory=dict)
    persistable: set[str] = field(default_factory=set)
    fetches: list[tuple[int, str, bytes]] = field(default_factory=list)


def read(source: ByteSource) -> PirBody:
    """Take a program apart; DamageError where it cannot be read."""
    parts = pir_parts.read(source)
    found = _PirTaken()
    try:
        for text in parts.operators:
            _take(documents.json(text, Operator), text, found)
    except (ValueError, LookupError, TypeError) as error:
        raise DamageError(f"damaged: an operator cannot be read ({clean(str(error), 200)})") from error
    fetches = sorted(found.fetches, key=lambda one: one[0])
    anatomy = Anatomy(
        nodes=tuple(found.nodes),
        values=found.values,
        feeds=found.feeds,
        parameters=found.parameters,
        fetches=tuple(name for _, name, _ in fetches),
        maker={name: index for index, node in enumerate(found.nodes) for name in node.makes},
    )
    return PirBody(
        anatomy=anatomy, parts=parts, nodes=tuple(found.texts), parameters=found.given, doors=found.doors,
        fetches=tuple(text for *_, text in fetches), types=found.types, persistable=frozenset(found.persistable),
    )  # fmt: skip


def is_node(operator: Operator) -> bool:
    """Whether it computes something: no parameter, no input and no output."""
    return operator.name != pir.PARAMETER and _short(operator) not in (*_FED, _FETCHED)


def _short(operator: Operator) -> str:
    return pir.full_name(operator.name).rpartition(".")[2]


def _take(operator: Operator, text: bytes, found: _PirTaken) -> None:
    if operator.name == pir.PARAMETER:
        name = _new(documents.json(operator.outputs, Value), found)
        found.parameters[name] = pir.parameter_name(operator)
        found.given[name] = text
        if pir.persistable(operator):
            found.persistable.add(name)
        return
    short = _short(operator)
    if short in _FED:
        (result,) = pir.results(operator)
        name = _new(result, found)
        found.feeds[name] = str(pir_parts.setting(operator, "name"))
        found.doors[name] = text
    elif short == _FETCHED:
        column = pir_parts.setting(operator, "col")
        place = column if isinstance(column, int) else len(found.fetches)
        found.fetches.append((place, found.versions.now(f"%{operator.inputs[0].number}"), text))
    else:
        _node(operator, short, text, found)


def _node(operator: Operator, short: str, text: bytes, found: _PirTaken) -> None:
    """One operator: what it and the operators inside it read, its results, and new values of what it changes in place."""
    held = list(inner(operator))
    numbers = dict.fromkeys(one.number for each in (operator, *held) for one in each.inputs if one.number)
    known = [f"%{number}" for number in numbers if found.versions.known(f"%{number}")]
    reads = tuple(found.versions.now(variable) for variable in known)
    changed = dict.fromkeys(variable for each in (operator, *held) for variable in altered(each) if variable in known)
    makes = [_new(one, found) for one in pir.results(operator) if one.number]
    for variable in changed:
        old = found.versions.now(variable)
        name = found.versions.next(variable)
        found.values[name] = CutValue(
            name=name, variable=variable, dtype=found.values[old].dtype, shape=found.values[old].shape
        )
        found.types[name] = found.types[old]
        makes.append(name)
    found.texts.append(text)
    found.nodes.append(
        CutNode(
            operator=short,
            reads=reads,
            makes=tuple(makes),
            constant=short in _CONSTANT and not reads,
            blocks=bool(operator.regions),
        )
    )


def inner(operator: Operator) -> Iterator[Operator]:
    """The operators that one holds, and all that these hold."""
    waiting = list(operator.regions)
    while waiting:
        for block in waiting.pop().blocks:
            for one in block.operators:
                yield one
                waiting += one.regions


def altered(operator: Operator) -> Iterator[str]:
    """The variables that an operator changes in place, but for those inside it."""
    short = _short(operator)
    if short.endswith("_") or short in _ALTERS:
        for place in _ALTERS.get(short, (0,)):
            if place < len(operator.inputs):
                yield f"%{operator.inputs[place].number}"


def _new(value: Value, found: _PirTaken) -> str:
    """A value as it is made for the first time; one that is made twice is damage."""
    variable = f"%{value.number}"
    if found.versions.known(variable):
        raise ValueError(f"{variable} is made twice")
    name = found.versions.next(variable)
    dtype, shape = _dense(value)
    found.values[name] = CutValue(name=name, variable=variable, dtype=dtype, shape=shape)
    found.types[name] = bytes(value.type)
    return name


def _dense(value: Value) -> tuple[str, tuple[int, ...] | None]:
    """Element type and dimensions; no dimensions where it is no dense tensor."""
    told: Any = documents.json(value.type) if value.type else {}
    if not isinstance(told, dict) or not str(told.get("#", "")).endswith("t_dtensor"):
        return "", None
    kind, dims = told["D"][0]["#"].rpartition(".")[2], told["D"][1]
    if not all(isinstance(one, int) for one in dims):
        raise ValueError("a shape that is none")
    return BY_PIR_NAME.get(kind, "unknown"), tuple(dims)
