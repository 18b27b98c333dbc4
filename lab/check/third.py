"""A third opinion where ways of opening a model disagree: its program computed by numpy formulas, on the inputs that were taken."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab.check import formula_process
from lab.check.given_model import Given
from lab.check.question import TriedWay
from lab.compare import UnreadableOutputsError, compare
from lab.model import Diff
from lab.model.check_grid import CellStanding, CheckGrid, ThirdOpinion
from lab.outcome.standing import standing
from lab.storage import outbox
from lab.text import clean

BY = "numpy formulas"
FOLDER = "third"


def wanted(grid: CheckGrid) -> bool:
    """Whether it would say something: ways disagree or are known to be wrong, the files are sound, and nobody vouches for numbers."""
    if grid.vouched or grid.damage or grid.altered:
        return False
    return any(standing(grid, one) in (CellStanding.OTHER, CellStanding.DOUBTED) for one in grid.cells)


def asked(grid: CheckGrid, given: Given, tried: Sequence[TriedWay], saved: Path, folder: Path) -> CheckGrid:
    """The grid with what the formulas say of each cell; `saved` holds the inputs, the answers are kept in the run's `folder`."""
    unknown = _unknown(given, saved, folder / FOLDER)
    if unknown:
        return replace(grid, third=ThirdOpinion(by=BY, unknown=unknown))
    cells = [
        replace(cell, third=_diffs(folder, one)) if one.result.outcome.kind.answered else cell
        for cell, one in zip(grid.cells, tried, strict=True)
    ]
    return replace(grid, cells=tuple(cells), third=ThirdOpinion(by=BY))


def _unknown(given: Given, saved: Path, into: Path) -> str:
    """Why the program cannot be computed; empty where what it answers lies in the folder."""
    paths = {clean(path.name, 400): path for path in given.paths}
    streams = [one for one in given.seen.streams if one.file in paths][:1]
    return formula_process.unknown_of(
        formula_process.Computation(
            program=paths[given.program.file], weights=paths[streams[0].file] if streams else None,
            stream=streams[0] if streams else None, saved=saved, into=into,
        )
    )  # fmt: skip


def _diffs(folder: Path, one: TriedWay) -> tuple[Diff, ...]:
    theirs = outbox.outputs(folder / one.result.folder / "out")
    try:
        return compare(outbox.outputs(folder / FOLDER), theirs)
    except UnreadableOutputsError:
        return ()
