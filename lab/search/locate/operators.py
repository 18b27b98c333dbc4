"""What people are told of each operator: its settings, the types it takes and gives, and its name in the network."""

from collections.abc import Mapping
from pathlib import Path

from lab.formats import graph_pir, graph_program
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.model.cutting import Anatomy, CutValue
from lab.model.graph import AttributeValue, GraphNode
from lab.model.location import OperatorSeen
from lab.text import clean

PLACES = ("struct_name", "op_namescope")
"""Settings that say where in the network an operator stands: of a .json, and of a .pdmodel."""
_UNSAID = frozenset({
    *PLACES, "op_callstack", "op_role", "op_role_var", "op_device", "with_quant_attr", "stop_gradient", "place", "col",
    "use_mkldnn", "mkldnn_data_type", "use_cudnn", "is_test", "fuse_with_relu",
})  # fmt: skip
"""Settings that say nothing of what is computed, or are the saver's own."""
_LONGEST = 120


def described(program: Path, anatomy: Anatomy) -> dict[int, OperatorSeen]:
    """Every operator of a program by its place in the graph."""
    nodes = _nodes(program)
    if len(nodes) != len(anatomy.nodes):
        nodes = ()
    return {
        index: OperatorSeen(
            index=index, operator=one.operator, place=_place(nodes[index].attributes) if nodes else "",
            attributes=_said(nodes[index].attributes) if nodes else {},
            operands=tuple(_type(anatomy, name) for name in one.reads),
            results=tuple(_type(anatomy, name) for name in one.makes),
        )
        for index, one in enumerate(anatomy.nodes)
    }  # fmt: skip


def _nodes(program: Path) -> tuple[GraphNode, ...]:
    try:
        with opened(program) as source:
            read = graph_pir.read if source.some(0, 64).lstrip()[:1] == b"{" else graph_program.read
            return read(source).nodes
    except DamageError:
        return ()  # it was cut before; only what is said of its settings is missing


def _place(attributes: Mapping[str, AttributeValue]) -> str:
    found = next((str(attributes[name]) for name in PLACES if attributes.get(name)), "")
    return clean(found, _LONGEST).strip("/")


def _said(attributes: Mapping[str, AttributeValue]) -> dict[str, str]:
    return {
        clean(name, _LONGEST): clean(_words(value), _LONGEST)
        for name, value in attributes.items()
        if name not in _UNSAID and value is not None
    }


def _words(value: AttributeValue) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(str(one) for one in value) + "]"
    return str(value)


def _type(anatomy: Anatomy, name: str) -> str:
    """One value's type with its shape, an open dimension as ?; a parameter by its name."""
    value: CutValue = anatomy.values[name]
    shape = "" if value.shape is None else " [" + ", ".join("?" if one < 0 else str(one) for one in value.shape) + "]"
    parameter = anatomy.parameters.get(name)
    return (f"{clean(parameter, _LONGEST)} " if parameter else "") + f"{value.dtype or 'no tensor'}{shape}"
