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


def counts(grid: CheckGrid, cell: Cell) -> bool:
    """Whether the third opinion counts for a cell: nobody vouches for other outputs, and some way gives what it gives.

    One that agrees with nobody is more likely to be wrong itself than all of them together. As everywhere, a release
    rests on itself and on the old one alone.
    """
    return grid.third is not None and not grid.vouched and any(map(supports, grid.about(cell.release)))


def refuted(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is wrong by a third opinion that counts."""
    return refutes(cell) and counts(grid, cell)


def alone(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is right by a third opinion alone: it has other numbers than a reference that is refuted."""
    held = grid.held(cell.release)
    return supports(cell) and counts(grid, cell) and held is not None and refutes(held)
