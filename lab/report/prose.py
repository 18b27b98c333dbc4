"""Sentences in a terminal of any width: wrapped at words, with what follows set in; no word is ever cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

_CLOSING = "。，、；：？！）》」』”’…])},.;:!?%"
_OPENING = "（《「『“‘([{"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
# A word with the blanks behind it; of Chinese each character, with the marks that must not begin a line or end one.
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{re.escape(_CLOSING)}]*\s*"
    rf"|[{re.escape(_OPENING)}]+\s*|\s+"
)
WORDS = re.compile(r"\S+\s*|\s+")
"""Pieces of what is broken at blanks alone, in Chinese too: the heading of a column."""
_LABELLED = re.compile(r"(?P<labels>\s*(?:\S+(?: \S+)*\s{2,})+)\S")
PASTED = 4
"""A line that begins so far in, without a label, is there to be copied: it stays as it is."""
COPIED = "\N{INVISIBLE SEPARATOR}"
"""Begins each line of a piece that is to be pasted; it is printed at the left edge, where a program of Python must begin."""
FURTHEST = 24
"""Labels that take more columns leave no room beside them: what goes on is set in under the label."""


@dataclass(frozen=True, kw_only=True)
class Prose:
    """A text as rich draws it: wrapped at words, each further line of a paragraph `indent` columns in.

    `own` says that every word of it is the lab's, and none is Paddle's or somebody's.
    """

    text: Text
    indent: int = 0
    own: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines that fit the width, and whole words where no width would do."""
        yield from (whole(line) for line in hanging(self.text, options.max_width, self.indent))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """How narrow it can be, and how wide it likes to be: a box around it asks."""
        liked = max(map(cell_len, self.text.plain.split("\n")))
        return Measurement(min(longest(self.text), liked), liked).with_maximum(options.max_width)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Links in a row: a line ends between two of them, never inside of one."""

    links: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines that fit the width, and a whole link where no width would do."""
        line = ""
        for link in self.links:
            if line and cell_len(f"{line} {link}") > options.max_width:
                yield whole(Text(line))
                line = ""
            line = f"{line} {link}" if line else link
        yield whole(Text(line))


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """Lines that somebody copies: as they are, however wide the terminal is."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, none of them broken."""
        yield from (whole(Text(line)) for line in self.text.split("\n"))


def to_copy(piece: str) -> list[str]:
    """The lines of a piece in a text, marked as what is to be pasted."""
    return [COPIED + line for line in piece.splitlines()]


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """A text part by part, and whether the part is a piece that is to be pasted."""
    for copied, lines in groupby(text.split("\n"), key=lambda line: line.startswith(COPIED)):
        yield copied, "\n".join(line.removeprefix(COPIED) for line in lines)


def said(text: str, style: str = "", indent: int = 2, *, own: bool = False) -> Prose:
    """A sentence of one style."""
    return Prose(text=Text(text, style=style), indent=indent, own=own)


def whole(line: Text) -> Text:
    """A line that is not touched any more."""
    line.no_wrap, line.overflow = True, "ignore"
    return line


def hanging(text: Text, width: int, indent: int = 2) -> Iterator[Text]:
    """Each paragraph wrapped at words; its further lines are set in."""
    for paragraph in text.split("\n", allow_blank=True):
        first, *rest = _broken(paragraph, width, width - indent)
        yield first
        yield from (Text(" " * indent).append_text(one) for one in rest)


def paged(text: str, width: int) -> Iterator[str]:
    """Lines of labelled text for so many columns: what a label says goes on below its own first word.

    A label ends where two blanks stand. Lines that are set in far and have no label are there to be copied.
    """
    for line in text.split("\n"):
        blank = len(line) - len(line.lstrip(" "))
        labels = _LABELLED.match(line)
        if labels is None and blank >= PASTED:
            yield line
            continue
        set_in = cell_len(labels["labels"]) if labels is not None else 0
        yield from (one.plain for one in hanging(Text(line), width, set_in if 0 < set_in <= FURTHEST else blank + 2))


def wrapped(text: Text, width: int, pieces: re.Pattern[str] = _PIECE) -> list[Text]:
    """A text in lines of at most so many columns, or of one word that is longer."""
    return [line for part in text.split("\n", allow_blank=True) for line in _broken(part, width, width, pieces)]


def longest(text: Text) -> int:
    """The width of the longest word: narrower than that no line can be."""
    return max((cell_len(piece[0].rstrip()) for piece in _PIECE.finditer(text.plain)), default=0)


def _broken(paragraph: Text, first: int, rest: int, pieces: re.Pattern[str] = _PIECE) -> list[Text]:
    """One paragraph in lines, the first of which may have another width."""
    places, used, width = [], 0, first
    for piece in pieces.finditer(paragraph.plain):
        long = cell_len(piece[0].rstrip())
        if used and long and used + long > width:
            places.append(piece.start())
            used, width = 0, rest
        used += cell_len(piece[0])
    lines = list(paragraph.divide(places))
    for line in lines:
        line.rstrip()
    return lines
