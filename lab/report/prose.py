"""Sentences in a terminal of any width: wrapped at words, with what follows set in; no word is ever cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

_CLOSING = "。，、；：？！）》」』”’…"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
# A word with the blanks behind it; of Chinese each character, with the marks that must not begin a line.
_PIECE = re.compile(rf"(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*\s*|\s+")


@dataclass(frozen=True, kw_only=True)
class Prose:
    """A text as rich draws it: wrapped at words, each further line of a paragraph `indent` columns in."""

    text: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines that fit the width, and whole words where no width would do."""
        yield from (whole(line) for line in hanging(self.text, options.max_width, self.indent))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """How narrow it can be, and how wide it likes to be: a box around it asks."""
        liked = max(map(cell_len, self.text.plain.split("\n")))
        return Measurement(min(longest(self.text), liked), liked).with_maximum(options.max_width)


@dataclass(frozen=True, kw_only=True)
class Pasted:
    """Lines that somebody copies: as they are, however wide the terminal is."""

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, none of them broken."""
        yield from (whole(Text(line)) for line in self.text.split("\n"))


def said(text: str, style: str = "", indent: int = 2) -> Prose:
    """A sentence of one style."""
    return Prose(text=Text(text, style=style), indent=indent)


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


def wrapped(text: Text, width: int) -> list[Text]:
    """A text in lines of at most so many columns, or of one word that is longer."""
    return [line for paragraph in text.split("\n", allow_blank=True) for line in _broken(paragraph, width, width)]


def longest(text: Text) -> int:
    """The width of the longest word: narrower than that no line can be."""
    return max((cell_len(piece[0].rstrip()) for piece in _PIECE.finditer(text.plain)), default=0)


def _broken(paragraph: Text, first: int, rest: int) -> list[Text]:
    """One paragraph in lines, the first of which may have another width."""
    places, used, width = [], 0, first
    for piece in _PIECE.finditer(paragraph.plain):
        long = cell_len(piece[0].rstrip())
        if used and long and used + long > width:
            places.append(piece.start())
            used, width = 0, rest
        used += cell_len(piece[0])
    lines = list(paragraph.divide(places))
    for line in lines:
        line.rstrip()
    return lines
