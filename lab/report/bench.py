"""A benchmark as people read it: one row a side and metric, the verdict as a word, and what it was measured with."""

import math
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from lab import stats
from lab.model.bench import BenchReport, BenchRow, BenchSide, Change, Leak
from lab.report.markdown import cell, table
from lab.report.prose import said
from lab.report.rows import seconds
from lab.report.sheet import Sheet, SheetColumn

HEADINGS = ("metric", "side", "verdict", "ratio", "99 % interval", "reference", "this side", "CPU time", "notes")
COLOURS = {
    Change.FASTER: "green",
    Change.SLOWER: "bold red",
    Change.SAME: "green",
    Change.UNDECIDED: "yellow",
    Change.UNSTABLE: "yellow",
}
RIGHT = ("ratio", "reference", "this side")
WORDS_FOR_BYTES = {Change.FASTER: "LESS", Change.SLOWER: "MORE"}
NAMES = {"first": "first call", "memory": "peak memory"}
MEBIBYTE = 1 << 20
CREEPS = 1.1
SAME_AT_MOST = 0.10
LEFT_THREADS = 0.5


def render(report: BenchReport) -> RenderableType:
    """The whole answer for a terminal: the table, then one line a finding.

    Where it does not fit, the notes and then the CPU time of a row come as a line below it.
    """
    styles = [(row, {"verdict": COLOURS[row.change], "metric": "bold", "notes": "dim"}) for row in report.rows]
    rows = tuple(
        tuple(Text(word, style=style.get(name, "")) for name, word in zip(HEADINGS, cells(row), strict=True))
        for row, style in styles
    )
    table = Sheet(columns=tuple(map(_column, HEADINGS)), rows=rows)
    return Group(said(title(report), "bold"), Text(""), table, Text(""), *map(said, lines(report)))


def _column(heading: str) -> SheetColumn:
    aside = {"notes": 3, "CPU time": 2, "reference": 1, "this side": 1}
    return SheetColumn(
        heading=heading, right=heading in RIGHT, prose=heading == "notes", aside=aside.get(heading, 0),
        environment=heading == "side",
    )  # fmt: skip


def markdown(report: BenchReport) -> str:
    """The same as Markdown."""
    found = [f"## {cell(title(report))}", "", *table(HEADINGS, [cells(row) for row in report.rows]), ""]
    return "\n".join([*found, *(f"- {cell(line)}" for line in lines(report))]) + "\n"


def title(report: BenchReport) -> str:
    """What was compared with what."""
    by = f" by {report.route}" if report.route != "own" else ""
    how = f"{report.blocks} blocks, seed {report.seed}" if report.blocks else "all from history"
    if quick(report):
        how = f"a first look of {report.blocks} blocks without a verdict, seed {report.seed}"
    return f"{report.scenario}{by}: every side against {report.reference}, {how}"


def quick(report: BenchReport) -> bool:
    """Whether fewer blocks were measured than any verdict needs."""
    return report.blocks > 0 and not stats.last_look(report.blocks)


def cells(row: BenchRow) -> tuple[str, ...]:
    """One row in words, in the order of HEADINGS."""
    wall = row.wall
    return (
        NAMES.get(row.metric, row.metric),
        row.side,
        WORDS_FOR_BYTES.get(row.change, row.change.value) if row.unit == "B" else row.change.value,
        f"x{wall.ratio:.3g}",
        f"[{_times(wall.low)}, {_times(wall.high)}]" if stats.last_look(wall.blocks) else "",
        amount(row.reference, row.unit),
        amount(row.value, row.unit),
        f"x{row.cpu.ratio:.3g}" + (" (decides)" if row.decided_by == "cpu" else "") if row.cpu else "",
        "; ".join(_notes(row)),
    )


def closed(value: float) -> bool:
    """Whether the end of an interval says anything: beyond these it is open."""
    return 1e-3 <= value < 1e4  # noqa: PLR2004


def _times(value: float) -> str:
    return f"x{value:.3g}" if closed(value) else "?"


def amount(value: float, unit: str) -> str:
    """A time or a size with three significant digits and its unit."""
    return f"{value / MEBIBYTE:.0f} MiB" if unit == "B" else seconds(value)


def _notes(row: BenchRow) -> Iterator[str]:
    if row.change in (Change.UNDECIDED, Change.UNSTABLE) and row.more:
        yield f"needs about {row.more} more blocks"
    if row.change is Change.SAME:
        yield f"within {min(row.delta, SAME_AT_MOST):.0%}"
    if row.confirmed:
        yield row.confirmed
    if row.known:
        yield row.known
    if not stats.last_look(row.wall.blocks):
        yield f"its blocks scatter by {_share(row.wall.spread)}"
    elif row.change in (Change.SAME, Change.UNDECIDED, Change.UNSTABLE):
        yield f"sees changes from {_share(row.detectable)}"


def _share(value: float) -> str:
    return f"{value:.0%}" if math.isfinite(value) and value < 10 else "far above 100 %"  # noqa: PLR2004


def lines(report: BenchReport) -> tuple[str, ...]:
    """What is said beside the table: sides that failed, leaked or slowed, the control, the host."""
    told = [*report.notes]
    for side in report.sides:
        told += list(_side(side))
    if report.blocks:
        told.append(_control(report))
    if not quick(report):
        told.append(
            "a change counts above " + ", ".join(_deltas(report)) + "; FASTER and SLOWER were seen in two sessions"
        )
    if report.steal > 0.0:
        told.append(f"the host took up to {report.steal:.1%} of the processors' time away during a block")
    return tuple(told)


def _side(side: BenchSide) -> Iterator[str]:
    if side.leak is Leak.LEAKS:
        yield f"{side.side} LEAKS: memory grows by {side.growth / 1024:.0f} KiB with each call and does not stop"
    if side.threads >= LEFT_THREADS:
        yield f"{side.side} leaves about {side.threads:.1f} threads behind with each call"
    if side.creep >= CREEPS:
        yield f"{side.side} slows down while it runs: beside the reference a process ends {side.creep - 1:.0%} slower than it began"
    if side.stopped:
        more = f" (and {len(side.stopped) - 1} more times)" if len(side.stopped) > 1 else ""
        yield f"{side.side} ended early: {side.stopped[0]}{more}; what it had measured is kept"


def _control(report: BenchReport) -> str:
    if not report.control_blocks:
        return "the reference was not measured against itself: the noise floor is not known"
    floor = max((row.noise for row in report.rows if row.metric in ("infer", "load")), default=0.0)
    return (
        f"the reference against itself: {report.control_blocks} block(s), {report.control_alarms} beyond 5%; "
        f"noise floor {floor:.1%}"
    )


def _deltas(report: BenchReport) -> list[str]:
    found: dict[str, float] = {}
    for row in report.rows:
        name = NAMES.get(row.metric, row.metric)
        found[name] = max(row.delta, found.get(name, 0.0))
    return [f"{delta:.0%} in {metric}" for metric, delta in found.items()]
