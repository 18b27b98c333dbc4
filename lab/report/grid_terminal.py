"""A grid in a terminal: coloured squares, the messages behind them, and what the glyphs mean."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from lab.report.grid import Grid, Square, Tone, alike, foot, short
from lab.report.prose import Prose, said
from lab.report.sheet import Sheet, SheetColumn, once, tail_of

COLOURS = {Tone.GOOD: "green", Tone.BAD: "red", Tone.DOUBT: "yellow", Tone.GREY: "dim"}


def render(grid: Grid) -> RenderableType:
    """Title, table, counts and each message once."""
    loaders = [SheetColumn(heading=short(one, grid.loaders), prose=True) for one in grid.loaders]
    rows = tuple(
        (Text(short(saver, grid.savers), style="bold"), *(_styled(grid.at(saver, one)) for one in grid.loaders))
        for saver in grid.savers
    )
    table = Sheet(
        columns=(SheetColumn(heading="saved by \\ loaded by"), *loaders),
        rows=rows,
        title=Text(grid.title, style="italic"),
        above=tuple(_ends(grid)),
        banded=True,
    )
    return Group(table, said(f"{foot(grid)}   run {grid.run}", "dim", own=True), *_messages(grid), Text(""))


def _ends(grid: Grid) -> Iterator[str]:
    """What the environments of each side share, and the table leaves out: said once where both are alike."""
    sides = {"saved by": grid.savers, "loaded by": grid.loaders}
    cut = {side: tail_of(names) for side, names in sides.items() if alike(names) and tail_of(names)}
    if len(cut) == len(sides) and len(set(cut.values())) == 1:
        yield once(cut["saved by"])
    else:
        yield from (once(tail, side) for side, tail in cut.items())


def _styled(square: Square | None) -> Text:
    if square is None:
        return Text("")
    text = Text(square.text, style=COLOURS[Tone(square.tone)])
    text.append(square.marks)
    if square.times:
        text.append(f" {square.times}", style="dim")
    return text


def _messages(grid: Grid) -> list[Prose]:
    squares = [one for row in grid.squares.values() for one in row.values() if one.tone in (Tone.BAD, Tone.DOUBT)]
    first = {one.message: one for one in reversed(squares) if one.message}
    return [said(f"{one.glyph} {text}", "default") for text, one in reversed(first.items())]
