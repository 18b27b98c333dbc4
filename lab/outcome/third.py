"""What a third opinion says where ways of opening a model disagree: it can take away that numbers are right, never give it."""

from lab.model import Grade
from lab.model.check_grid import Cell, CheckGrid
from lab.outcome.evidence import undecided


def supports(cell: Cell) -> bool:
    """Whether the third opinion gives this cell's numbers, or drifts from them."""
    compared = cell.trial.outcome.kind.answered and bool(cell.third) and not undecided(cell.third)
    return compared and not refutes(cell)


def refutes(cell: Cell) -> bool:
    """Whether the third opinion gives other numbers than this cell."""
    return cell.trial.outcome.kind.answered and any(one.grade is Grade.MISMATCH for one in cell.third)


def decides(grid: CheckGrid) -> bool:
    """Whether the third opinion counts: nobody vouches for other outputs, and some way gives what it gives.

    One that agrees with nobody is more likely to be wrong itself than all of them together.
    """
    return grid.third is not None and not grid.vouched and any(map(supports, grid.cells))


def refuted(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is wrong by a third opinion that counts."""
    return decides(grid) and refutes(cell)


def alone(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is right by a third opinion alone: it has other numbers than a reference that is refuted."""
    return decides(grid) and supports(cell) and refutes_reference(grid)


def refutes_reference(grid: CheckGrid) -> bool:
    """Whether what the numbers are held against is wrong by a third opinion that counts."""
    named = [one for one in grid.cells if f"{one.release} by {one.way.label}" == grid.reference]
    return decides(grid) and any(map(refutes, named))
