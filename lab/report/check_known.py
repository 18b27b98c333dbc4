"""The known problems that a check's trials show, each with its cure only where this very check did not refute it."""

import re
from collections.abc import Iterator, Sequence

from lab.knowledge import problems
from lab.knowledge.problems import Files, KnownProblem, unseen
from lab.model.check_grid import Cell, CellStanding, CheckGrid
from lab.outcome.standing import standing
from lab.report.check_words import apart, listed, way_words

SIGNS = {
    "jit": re.compile(r"paddle\.jit\.load"),
    "jit_old_ir": re.compile(r"DygraphOldIrGuard"),
    "static": re.compile(r"load_inference_model"),
    "predictor": re.compile(r"by the predictor|paddle\.inference"),
    "predictor_no_onednn": re.compile(r"disable_mkldnn|disable_onednn"),
}
"""By route, how the text of a cure names it."""


def notes(grid: CheckGrid, known: Sequence[KnownProblem], language: str = "", files: Files = unseen) -> Iterator[str]:
    """One line for each known problem that ways with nothing set show, in the order of the list."""
    bad = [one for one in grid.cells if not one.way.env and not standing(grid, one).good]
    found = [(one, problems.find(one.trial, known, files)) for one in bad]
    for entry in known:
        mine = [cell for cell, problem in found if problem is entry]
        if mine:
            yield problems.note(entry, len(mine), language, refuted=_refuted(grid, entry, mine))


def _refuted(grid: CheckGrid, entry: KnownProblem, shown: Sequence[Cell]) -> str:
    """What this check saw of the cure where it gave other numbers, in the releases that show the problem; else empty."""
    releases, apis = {one.release for one in shown}, {one.way.api for one in shown}
    wrong = [
        one
        for one in grid.cells
        if one.release in releases
        and standing(grid, one) is CellStanding.OTHER
        and (one.way.api in apis if one.way.env else True)
        and named(entry.cure, one)
    ]
    seen = [f"{way_words(one.way)} in {one.release} ({apart(one)})" for one in wrong]
    return f"what is known to cure it gave other numbers by {listed(seen)}" if seen else ""


def named(cure: str, cell: Cell) -> bool:
    """Whether the text of a cure means what a cell tried: its setting, or where it has none its way of opening a model."""
    if cell.way.env:
        return any(f"{name}=" in cure for name in cell.way.env)
    sign = SIGNS.get(cell.way.route)
    return sign is not None and sign.search(cure) is not None
