"""A third opinion where ways of opening a model disagree: its program computed by numpy formulas, on the inputs that were taken."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab.check import sample_inputs, stamp_file
from lab.check.given_model import Given
from lab.check.question import TriedWay
from lab.compare import UnreadableOutputsError, compare
from lab.errors import UsageError
from lab.formats import graph_pir, graph_program, parameters
from lab.formats.damage import DamageError
from lab.formats.source import opened
from lab.formulas import Evaluated, evaluate
from lab.model import Diff
from lab.model.check_grid import CellStanding, CheckGrid, ThirdOpinion
from lab.outcome.standing import standing
from lab.storage import outbox
from lab.storage.outbox import GuestFile
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
    found = _computed(given, saved)
    if found.unknown:
        return replace(grid, third=ThirdOpinion(by=BY, unknown=found.unknown))
    sample_inputs.keep(
        {f"out{number}": one for number, one in enumerate(found.outputs)}, folder / FOLDER, "outputs"
    )  # fmt: skip
    cells = [
        replace(cell, third=_diffs(folder, one)) if one.result.outcome.kind.answered else cell
        for cell, one in zip(grid.cells, tried, strict=True)
    ]
    return replace(grid, cells=tuple(cells), third=ThirdOpinion(by=BY))


def _computed(given: Given, saved: Path) -> Evaluated:
    paths = {clean(path.name, 400): path for path in given.paths}
    program, streams = paths[given.program.file], [one for one in given.seen.streams if one.file in paths]
    try:
        with opened(program) as source:
            graph = (graph_pir if given.format == ".json" else graph_program).read(source)
        weights = {}
        for stream in streams[:1]:
            with opened(paths[stream.file]) as source:
                weights = dict(parameters.read(source, stream))
    except (DamageError, UsageError) as error:
        return Evaluated(unknown=f"its files, of which {clean(str(error), 200)}")
    return evaluate(graph, stamp_file.stored(GuestFile(out=saved, name="inputs.npz")), weights)


def _diffs(folder: Path, one: TriedWay) -> tuple[Diff, ...]:
    theirs = outbox.outputs(folder / one.result.folder / "out")
    try:
        return compare(outbox.outputs(folder / FOLDER), theirs)
    except UnreadableOutputsError:
        return ()
