"""A graph computed operator by operator: each by its formula in float64, and rounded to the element type the program says."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.formulas.arrays import LARGEST, Array, NoFormulaError
from lab.formulas.known import CASTS, formula_of
from lab.model.graph import Graph, GraphConstant, GraphNode, Operand
from lab.text import clean

KINDS = frozenset({
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128",
})  # fmt: skip
_WIDER = {"float16": "float64", "float32": "float64", "complex64": "complex128"}
_FAULTS = (ValueError, TypeError, IndexError, ArithmeticError, LookupError, AttributeError, MemoryError, RuntimeError)
"""What numpy raises for operands that do not fit a formula; RecursionError, which is a RuntimeError, for lists in lists."""
MOST_PRODUCTS = 1 << 38
"""Of all operators together: about a minute of a core."""
_HELD = 1 << 28
"""Elements of all values together."""

Value = Array | Sequence[Array] | None


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """What a graph answers, in its order; or why nobody can say, in words that follow "not known: "."""

    outputs: tuple[Array, ...] = ()
    unknown: str = ""


def evaluate(graph: Graph, feeds: Mapping[str, Array], parameters: Mapping[str, Array]) -> Evaluated:
    """Compute everything that the outputs need, from inputs and parameters by the names people know them by."""
    if graph.unknown:
        return Evaluated(unknown=graph.unknown)
    values: dict[str, Value] = {}
    for given, names in ((feeds, graph.feeds), (parameters, graph.parameters)):
        values |= {value: given[name] for name, value in names.items() if name in given}
    products = 0
    held = sum(map(_size, values.values()))
    with np.errstate(all="ignore"):
        for node in needed(graph):
            try:
                made = computed(node, values)
            except NoFormulaError as error:
                why = error.why or "has no formula here"
                return Evaluated(unknown=f"operator {node.operator}" + ("" if not error.why else f", which {why}"))
            except _FAULTS as error:
                said = clean(str(error), 120) or type(error).__name__
                return Evaluated(unknown=f"operator {node.operator}, whose operands fit no formula here ({said})")
            held += sum(_size(value) - _size(values.get(name)) for name, value in made.items())
            values |= made
            products += _products(node, values)
            if many := _too_many(products, held):
                return Evaluated(unknown=f"operator {node.operator}, up to which {many}")
    return _fetched(graph.fetches, values)


def _fetched(names: Sequence[str], values: Mapping[str, Value]) -> Evaluated:
    """What comes out, however often the same value does."""
    outputs = [values.get(name) for name in names]
    missing = [name for name, one in zip(names, outputs, strict=True) if not isinstance(one, np.ndarray)]
    if missing:
        return Evaluated(unknown=f"output {missing[0]}, which no formula here gives")
    if sum(map(_size, outputs)) > _HELD:
        return Evaluated(unknown=f"output {names[-1]}, up to which all outputs together are too many")
    return Evaluated(outputs=tuple(np.asarray(one) for one in outputs))


def _size(value: Value) -> int:
    """Elements of a value; of a list those of its parts, each of which counts as one at least."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    return sum(max(1, one.size) for one in value or ())


def _too_many(products: int, held: int) -> str:
    """What of a graph is more than is computed here; empty where nothing is."""
    if products > MOST_PRODUCTS:
        return f"it would take {products:,} products"
    return f"all values together have {held:,} elements" if held > _HELD else ""


def _products(node: GraphNode, values: Mapping[str, Value]) -> int:
    """About how many products an operator took: one for each number, as many as lie under a window, or in a row."""
    size = sum(one.size for name in node.outputs if isinstance(one := values.get(name), np.ndarray))
    first, second = [values.get(one) if isinstance(one, str) else None for one in (*node.inputs, None, None)][:2]
    if "conv" in node.operator and isinstance(second, np.ndarray):
        return int(size * math.prod(second.shape[1:]))
    if node.operator in ("matmul", "bmm", "mul") and isinstance(first, np.ndarray) and first.ndim:
        return int(size * first.shape[-1])
    return int(size)


def needed(graph: Graph) -> tuple[GraphNode, ...]:
    """The operators that some output needs, in their order."""
    wanted, found = set(graph.fetches), []
    for node in reversed(graph.nodes):
        if wanted.intersection(node.outputs):
            found.append(node)
            wanted.update(name for one in node.inputs for name in _names(one))
    return tuple(reversed(found))


def _names(operand: Operand) -> tuple[str, ...]:
    return (operand,) if isinstance(operand, str) else operand if isinstance(operand, tuple) else ()


def computed(node: GraphNode, values: Mapping[str, Value]) -> dict[str, Value]:
    """The results of one operator by name; NoFormulaError where nothing here computes it."""
    formula = formula_of(node)
    answer = formula(*(_operand(one, values) for one in node.inputs))
    several = isinstance(answer, (list, tuple)) and not (len(node.outputs) == 1 and not node.kinds[0])
    parts: list[Any] = []
    for part in answer if several else (answer,):
        apart = isinstance(part, list) and bool(node.kinds[min(len(parts), len(node.kinds) - 1)])
        parts += part if apart else [part]
    return {
        name: _rounded(node, part, kind)
        for name, kind, part in zip(node.outputs, node.kinds, parts, strict=False)
        if name and part is not None
    }


def _operand(one: Operand, values: Mapping[str, Value]) -> Value:
    if one is None:
        return None
    if isinstance(one, GraphConstant):
        return _wide(np.asarray(one.values, one.dtype).reshape(one.shape))
    if isinstance(one, tuple):
        found = [_of(name, values) for name in one]
        if sum(map(_size, found)) > _HELD:
            raise NoFormulaError("takes more values than can be held")
        return [_wide(part) for part in found]
    several = values.get(one)
    if several is not None and not isinstance(several, np.ndarray):
        return [_wide(part) for part in several]
    return _wide(_of(one, values))


def _of(name: str, values: Mapping[str, Value]) -> Array:
    found = values.get(name)
    if not isinstance(found, np.ndarray):
        raise NoFormulaError("takes a result that no formula here gives")
    return found


def _wide(array: Array) -> Array:
    kind = _WIDER.get(array.dtype.name)
    return array if kind is None else array.astype(kind)


def _rounded(node: GraphNode, part: Value, kind: str) -> Value:
    """A result in the element type that the program gives it; a list of values as it is."""
    if not isinstance(part, (np.ndarray, np.generic)):
        return part
    found = np.asarray(part)
    if kind not in KINDS:
        raise NoFormulaError(f"has a result of {kind or 'no known element type'}")
    if found.size > LARGEST:
        raise NoFormulaError(f"has a result of the shape {list(found.shape)}")
    family = {"u": "i"}
    same = family.get(found.dtype.kind, found.dtype.kind) == family.get(np.dtype(kind).kind, np.dtype(kind).kind)
    if not same and node.operator not in CASTS:
        raise NoFormulaError(f"has a result of {kind}, and its formula one of {found.dtype}")
    if np.dtype(kind).kind in "iu" and found.dtype.kind == "f" and not np.isfinite(found).all():
        raise NoFormulaError("makes a whole number of what is not finite")
    return found.astype(kind)
