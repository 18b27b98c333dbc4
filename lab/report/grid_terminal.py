"""A grid in a terminal: coloured squares, the messages behind them, and what the glyphs mean."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.report.grid import Grid, Square, Tone, foot, short

COLOURS = {Tone.GOOD: "green", Tone.BAD: "red", Tone.DOUBT: "yellow", Tone.GREY: "dim"}


def render(grid: Grid) -> RenderableType:
    """Title, table, counts and each message once."""
    table = Table(box=None, pad_edge=False, header_style="bold", title=grid.title, title_justify="left")
    table.add_column("saved by \\ loaded by")
    for loader in grid.loaders:
        table.add_column(short(loader, grid.loaders))
    for saver in grid.savers:
        table.add_row(
            Text(short(saver, grid.savers), style="bold"), *(_styled(grid.at(saver, one)) for one in grid.loaders)
        )
    return Group(table, Text(f"{foot(grid)}   run {grid.run}", style="dim"), *_messages(grid), Text(""))


def _styled(square: Square | None) -> Text:
    if square is None:
        return Text("")
    text = Text(square.text, style=COLOURS[Tone(square.tone)])
    text.append(square.marks)
    if square.times:
        text.append(f" {square.times}", style="dim")
    return text


def _messages(grid: Grid) -> list[Text]:
    squares = [one for row in grid.squares.values() for one in row.values() if one.tone in (Tone.BAD, Tone.DOUBT)]
    first = {one.message: one for one in reversed(squares) if one.message}
    return [Text(f"{one.glyph} {text}", style="default") for text, one in reversed(first.items())]
