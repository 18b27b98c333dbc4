"""Runs on this disk as a report sees them: what each pair did, what a benchmark measured, and what it said beside that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lab import history, known
from lab.benching import raw, track
from lab.errors import UsageError
from lab.model import HistoryLine, Run
from lab.report import bench, grid, rows
from lab.report.site import Finding, Pair, Source
from lab.store import Store


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one run adds: its pairs, and where it was a benchmark, its lines and findings."""

    run: Run
    source: Source
    pairs: tuple[Pair, ...]
    lines: tuple[HistoryLine, ...] = ()
    finding: Finding | None = None


def read(kept: Store, entries: Sequence[known.Known]) -> Iterator[Seen | str]:
    """Every run, oldest first; one that cannot be read is a sentence, because the others still tell the truth."""
    for name in sorted(kept.ids()):
        try:
            yield _seen(kept, kept.load(name), entries)
        except UsageError as error:
            yield error.what


def _seen(kept: Store, run: Run, entries: Sequence[known.Known]) -> Seen:
    source = Source(
        id=run.id, command=run.command, started=run.started, engine=run.engine, isolated=run.isolated,
        machine=history.machine(run.machine),
    )  # fmt: skip
    home = kept.folder(run.id) / "bench"
    found = Seen(run=run, source=source, pairs=tuple(_pairs(kept, run, source, entries)))
    if not (home / raw.REPORT).is_file():
        return found
    report = raw.report(home)
    lines = track.lines(report, raw.blocks(home), run.finished or run.started)
    return replace(found, lines=lines, finding=Finding(run=run.id, lines=bench.lines(report)))


def _pairs(kept: Store, run: Run, source: Source, entries: Sequence[known.Known]) -> Iterator[Pair]:
    for one in run.trials:
        entry = known.find(one, entries)
        square = grid.square(one, known.note(entry, 1).partition(": ")[2] if entry else "")
        yield Pair(
            route=one.route, saver=one.saver + rows.settings(one.saver_env),
            loader=one.loader + rows.settings(one.loader_env), square=square, source=source,
            log=kept.log(run.id, one.folder) if square.tone == "bad" else "",
            digest=one.load.image if one.load else "",
        )  # fmt: skip
