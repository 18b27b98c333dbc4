"""A `.pdmodel` taken apart, and any part of it written as a program: variables and operators as they are written, with new ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lab.cut.versions import Versions
from lab.formats import program_parts
from lab.formats import wire_writer as out
from lab.formats.program_parts import OperatorParts, ProgramParts, VariableParts, every_operator
from lab.formats.source import ByteSource
from lab.formats.types import BY_NUMBER
from lab.model.cutting import Anatomy, CutModel, CutNode, CutValue, Slice

ENDING = ".pdmodel"
_FEED, _FETCH = "feed", "fetch"
_FEED_KIND, _FETCH_KIND, _DENSE = 9, 10, 7
_CONSTANT = frozenset({"fill_constant", "assign_value"})
_STATISTICS = frozenset({"batch_norm", "sync_batch_norm"})
"""They write their statistics over what they read, and change them in training alone."""


@dataclass(frozen=True, kw_only=True)
class ProgramBody:
    """A program in pieces: its anatomy, the operators that are its nodes, and the texts of its own inputs by value."""

    anatomy: Anatomy
    parts: ProgramParts
    nodes: tuple[OperatorParts, ...]
    doors: Mapping[str, OperatorParts]
    fetches: tuple[OperatorParts, ...]

    @property
    def stored(self) -> tuple[str, ...]:
        """The names of the parameters in the file beside it, in the order they lie there."""
        return tuple(sorted(self.anatomy.parameters.values()))

    def cut(
        self,
        part: Slice,
        names: Mapping[str, str] | None = None,
        *,
        anchored: bool = True,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
    ) -> CutModel:
        """A slice as a program; `shapes` are dimensions that it declares of results in the place of the file's.

        A variable is fed under the name it has, and no release asks for a parameter: the rest changes nothing.
        """
        del names, anchored
        block = self.parts.blocks[0]
        nodes = [self.nodes[index] for index in part.kept]
        doors = [self._fed(one, place) for place, one in enumerate(part.feeds)]
        used = {name for one in nodes for each in every_operator(self.parts, one) for name in _names(each)}
        used |= {self.anatomy.values[name].variable for name in part.fetches}
        used |= {one.variable for one in part.feeds}
        made = [replace(self.anatomy.values[name], shape=shape) for name, shape in (shapes or {}).items()]
        given = {one.variable: one for one in (*made, *part.feeds)}
        kept = [one for one in block.variables if one.name in used or one.name in (_FEED, _FETCH)]
        variables = [self._described(one, given.get(one.name)) for one in kept]
        variables += [_list_of(name, kind) for name, kind in _LISTS.items() if name not in {one.name for one in kept}]
        # Paddle writes its feeds the last one first, and its jit.load takes them so.
        operators = doors[::-1] + [one.text for one in nodes] + self._fetched(part.fetches)
        inner = self.parts.texts[1:] if any(one.blocks for one in nodes) else ()
        stored = sorted(one.name for one in kept if one.name in self.anatomy.parameters)
        return CutModel(
            ending=ENDING,
            program=block.joined(variables, operators) + b"".join(inner) + self.parts.rest,
            parameters=tuple((name, name) for name in stored),
            feeds=tuple((one.name, one.variable) for one in part.feeds),
            fetches=part.fetches,
        )

    def _fed(self, value: CutValue, place: int) -> bytes:
        own = self.doors.get(value.name)
        if own is not None and own.column == place:
            return own.text
        return _door(_FEED, [("X", _FEED)], [("Out", value.variable)], place)

    def _fetched(self, wanted: tuple[str, ...]) -> list[bytes]:
        if wanted == self.anatomy.fetches:
            return [one.text for one in self.fetches]
        return [
            _door(_FETCH, [("X", self.anatomy.values[name].variable)], [("Out", _FETCH)], place)
            for place, name in enumerate(wanted)
        ]

    def _described(self, variable: VariableParts, given: CutValue | None) -> bytes:
        """A variable as it is written, but for one that is given with other dimensions."""
        if given is None or given.shape == variable.shape:
            return variable.text
        element = next(number for number, name in BY_NUMBER.items() if name == given.dtype)
        tensor = out.number(1, element) + out.message(out.number(2, one) for one in given.shape or ())
        type_ = out.number(1, _DENSE) + out.data(3, out.data(1, tensor))
        return out.text(1, variable.name) + out.data(2, type_)


_LISTS = {_FEED: _FEED_KIND, _FETCH: _FETCH_KIND}
"""The variables behind all inputs and outputs of a program, and the kinds they have."""


def _list_of(name: str, kind: int) -> bytes:
    return out.text(1, name) + out.data(2, out.number(1, kind)) + out.number(3, 1)


def _door(kind: str, given: list[tuple[str, str]], made: list[tuple[str, str]], column: int) -> bytes:
    """A feed or fetch operator; its one attribute is its column, an integer (type 0, in field 3)."""
    arguments = [out.data(1, out.text(1, name) + out.text(2, variable)) for name, variable in given]
    arguments += [out.data(2, out.text(1, name) + out.text(2, variable)) for name, variable in made]
    attribute = out.text(1, "col") + out.number(2, 0) + out.number(3, column)
    return out.message(arguments) + out.text(3, kind) + out.data(4, attribute)


def _names(operator: OperatorParts) -> list[str]:
    return [name for side in (operator.inputs, operator.outputs) for names in side.values() for name in names]


@dataclass(slots=True)
class _ProgramTaken:
    parts: ProgramParts
    variables: dict[str, VariableParts]
    versions: Versions = field(default_factory=Versions)
    nodes: list[CutNode] = field(default_factory=list)
    operators: list[OperatorParts] = field(default_factory=list)
    values: dict[str, CutValue] = field(default_factory=dict)
    feeds: list[tuple[int, str, OperatorParts]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    fetches: list[tuple[int, str, OperatorParts]] = field(default_factory=list)


def read(source: ByteSource) -> ProgramBody:
    """Take a program apart; DamageError where it cannot be read."""
    parts = program_parts.read(source)
    found = _ProgramTaken(parts=parts, variables={one.name: one for one in parts.blocks[0].variables})
    for name, one in found.variables.items():
        if one.persistable and one.shape is not None:
            found.parameters[_new(name, found)] = name
    for operator in parts.blocks[0].operators:
        _take(operator, found)
    feeds = sorted(found.feeds, key=lambda one: one[0])
    fetches = sorted(found.fetches, key=lambda one: one[0])
    anatomy = Anatomy(
        nodes=tuple(found.nodes),
        values=found.values,
        feeds={name: found.values[name].variable for _, name, _ in feeds},
        parameters=found.parameters,
        fetches=tuple(name for _, name, _ in fetches),
        maker={name: index for index, node in enumerate(found.nodes) for name in node.makes},
    )
    return ProgramBody(
        anatomy=anatomy, parts=parts, nodes=tuple(found.operators), doors={name: one for _, name, one in feeds},
        fetches=tuple(one for *_, one in fetches),
    )  # fmt: skip


def is_node(operator: OperatorParts) -> bool:
    """Whether it computes something: it is no input and no output."""
    return operator.kind not in (_FEED, _FETCH)


def _take(operator: OperatorParts, found: _ProgramTaken) -> None:
    if operator.kind == _FEED:
        for variable in operator.outputs.get("Out", ())[:1]:
            found.feeds.append((operator.column, _new(variable, found), operator))
    elif operator.kind == _FETCH:
        for variable in operator.inputs.get("X", ())[:1]:
            found.fetches.append((operator.column, _known(variable, found), operator))
    else:
        _node(operator, found)


def _node(operator: OperatorParts, found: _ProgramTaken) -> None:
    every = list(every_operator(found.parts, operator))
    given = dict.fromkeys(name for one in every for names in one.inputs.values() for name in names)
    made = dict.fromkeys(name for one in every for name in _made(one))
    reads = tuple(_known(name, found) for name in given if name in found.variables)
    makes = tuple(_new(name, found) for name in made if name in found.variables)
    found.operators.append(operator)
    found.nodes.append(
        CutNode(
            operator=operator.kind,
            reads=reads,
            makes=makes,
            constant=operator.kind in _CONSTANT and not reads,
            blocks=bool(operator.blocks),
        )
    )


def _made(operator: OperatorParts) -> list[str]:
    """The variables an operator writes, but for statistics that it reads and leaves as they are."""
    names = [name for names in operator.outputs.values() for name in names]
    if operator.kind in _STATISTICS:
        given = {name for names in operator.inputs.values() for name in names}
        return [name for name in names if name not in given]
    return names


def _known(variable: str, found: _ProgramTaken) -> str:
    """The value a variable has now; one that nobody wrote is in the file as a variable without a maker."""
    return found.versions.now(variable) if found.versions.known(variable) else _new(variable, found)


def _new(variable: str, found: _ProgramTaken) -> str:
    name = found.versions.next(variable)
    one = found.variables.get(variable)
    dtype, shape = (one.dtype, one.shape) if one is not None else ("", None)
    found.values[name] = CutValue(name=name, variable=variable, dtype=dtype, shape=shape)
    return name
