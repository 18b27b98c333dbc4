"""Words of the lab in another language: of all ways to read a text by the catalogue, the one that explains most of it.

Nothing is ever lost: what the catalogue does not know, and whatever stands in a hole, comes out as it went in.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab import documents
from lab.language.messages import put_back, set_aside
from lab.language.spacing import GAP, around, cells, joined, laid_out, parted
from lab.language.template import HOLE, Template
from lab.model.bundle import Lang

ROOM = Path(__file__).parent
LONGEST = 20_000
"""Characters of a text that is looked at: what is longer is no sentence of the lab's."""
SENTENCES = 6
"""Of so many sentences in a row at most one entry may be made, but for the last: more is no sentence of the lab's."""
_END = re.compile(r"(?<=[.!?])( +)(?=\S)")
_LISTS: tuple[Mapping[str, str], ...] = ({"; ": "；"}, {", ": "、", " and ": "和", " or ": "或"})
_NAME = re.compile(r"\S*[^a-z\s]\S*")
"""One word that is no plain English one: 3.0.0, CUDA, jit_old_ir, FLAGS_x=1."""
_STOPS = ("。", "；", "：")


@dataclass(frozen=True, kw_only=True)
class PhraseReading:
    """One way to read a text: what it becomes, and how many of its characters the catalogue explains."""

    said: str
    explained: int = 0


class Translator:
    """The catalogue of one language, ready to be asked."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._whole = {english: other for english, other in entries.items() if not HOLE.search(english)}
        made = [Template(english=english, other=other) for english, other in entries.items() if HOLE.search(english)]
        self._templates = sorted(made, key=lambda one: -one.weight)
        self._telling = [one for one in self._templates if not one.weak]

    def text(self, text: str, *, own: bool = False) -> str:
        """A text in the other language, line by line where no entry holds it as a whole.

        `own` says that every word of it is the lab's: what may be a stranger's (a message of Paddle in a table) is taken for
        the lab's only where it is much alike.
        """
        if not text.strip() or len(text) > LONGEST:
            return text
        if text.strip() in self._whole:
            before, inner, after = around(text)
            return joined([before, self._whole[inner], after])
        said, kept = set_aside(text)
        return put_back(self._read(said, own=own), kept)

    def _read(self, text: str, *, own: bool) -> str:
        """A text in which every word is the lab's, or may be."""
        before, inner, after = around(text)
        read = _Reader(self._whole, self._templates, self._telling)
        if "\n" not in inner:
            found = read.row(inner, own=own)
        else:
            lines = PhraseReading(said="\n".join(self._line(line, own=own) for line in inner.split("\n")))
            found = read.lines(inner) or lines
        return text if found is None else joined([before, found.said, after])

    def _line(self, text: str, *, own: bool) -> str:
        return self._read(text, own=own) if text.strip() else text


class _Reader:
    """One text being read; what was read of it already is not read twice."""

    def __init__(self, whole: Mapping[str, str], templates: Sequence[Template], telling: Sequence[Template]) -> None:
        self._whole, self._templates, self._telling = whole, templates, telling
        self._known: dict[tuple[str, bool], PhraseReading | None] = {}

    def lines(self, text: str) -> PhraseReading | None:
        """A text of several lines that is one entry."""
        if text in self._whole:
            return PhraseReading(said=self._whole[text], explained=len(text))
        return _best(self._filled(one, text) for one in self._telling if "\n" in one.english)

    def row(self, text: str, *, own: bool) -> PhraseReading | None:
        """Sentences in a row, or cells of a padded line; None where nothing of it is explained."""
        if GAP not in text:
            return self._sentences(text, own=own)
        return self._line(text, own=own) or self._cells(text, own=own)

    def _line(self, text: str, *, own: bool) -> PhraseReading | None:
        """A padded line that one entry with the same padding holds."""
        if text in self._whole:
            return PhraseReading(said=self._whole[text], explained=len(text))
        padded = (one for one in (self._templates if own else self._telling) if GAP in one.english)
        return _best(self._filled(one, text) for one in padded)

    def _cells(self, text: str, *, own: bool) -> PhraseReading | None:
        """A padded line cell by cell, each at the column where it stood: no sentence reaches over a gap."""
        read = [(column, cell, self._sentences(cell, own=own)) for column, cell in cells(text)]
        explained = sum(found.explained for _, _, found in read if found is not None)
        said = laid_out((column, cell if found is None else found.said) for column, cell, found in read)
        return PhraseReading(said=said, explained=explained) if explained else None

    def _sentences(self, text: str, *, own: bool) -> PhraseReading | None:
        """Sentences in a row, divided so that most of them is explained; None where nothing is."""
        bits = _END.split(text)
        parts, gaps = bits[::2], bits[1::2]
        count = len(parts)
        best: list[tuple[int, tuple[PhraseReading, ...]]] = [(0, ())]
        for end in range(1, count + 1):
            explained, read = best[end - 1]
            now = (explained, (*read, PhraseReading(said=parts[end - 1])))
            for start in range(0 if end == count else max(0, end - SENTENCES), end):
                whole = parts[start] + "".join(map("".join, zip(gaps[start:], parts[start + 1 : end], strict=False)))
                found = self._sentence(whole, own=own)
                if found is not None and best[start][0] + found.explained > now[0]:
                    now = (best[start][0] + found.explained, (*best[start][1], found))
            best.append(now)
        explained, read = best[count]
        return PhraseReading(said=_row(read), explained=explained) if explained else None

    def _sentence(self, text: str, *, own: bool) -> PhraseReading | None:
        """One sentence, or words that stand in a hole, by whichever entry explains most of it."""
        if (text, own) not in self._known:
            self._known[text, own] = None  # whoever asks for the same again, from inside of it, gets nothing
            self._known[text, own] = _best(self._readings(text, own=own))
        return self._known[text, own]

    def _readings(self, text: str, *, own: bool) -> Iterator[PhraseReading | None]:
        if text in self._whole:
            yield PhraseReading(said=self._whole[text], explained=len(text))
            return
        yield from (self._filled(one, text) for one in (self._templates if own else self._telling))
        if own:
            yield from (self._listed(text, joints) for joints in _LISTS)

    def _filled(self, one: Template, text: str) -> PhraseReading | None:
        """A text as a template reads it, the words in its holes read too where the catalogue says so."""
        fields = one.fields(text) if one.anchor in text else None
        if fields is None:
            return None
        explained, at, pieces = one.weight, 0, []
        inside: dict[int, int] = {}
        for hole in HOLE.finditer(one.other):
            field = PhraseReading(said="" if hole[2] == "-" else fields[int(hole[1])])
            if hole[2] == "~":
                field = self._words(field.said)
                inside[int(hole[1])] = field.explained
            pieces += [one.other[at : hole.start()], field.said]
            at = hole.end()
        return PhraseReading(said=joined([*pieces, one.other[at:]]), explained=explained + sum(inside.values()))

    def _words(self, text: str) -> PhraseReading:
        before, inner, after = around(text)
        found = self.row(inner, own=True) if inner else None
        return (
            PhraseReading(said=text)
            if found is None
            else PhraseReading(said=before + found.said + after, explained=found.explained)
        )

    def _listed(self, text: str, joints: Mapping[str, str]) -> PhraseReading | None:
        """Several words of the lab, or names, in a row; None where a part is neither."""
        parts = parted(text, tuple(joints))
        if len(parts) == 1:
            return None
        items = [self._item(one) for one in parts[::2]]
        known = [one for one in items if one is not None]
        if len(known) < len(items):
            return None
        said = joined(joints[part] if at % 2 else known[at // 2].said for at, part in enumerate(parts))
        return PhraseReading(said=said, explained=sum(one.explained for one in known) + len(known) - 1)

    def _item(self, text: str) -> PhraseReading | None:
        named = PhraseReading(said=text, explained=1) if _NAME.fullmatch(text) else None
        return self._sentence(text, own=True) or named


def _best(readings: Iterator[PhraseReading | None]) -> PhraseReading | None:
    """The reading that explains most, the first of several; None where none explains anything."""
    found = [one for one in readings if one is not None and one.explained]
    return max(found, key=lambda one: one.explained, default=None)


def _row(read: Sequence[PhraseReading]) -> str:
    """Sentences in a row: between two of the other language that end in a stop there is no space."""
    said = ""
    for before, one in zip((None, *read), read, strict=False):
        said += ("" if before is None or before.said.endswith(_STOPS) else " ") + one.said
    return said


@cache
def translator(language: Lang) -> Translator | None:
    """What translates into a language; None for the one that the lab is written in."""
    if language is Lang.EN:
        return None
    return Translator(entries(language))


def entries(language: Lang) -> dict[str, str]:
    """The whole catalogue of a language, out of its files: English to the other."""
    found: dict[str, str] = {}
    for path in sorted((ROOM / language).glob("*.toml")):
        found.update(documents.toml(path.read_text(encoding="utf-8")))
    return found
