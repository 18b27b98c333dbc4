"""How every table is drawn, at any width: the one place that decides what wraps, what is told below, what is said once above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lab.model import Selector
from lab.report.footnotes import Footnotes
from lab.report.prose import WORDS, hanging, longest, whole, wrapped

GAP = "  "
ROOMY, TIGHT = 30, 10
"""The least width of a column of sentences: first where a table nearly fits, then where it does not."""
SEVERAL = 2


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """One column: what a table may do with it where the terminal is narrow.

    Keys, numbers, releases and settings are never cut or wrapped; only a column of `prose` is wrapped, at words. The
    highest `aside` is told first in a line below its row; 0 stays in it. `least` is how narrow sentences may get. What is `alike` in all rows is said once above,
    and so is what all `environment`s end in. What stands in a `typed` one, and a heading that is a `name`, is typed in commands: no word of any language.
    Every word of an `own` one is the lab's, and none is Paddle's or somebody's.
    """

    heading: str
    prose: bool = False
    right: bool = False
    least: int = TIGHT
    aside: int = 0
    alike: bool = False
    environment: bool = False
    typed: bool = False
    own: bool = False
    name: bool = False


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a table does at one width: which columns stand in the row, how wide, and whether settings are footnotes."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    noted: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table as rich draws it: rows of texts, one for each column; a `banded` one is cut into several side by side.

    `above` is said before what this finds that all rows share; `title` is its first line. `joint` stands between what is
    told below a row.
    """

    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Text, ...], ...]
    title: Text | None = None
    above: tuple[str, ...] = ()
    banded: bool = False
    joint: str = "; "

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines that fit the width, and whole words where no width would do."""
        yield from (whole(line) for line in self.lines(options.max_width))

    def lines(self, width: int) -> Iterator[Text]:
        """The table in so many columns of a terminal."""
        made, said = _once(self)
        if self.title is not None:
            yield from wrapped(self.title, width)
        for one in said:
            yield from hanging(Text(one, style="dim"), width)
        notes = Footnotes()
        for number, band in enumerate(_bands(made, width) if self.banded else (made,)):
            yield from (Text(),) if number else ()
            yield from _drawn(band, width, notes)
        for one in notes.lines():
            yield from hanging(Text(one), width)


def settled(sheet: Sheet) -> Sheet:
    """The table with what its rows share said above it already, so that whoever changes words finds them all."""
    made, said = _once(sheet)
    columns = tuple(replace(one, alike=False, environment=False) for one in made.columns)
    return replace(made, columns=columns, above=said)


def _once(sheet: Sheet) -> tuple[Sheet, tuple[str, ...]]:
    """The table without what all its rows share, and that in words."""
    said = list(sheet.above)
    places = [at for at, one in enumerate(sheet.columns) if one.environment]
    tail = tail_of([row[at].plain for row in sheet.rows for at in places])
    rows = [tuple(_without(cell, tail) if at in places else cell for at, cell in enumerate(row)) for row in sheet.rows]
    if tail:
        said.append(once(tail))
    lifted = [at for at, one in enumerate(sheet.columns) if one.alike and _one_word(rows, at)]
    if len(lifted) == len(sheet.columns):
        lifted.pop()  # a table has a column
    widest = max((len(sheet.columns[at].heading) for at in lifted), default=0)
    said += [f"{sheet.columns[at].heading:<{widest}}  {rows[0][at].plain}" for at in lifted]
    kept = [at for at in range(len(sheet.columns)) if at not in lifted]
    columns = tuple(sheet.columns[at] for at in kept)
    return replace(sheet, columns=columns, rows=tuple(tuple(row[at] for at in kept) for row in rows)), tuple(said)


def _one_word(rows: Sequence[Sequence[Text]], at: int) -> bool:
    return len(rows) >= SEVERAL and bool(rows[0][at].plain) and len({row[at].plain for row in rows}) == 1


def tail_of(names: Sequence[str]) -> str:
    """What all environments among some names end in, after their release: "-cpu-py311", "-py311"; else nothing."""
    heads = [part for name in names if name for part in name.split(" over ")]
    ends = {tuple(Selector.of(head.partition(" ")[0]).rest.split("-")[::-1]) for head in heads}
    shared: list[str] = []
    for parts in zip(*ends, strict=False):
        if len(set(parts)) > 1 or not parts[0]:
            break
        shared.insert(0, parts[0])
    return "".join(f"-{part}" for part in shared)


def once(tail: str, of: str = "environments") -> str:
    """What all environments share, as it is said above a table that leaves it out."""
    return f"{of}  all end in {tail}"


def _without(cell: Text, tail: str) -> Text:
    if not tail:
        return cell
    words = [word.removesuffix(tail) for word in cell.plain.split(" ")]
    return Text(" ".join(words), style=cell.style)


def _bands(sheet: Sheet, width: int) -> Iterator[Sheet]:
    """The table as several, each with the first column and as many others as fit; as it is where all fit."""
    rest = list(range(1, len(sheet.columns)))
    if not rest:
        yield sheet
    while rest:
        count = next((n for n in range(len(rest), 1, -1) if _fits(_part(sheet, [0, *rest[:n]]), width)), 1)
        yield _part(sheet, [0, *rest[:count]])
        rest = rest[count:]


def _part(sheet: Sheet, kept: Sequence[int]) -> Sheet:
    rows = tuple(tuple(row[at] for at in kept) for row in sheet.rows)
    return replace(sheet, columns=tuple(sheet.columns[at] for at in kept), rows=rows)


def _fits(sheet: Sheet, width: int) -> bool:
    return any(_taken(one.widths) <= width for one in _layouts(sheet, width))


def _drawn(sheet: Sheet, width: int, notes: Footnotes) -> Iterator[Text]:
    """Headings, rows, and below each row what did not fit into it."""
    layout = next((one for one in _layouts(sheet, width) if _taken(one.widths) <= width), None)
    layout = layout or list(_layouts(sheet, width))[-1]
    if layout.noted:
        sheet = notes_taken(sheet, notes)
    columns = [sheet.columns[at] for at in layout.shown]
    yield from _row([Text(one.heading, style="bold") for one in columns], columns, layout.widths, heading=True)
    for row in sheet.rows:
        yield from _row([row[at] for at in layout.shown], columns, layout.widths)
        told = [_told(sheet.columns[at], row[at]) for at in range(len(row)) if at not in layout.shown and row[at].plain]
        if told:
            yield from hanging(Text("  ").append_text(Text(sheet.joint).join(told)), width, indent=4)


def notes_taken(sheet: Sheet, notes: Footnotes) -> Sheet:
    """The table with marks in the place of its long settings; their text is in the notes."""
    columns = tuple(replace(one, heading=notes.marked(Text(one.heading)).plain) for one in sheet.columns)
    return replace(sheet, columns=columns, rows=tuple(tuple(notes.marked(cell) for cell in row) for row in sheet.rows))


def _told(column: SheetColumn, cell: Text) -> Text:
    return Text(f"{column.heading} ", style="dim").append_text(cell)


def _layouts(sheet: Sheet, width: int) -> Iterator[Layout]:
    """Every way to draw the table, the best first: settings become footnotes before a column goes below its row."""
    every = tuple(range(len(sheet.columns)))
    marked = notes_taken(sheet, Footnotes())
    levels = sorted({one.aside for one in sheet.columns} | {0}, reverse=True)
    yield _layout(sheet, every, width, ROOMY, noted=False)
    yield _layout(marked, every, width, ROOMY, noted=True)
    for most in levels:
        shown = tuple(at for at in every if sheet.columns[at].aside <= most)
        yield _layout(sheet, shown, width, TIGHT, noted=False)
        yield _layout(marked, shown, width, TIGHT, noted=True)


def _layout(sheet: Sheet, shown: tuple[int, ...], width: int, floor: int, *, noted: bool) -> Layout:
    """How wide each column is: as it likes where all fit, else as narrow as its words allow, and the rest shared out."""
    cells = [[row[at] for row in sheet.rows] for at in shown]
    heads = [Text(sheet.columns[at].heading) for at in shown]
    liked = [max(map(_length, [head, *column])) for head, column in zip(heads, cells, strict=True)]
    least = [
        max(_unbroken(head), *map(longest, column), min(wish, max(floor, sheet.columns[at].least)), 1)
        if sheet.columns[at].prose
        else max(_unbroken(head), *map(_length, column), 1)
        for at, head, column, wish in zip(shown, heads, cells, liked, strict=True)
    ]
    return Layout(shown=shown, widths=_shared_out(least, liked, width), noted=noted)


def _shared_out(least: Sequence[int], liked: Sequence[int], width: int) -> tuple[int, ...]:
    """The widths, where what is left over goes to whoever needs the least to be content."""
    widths = list(least)
    room = width - _taken(widths)
    for at in sorted(range(len(widths)), key=lambda at: liked[at] - least[at]):
        more = max(0, min(room, liked[at] - widths[at]))
        widths[at] += more
        room -= more
    return tuple(widths)


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _unbroken(heading: Text) -> int:
    """The width of the longest part of a heading without blanks: a short Chinese word stays in one line too."""
    return max(map(cell_len, heading.plain.split()), default=0)


def _length(cell: Text) -> int:
    return max(map(cell_len, cell.plain.split("\n")))


def _row(
    cells: Sequence[Text], columns: Sequence[SheetColumn], widths: Sequence[int], *, heading: bool = False
) -> Iterator[Text]:
    """One row in as many lines as its longest cell needs."""
    parts = [
        wrapped(cell, width, WORDS) if heading else wrapped(cell, width) if one.prose else list(cell.split("\n"))
        for cell, one, width in zip(cells, columns, widths, strict=True)
    ]
    for number in range(max(map(len, parts))):
        line = Text()
        for part, one, width in zip(parts, columns, widths, strict=True):
            word = part[number] if number < len(part) else Text()
            blank = " " * max(0, width - cell_len(word.plain))
            line.append_text(Text(blank).append_text(word) if one.right else word.copy().append(blank)).append(GAP)
        line.rstrip()
        yield line
