"""A cut without its user: names, the places of operators in the user's network, source paths and call stacks are taken out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lab import documents
from lab.cut.pir import ANCHOR
from lab.formats import pir, program_parts
from lab.formats import wire_writer as out
from lab.formats.source import MemorySource
from lab.formats.wire import LENGTH, Field, Message
from lab.model.cutting import CutModel

_TOLD = frozenset({"op_callstack", "op_namescope", "op_role_var", "struct_name", "with_quant_attr", "origin_id"})
"""Attributes that say where an operator came from, and nothing of what it does."""
_SCALED = "save_infer_model/scale_"
"""Paddle's jit.load knows outputs by this beginning of their names."""
_DOORS = ("feed", "fetch")
_NAME, _ARGUMENTS, _STRINGS, _VARIABLE, _VARIABLES = 1, 2, 8, 17, 18
_SKIPPED = "skip_eager_deletion_vars"


@dataclass(slots=True)
class _Names:
    """New names, in the order in which they are asked for; parameters keep the order they are stored in."""

    known: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def new(self, old: str, begin: str) -> str:
        if old not in self.known:
            number = self.counts.get(begin, 0)
            self.counts[begin] = number + 1
            self.known[old] = f"{begin}{number:03d}" if begin == "w" else f"{begin}{number}"
        return self.known[old]


def plain(cut: CutModel) -> CutModel:
    """The same model, with inputs x0, x1, ..., parameters w000, w001, ... and nothing that says where it comes from."""
    names = _Names()
    for _, called in cut.parameters:
        names.new(called, "w")
    for _, fed in cut.feeds:
        names.new(fed, "x")
    program = _json(cut, names) if cut.ending == ".json" else _pdmodel(cut, names)
    return replace(
        cut,
        program=program,
        parameters=tuple((name, names.known[called]) for name, called in cut.parameters),
        feeds=tuple((name, names.known[fed]) for name, fed in cut.feeds),
    )


def _json(cut: CutModel, names: _Names) -> bytes:
    told: dict[str, Any] = documents.json(cut.program)
    for operator in _operators(told["program"]["regions"]):
        for part in ("A", "OA", "QA", "DA"):
            if isinstance(found := operator.get(part), list):
                operator[part] = [one for one in found if not (isinstance(one, dict) and one.get("N") in _TOLD)]
        if operator["#"] == pir.PARAMETER:
            old = operator["A"][3]
            operator["A"][3] = old if old == ANCHOR else names.new(old, "state")
            continue
        kept = operator.get("A", [])
        for one in kept:
            if operator["#"] in ("1.data", "1.feed") and one["N"] == "name":
                one["AT"]["D"] = names.new(one["AT"]["D"], "x")
            elif operator["#"] == "1.fetch" and one["N"] == "name":
                one["AT"]["D"] = f"fetch_name_{_column(kept)}"
    return documents.written(told)


def _operators(regions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    waiting = list(regions)
    while waiting:
        for block in waiting.pop()["blocks"]:
            for one in block["ops"]:
                yield one
                waiting += one.get("regions", [])


def _column(attributes: list[dict[str, Any]]) -> int:
    return next((int(one["AT"]["D"]) for one in attributes if one["N"] == "col"), 0)


def _pdmodel(cut: CutModel, names: _Names) -> bytes:
    parts = program_parts.read(MemorySource(data=cut.program))
    wrote = [
        block.joined(
            [_variable(one.text, names) for one in block.variables],
            [_operator(one.text, names) for one in block.operators],
        )
        for block in parts.blocks
    ]
    return b"".join(wrote) + parts.rest


def _renamed(old: str, names: _Names) -> str:
    if old in _DOORS or not old:
        return old
    return names.new(old, _SCALED if old.startswith(_SCALED) else "v")


def _rewritten(data: bytes, change: Callable[[Message, Field, bytes], bytes]) -> bytes:
    """A message field by field: each as it is, or as `change` makes it."""
    message, at, found = Message(data), 0, []
    for one in message.fields(0, len(data), "a message"):
        found.append(change(message, one, data[at : one.end]))
        at = one.end
    return b"".join(found)


def _text(message: Message, one: Field) -> str:
    return message.data[one.start : one.end].decode("utf-8", "surrogateescape")


def _variable(data: bytes, names: _Names) -> bytes:
    def change(message: Message, one: Field, text: bytes) -> bytes:
        return out.text(_NAME, _renamed(_text(message, one), names)) if one.number == _NAME else text

    return _rewritten(data, change)


def _operator(data: bytes, names: _Names) -> bytes:
    def argument(message: Message, one: Field, text: bytes) -> bytes:
        return out.text(_ARGUMENTS, _renamed(_text(message, one), names)) if one.number == _ARGUMENTS else text

    def change(message: Message, one: Field, text: bytes) -> bytes:
        inside = message.data[one.start : one.end]
        if one.number in (1, 2) and one.wire == LENGTH:
            return out.data(one.number, _rewritten(inside, argument))
        if one.number == 4 and one.wire == LENGTH:  # noqa: PLR2004 - an attribute
            name = _attribute_name(inside)
            return b"" if name in _TOLD else out.data(4, _attribute(inside, name, names))
        return text

    return _rewritten(data, change)


def _attribute_name(data: bytes) -> str:
    message = Message(data)
    return next((_text(message, one) for one in message.fields(0, len(data), "an attribute") if one.number == 1), "")


def _attribute(data: bytes, name: str, names: _Names) -> bytes:
    """An attribute whose value is the name of a variable has the new one."""

    def change(message: Message, one: Field, text: bytes) -> bytes:
        listed = one.number == _STRINGS and name == _SKIPPED
        if listed or one.number in (_VARIABLE, _VARIABLES):
            return out.text(one.number, _renamed(_text(message, one), names))
        return text

    return _rewritten(data, change)
