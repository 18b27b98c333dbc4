"""A program as a graph whose operators can be computed one after another, whichever format it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AttributeValue = bool | int | float | str | tuple[bool | int | float | str, ...] | None


@dataclass(frozen=True, kw_only=True)
class GraphConstant:
    """An operand that the program holds itself: numbers in C order; an empty shape is one number."""

    values: tuple[bool | int | float, ...]
    shape: tuple[int, ...]
    dtype: str


Operand = str | tuple[str, ...] | GraphConstant | None
"""The name of a value, several of them as one list, a constant, or nothing given."""


@dataclass(frozen=True, kw_only=True)
class GraphNode:
    """One operator under the name that a .json gives it: its operands in that order, and names and element types of its results.

    `kinds` are as numpy names them, empty where the file does not say; a result of an empty name is used by nobody.
    """

    operator: str
    inputs: tuple[Operand, ...]
    outputs: tuple[str, ...]
    kinds: tuple[str, ...]
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Operators in the order they run in; values by name: what is fed, what comes out, and which are parameters.

    `feeds` and `parameters` map the name people know to the value; `unknown` says why it is no plain list of operators.
    """

    nodes: tuple[GraphNode, ...]
    feeds: Mapping[str, str]
    fetches: tuple[str, ...]
    parameters: Mapping[str, str]
    unknown: str = ""
