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
    """Whether the third opinion counts for a cell: nobody vouches for other outputs, and something bears it out.

    That is a way that gives what it gives, or that what it contradicts is known to answer such files wrong. One that stands
    alone is more likely to be wrong itself than all ways together. As everywhere, a release rests on itself and on the
    old one alone.
    """
    if grid.third is None or grid.vouched:
        return False
    held = grid.held(cell.release)
    return any(map(supports, grid.about(cell.release))) or (held is not None and bool(held.doubt) and refutes(held))


def refuted(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is wrong by a third opinion that counts."""
    return refutes(cell) and counts(grid, cell)


def alone(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is right by a third opinion alone: it has other numbers than a reference that is refuted."""
    held = grid.held(cell.release)
    return supports(cell) and counts(grid, cell) and held is not None and refutes(held)
