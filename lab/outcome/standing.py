"""How one cell of a check stands: whether its numbers may be relied on, by everything they were held against.

Where two comparisons say different things the worse one counts, so that no better word can cover a worse cell.
"""

from collections.abc import Sequence

from lab.model import Diff, Grade, Kind
from lab.model.check_grid import Cell, CellStanding, CheckGrid
from lab.outcome import third
from lab.outcome.evidence import agree, undecided

_GRADES = tuple(Grade)


def standing(grid: CheckGrid, cell: Cell) -> CellStanding:
    """Say how a cell stands.

    Numbers are right where they agree with what is held to be right, or with the reference where nobody says what is
    right. Those that drift from it are as good as before only where the same API drifted in the old release too, gives
    the same now, and another way of the old release was right: a predictor that rearranges a program drifts in every
    release. A cell that is right by the reference and not what the same API gave, where that was right too, is not.
    A third opinion may take away that it is right; what it alone calls right is not relied on. Other numbers of a model that
    draws random ones show nothing.
    """
    kind = cell.trial.outcome.kind
    if kind is Kind.UNDECIDED:
        return CellStanding.BLANK
    if not kind.decided:
        return CellStanding.UNTRIED
    if not kind.answered:
        return CellStanding.UNREAD if cell.needs and not cell.way.env else CellStanding.FAILS
    return _numbers(grid, cell)


def _numbers(grid: CheckGrid, cell: Cell) -> CellStanding:
    if not cell.held or (cell.trial.outcome.ok and undecided(cell.held)):
        return CellStanding.BLANK
    found = CellStanding.NEAR if _as_before(grid, cell) else CellStanding.OTHER
    if right(cell):
        found = CellStanding.OTHER if _moved(grid, cell) else CellStanding.RIGHT
    if grid.draws and (not found.good or third.refuted(grid, cell)):
        return CellStanding.BLANK
    if not found.good:
        return CellStanding.ALONE if third.alone(grid, cell) else found
    if third.refuted(grid, cell):
        return CellStanding.REFUTED
    return CellStanding.DOUBTED if doubted(grid, cell) else found


def doubted(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a cell is held against a way that is known to answer such files wrong, and nobody vouches for other outputs."""
    held = grid.held(cell.release)
    return not grid.vouched and held is not None and bool(held.doubt)


def right(cell: Cell) -> bool:
    """Whether a cell answered, and agrees with what it is held against."""
    return cell.trial.outcome.ok and agree(cell.held) and (not cell.expected or agree(cell.expected))


def worst(diffs: Sequence[Diff]) -> Grade | None:
    """The worst grade over all outputs; None where nothing was compared."""
    return max((one.grade for one in diffs), key=_GRADES.index, default=None)


def twin(grid: CheckGrid, cell: Cell) -> Cell | None:
    """The cell of the same API in the old release that answered, the plain one first; None where none did."""
    found = [one for one in grid.of(grid.old) if one.way.api == cell.way.api and one.trial.outcome.kind.answered]
    return min(found, key=lambda one: bool(one.way.env), default=None)


def _moved(grid: CheckGrid, cell: Cell) -> bool:
    """Whether both are within bounds of the reference, and yet a mismatch to each other."""
    before = twin(grid, cell)
    if cell.release == grid.old or before is None or not right(before):
        return False
    return worst(cell.before) is Grade.MISMATCH


def _as_before(grid: CheckGrid, cell: Cell) -> bool:
    """Whether a drift is the one that the same API had before, with another way of the old release to show what is right."""
    if not cell.trial.outcome.kind.works or worst(cell.held) is not Grade.DRIFT:
        return False
    if not any(right(one) and not third.refuted(grid, one) for one in grid.of(grid.old)):
        return False
    if cell.release == grid.old:
        return True
    before = twin(grid, cell)
    return before is not None and worst(before.held) is Grade.DRIFT and agree(cell.before)
