"""A `.json` program as a graph that can be computed; what holds blocks of its own stays a node that nobody computes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab import documents
from lab.formats import pir
from lab.formats.damage import MAX_NAME, DamageError
from lab.formats.pir import Operator, Value
from lab.formats.source import FileSource
from lab.formats.types import BY_PIR_NAME
from lab.model.graph import AttributeValue, Graph, GraphNode
from lab.text import clean

_DOORS = ("data", "feed")


@dataclass(slots=True)
class _GraphGathered:
    nodes: list[GraphNode] = field(default_factory=list)
    feeds: dict[str, str] = field(default_factory=dict)
    fetches: list[tuple[int, str]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)


def read(source: FileSource) -> Graph:
    """The operators of the program's own block; DamageError where it cannot be read."""
    found = _GraphGathered()
    try:
        operators = pir.main_block(source)
        for operator in operators:
            _take(operator, found)
    except (ValueError, LookupError, TypeError) as error:
        raise DamageError(f"damaged: an operator cannot be read ({error})") from error
    return Graph(
        nodes=tuple(found.nodes), feeds=found.feeds,
        fetches=tuple(name for _, name in sorted(found.fetches, key=lambda one: one[0])), parameters=found.parameters,
    )  # fmt: skip


def _take(operator: Operator, found: _GraphGathered) -> None:
    if operator.name == pir.PARAMETER:
        value = _name(documents.json(operator.outputs, Value))
        if pir.persistable(operator):
            found.parameters[clean(pir.parameter_name(operator), MAX_NAME)] = value
        else:
            found.absent.add(value)
        return
    dialect, _, short = pir.full_name(operator.name).rpartition(".")
    attributes = _attributes(operator)
    results = documents.json(operator.outputs, list[Value]) if operator.outputs else []
    if short in _DOORS:
        found.feeds[str(attributes.get("name"))] = _name(results[0])
    elif short == "fetch":
        column = attributes.get("col")
        found.fetches.append((column if isinstance(column, int) else len(found.fetches), _name(operator.inputs[0])))
    else:
        name = f"{dialect}.{short}" if (dialect, short) == ("builtin", "split") else short
        found.nodes.append(
            GraphNode(
                operator=name if operator.regions else name.rstrip("_"),
                inputs=tuple(None if _name(one) in {"", *found.absent} else _name(one) for one in operator.inputs),
                outputs=tuple(_name(one) for one in results),
                kinds=tuple(_kind(one) for one in results),
                attributes=attributes,
            )
        )


def _name(value: Value) -> str:
    """A value by its number; 0 is none."""
    return f"%{value.number}" if value.number else ""


def _kind(value: Value) -> str:
    told: Any = documents.json(value.type) if value.type else {}
    if not isinstance(told, dict) or not str(told.get("#", "")).endswith("t_dtensor"):
        return ""
    inner = told.get("D")
    kind = inner[0].get("#", "") if isinstance(inner, list) and inner and isinstance(inner[0], dict) else ""
    return BY_PIR_NAME.get(str(kind).rpartition(".")[2], str(kind) or "unknown")


def _attributes(operator: Operator) -> Mapping[str, AttributeValue]:
    """Settings by name, as far as they are numbers, texts or lists of those."""
    if not operator.attributes:
        return {}
    told = documents.json(operator.attributes, list[dict[str, Any]])
    return {str(one.get("N")): _plain(one.get("AT")) for one in told}


def _plain(content: object) -> AttributeValue:
    if isinstance(content, dict) and isinstance(beyond := content.get("VD"), str):
        return float(beyond)  # what JSON has no number for: INF, -INF, NAN
    data = content.get("D") if isinstance(content, dict) else content
    if isinstance(data, list):
        return tuple(one for part in data if isinstance(one := _plain(part), (bool, int, float, str)))
    return data if isinstance(data, (bool, int, float, str)) else None
