"""What is known of an operator that holds operators, and what becomes of a program in which it is opened.

A branch whose condition is known is the operators of the branch that is taken. A loop that runs at least so many steps begins with its
operators that often, each step going on with what the one before it gave. Both then stand in the place of the whole, and are cut as all else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lab.cut.edges import CannotCutError
from lab.model.cutting import Anatomy, CutNode


class BlockSort(StrEnum):
    """What an operator does with the operators it holds."""

    BRANCH = "branch"
    """One of them, or its only one, is run where the condition says so."""
    LOOP = "loop"
    """They are run as long as the condition holds."""


_SORTS = {
    "if": BlockSort.BRANCH,
    "conditional_block": BlockSort.BRANCH,
    "conditional_block_infer": BlockSort.BRANCH,
    "while": BlockSort.LOOP,
}
MOST = 5000
"""Operators that a program may have once it is opened."""


@dataclass(frozen=True, kw_only=True)
class OpenedBlock:
    """A program whose operator `first` was opened: from there on stand `steps` times `each` operators from inside.

    `conditions` are, for each step of a loop, a variable and the operator before which its value has to be true.
    """

    program: bytes
    first: int
    each: int
    steps: int = 1
    conditions: tuple[tuple[str, int], ...] = ()

    def inside(self) -> range:
        """The operators that were inside, by their place in the opened program."""
        return range(self.first, self.first + self.each * self.steps)

    def moved(self, indexes: Sequence[int]) -> tuple[int, ...]:
        """The same operators of the program as it was, by their place in the opened one; the opened one is what was inside."""
        more = self.each * self.steps - 1
        found = {one if one < self.first else one + more for one in indexes if one != self.first}
        return tuple(sorted(found | (set(self.inside()) if self.first in indexes else set())))


def sort_of(node: CutNode) -> BlockSort:
    """How an operator is opened; CannotCutError where that is not known."""
    if not node.blocks or node.operator not in _SORTS:
        raise CannotCutError(f"{node.operator} holds operators in a way that cannot be opened")
    return _SORTS[node.operator]


def fits(count: int) -> None:
    """CannotCutError where an opened program would have too many operators."""
    if count > MOST:
        raise CannotCutError(f"opened it would have {count:,} operators, and at most {MOST:,} are tried")


def value_before(anatomy: Anatomy, variable: str, index: int) -> str:
    """The value that a variable has just before an operator; CannotCutError where it has none there."""
    return next(
        _made(anatomy, variable, reversed(anatomy.nodes[:index])),
        next((name for name in (*anatomy.feeds, *anatomy.parameters) if anatomy.values[name].variable == variable), ""),
    ) or _missing(variable)


def _made(anatomy: Anatomy, variable: str, nodes: Iterator[CutNode]) -> Iterator[str]:
    return (name for node in nodes for name in reversed(node.makes) if anatomy.values[name].variable == variable)


def _missing(variable: str) -> str:
    raise CannotCutError(f"{variable} has no value there")
