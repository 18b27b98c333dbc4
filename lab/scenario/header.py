"""The inline script block of a scenario: finding it, parsing it, and asking its tables for values of a kind."""

import difflib
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from lab import documents, variables
from lab.errors import UsageError

OPENING = re.compile(r"# /// (?P<type>[a-zA-Z0-9-]+)")
"""The first line of an inline script block, as its specification writes it."""

_LARGEST_SHOWN = 10**30
CONTRACT = "scenarios/README.md shows a whole example"
Choice = TypeVar("Choice", bound=StrEnum)


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that offers the names nearest to a wrong one, empty where none is near."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the header: its name, which one of that name it is, its values, and where the block stands in the file."""

    path: Path
    first_line: int
    lines: tuple[str, ...]
    name: str
    number: int
    values: Mapping[str, Any]

    def wrong(self, key: str, what: str, remedy: str = CONTRACT) -> UsageError:
        """The error for one entry, with the line of that entry, or of the table where the entry is missing."""
        return UsageError(f"{self.path}:{self._line(key)}: {what}", remedy)

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing, with the nearest that do."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"unknown key {key!r} in [{self.name}]", self._offer(key, known))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there and say something."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, f"{key} is missing or not a text in [{self.name}]", f'write {key} = "..."')
        return value

    def telling(self, key: str) -> str:
        """A text that may be left out, but says something where it is there: an empty one would check nothing."""
        if key not in self.values:
            return ""
        if self.values[key] == "":
            raise self.wrong(key, f"{key} is empty in [{self.name}]", f"leave it out, or say what {key} must be")
        return self.text(key)

    def truth(self, key: str, *, default: bool) -> bool:
        """A boolean."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"{key} is {value!r}", f"write {key} = true or {key} = false")
        return value

    def number_of(self, key: str, *, whole: bool, least: float = 0.0, most: float = sys.float_info.max) -> float:
        """A number from `least` to `most`, neither nan nor inf; whole where it counts something."""
        value = self.values.get(key)
        good = isinstance(value, int) if whole else isinstance(value, int | float)
        if isinstance(value, bool) or value is None or not good or not least <= value <= most:
            kind = "a whole number" if whole else "a number"
            upto = f" and at most {most:,.0f}" if most < sys.float_info.max else ""
            remedy = f"write {kind} of at least {least:,g}{upto}"
            raise self.wrong(key, f"{key} is {_short(value)} in [{self.name}]", remedy)
        return int(value) if whole else float(value)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """One text or a list of them, as a tuple; without a default there must be one."""
        value = self.values.get(key, list(default))
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not several or not all(isinstance(one, str) and one for one in several):
            raise self.wrong(
                key, f"{key} is missing, or not a text or a list of texts", f'write {key} = "..." or ["...", "..."]'
            )
        return tuple(dict.fromkeys(several))

    def variables(self, key: str) -> dict[str, str]:
        """Environment variables; values must be written as texts, because that is what a process gets."""
        value = self.values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self.wrong(key, f"{key} is not a table of texts", f'write {key} = {{ FLAGS_name = "False" }}')
        for name, one in value.items():
            if not variables.settable(name, one):
                raise self.wrong(
                    key, f"{name!a} cannot be set for a guest", f"name another variable: {variables.REFUSED}"
                )
        return dict(value)

    def choice(self, key: str, kinds: type[Choice], default: Choice | None) -> Choice | None:
        """One member of an enum by its value."""
        if key not in self.values:
            return default
        value = self.text(key)
        if value not in [kind.value for kind in kinds]:
            raise self.wrong(key, f"unknown {key} {value!r}", self._offer(value, [kind.value for kind in kinds]))
        return kinds(value)

    def among(self, key: str, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        """Some of the known names."""
        values = self.texts(key, default)
        for value in values:
            if value not in known:
                raise self.wrong(key, f"unknown {key} {value!r}", self._offer(value, known))
        return values

    def below(self, key: str) -> tuple["Table", ...]:
        """The tables under [[NAME.KEY]], or the one under [NAME.KEY]."""
        value = self.values.get(key, [])
        several = [value] if isinstance(value, dict) else value
        if not isinstance(several, list) or not all(isinstance(one, dict) for one in several):
            raise self.wrong(key, f"{key} is not a table", f"write [[{self.name}.{key}]]")
        return tuple(self._child(key, number, values) for number, values in enumerate(several))

    def _child(self, key: str, number: int, values: Mapping[str, Any]) -> "Table":
        name = f"{self.name}.{key}"
        return Table(
            path=self.path, first_line=self.first_line, lines=self.lines, name=name, number=number, values=values
        )

    def _offer(self, word: str, known: Iterable[str]) -> str:
        return nearest(word, known) or f"known are {', '.join(known)}"

    def _line(self, key: str) -> int:
        """The line of a key in the file; the table's own line where the key is not found on a line of its own."""
        title = re.compile(rf"\s*\[?\[{re.escape(self.name)}\]")
        heads = [i for i, line in enumerate(self.lines) if title.match(line)]
        start = heads[self.number] if self.number < len(heads) else self._inline()
        named = re.compile(rf"\s*(\[\[?{re.escape(self.name)}\.)?[\"']?{re.escape(key)}[\"']?\s*[=\]]")
        return self.first_line + next((i for i in range(start, len(self.lines)) if named.match(self.lines[i])), start)

    def _inline(self) -> int:
        """Where a table begins that has no title of its own but stands behind its name: limits = { pids = 9 }."""
        behind = re.compile(rf"\s*[\"']?{re.escape(self.name.rpartition('.')[2])}[\"']?\s*=")
        return next((i for i, line in enumerate(self.lines) if behind.match(line)), 0)


def _short(value: object) -> str:
    """A value as it is shown; Python refuses to write whole numbers of thousands of digits."""
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a number of more than 30 digits"
    return repr(value)[:100]


def lab_table(path: Path, text: str) -> Table:
    """The [tool.lab] table of a scenario's text."""
    first_line, lines = _block(path, text)
    try:
        parsed = documents.toml("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = first_line + (int(at[1]) - 1 if at and at[1] else len(lines) - 1)
        why = str(error)[: at.start()] if at else str(error)
        raise UsageError(f"{path}:{line}: the header is not valid TOML: {why}", CONTRACT) from error
    tool = parsed.get("tool")
    values = tool.get("lab") if isinstance(tool, dict) else None
    if not isinstance(values, dict):
        raise UsageError(f"{path}:{first_line}: the header has no [tool.lab] table", CONTRACT)
    return Table(path=path, first_line=first_line, lines=lines, name="tool.lab", number=0, values=values)


def _block(path: Path, text: str) -> tuple[int, tuple[str, ...]]:
    """The first line of the block's content in the file, and its lines without the comment marks."""
    blocks = list(_blocks(text.split("\n")))
    if not blocks:
        raise UsageError(f"{path}:1: there is no `# /// script` block", CONTRACT)
    if len(blocks) > 1:
        raise UsageError(f"{path}:{blocks[1][0]}: this is a second `# /// script` block", "keep one of them")
    first, content = blocks[0]
    return first + 1, tuple(line[2:] if line.startswith("# ") else line[1:] for line in content)


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Each `script` block: the number of its first line, and what lies up to the last `# ///` of its comment lines.

    What https://packaging.python.org/en/latest/specifications/inline-script-metadata/ says, in one pass: its regular
    expression takes time that grows with the square of a file in which blocks begin and do not end.
    """
    at = 0
    while at < len(lines):
        opened = OPENING.fullmatch(lines[at])
        if opened is None:
            at += 1
            continue
        end = at + 1
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            end += 1
        closing = next((one for one in range(end - 1, at + 1, -1) if lines[one] == "# ///"), 0)
        if closing and opened["type"] == "script":
            yield at + 1, lines[at + 1 : closing]
        at = closing + 1 if closing else end
