"""Runs on this disk as a report sees them: what each pair did, what a benchmark measured, and what it said beside that."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lab.bench import block_files, to_history
from lab.errors import UsageError
from lab.knowledge import problems
from lab.model import Run
from lab.model.bench import HistoryLine
from lab.report import bench, grid, rows
from lab.run import saved_files
from lab.site import BenchNote, PairResult, SourceRun, own_places
from lab.storage import history
from lab.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class RunFindings:
    """What one run adds: its pairs, and where it was a benchmark, its lines and findings; `damage` is what cannot be read."""

    run: Run
    source: SourceRun
    pairs: tuple[PairResult, ...]
    lines: tuple[HistoryLine, ...] = ()
    finding: BenchNote | None = None
    damage: str = ""


def read(
    kept: Store, entries: Sequence[problems.KnownProblem], takes: Callable[[str], bool]
) -> Iterator[RunFindings | str | None]:
    """Every run, oldest first; one that cannot be read is a sentence, because the others still tell the truth.

    None stands for one whose scenario is not taken: not even its name is told.
    """
    for name in reversed(list(kept.ids())):
        if not takes(_scenario(name)):
            yield None
            continue
        try:
            run = kept.load(name)
            yield _seen(kept, run, entries) if takes(run.scenario) else None
        except UsageError as error:
            yield error.what


def _scenario(name: str) -> str:
    """The scenario in a run's id, which stands there also where the run cannot be read: DATE-TIME-SCENARIO-DIGITS."""
    return "-".join(name.split("-")[2:-1])


def _seen(kept: Store, run: Run, entries: Sequence[problems.KnownProblem]) -> RunFindings:
    source = SourceRun(
        id=run.id, command=own_places.command(run.command), started=run.started, engine=run.engine, isolated=run.isolated,
        machine=history.machine(run.machine),
    )  # fmt: skip
    home = kept.folder(run.id) / "bench"
    found = RunFindings(run=run, source=source, pairs=tuple(_pairs(kept, run, source, entries)))
    if not (home / block_files.REPORT).is_file():
        return found
    report = block_files.report(home)
    lines = to_history.lines(report, block_files.blocks(home), run.finished or run.started)
    finding = BenchNote(run=run.id, lines=bench.lines(report))
    return replace(found, lines=lines, finding=finding, damage=block_files.damage(home))


def _pairs(kept: Store, run: Run, source: SourceRun, entries: Sequence[problems.KnownProblem]) -> Iterator[PairResult]:
    files = saved_files.of_run(kept.folder(run.id))
    for one in run.trials:
        entry = problems.find(one, entries, files)
        square = grid.square(one, f"this is {problems.about(entry)}" if entry else "")
        yield PairResult(
            route=one.route, saver=rows.saver(one),
            loader=one.loader + rows.settings(one.loader_env), square=square, source=source,
            log=kept.log(run.id, one.folder) if square.tone == grid.Tone.BAD else "",
            digest=one.load.image if one.load else "",
        )  # fmt: skip
