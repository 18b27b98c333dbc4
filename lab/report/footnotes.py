"""Long settings of a table that is too wide for its terminal: a mark stands in the cell, and the setting whole below."""

import re
from collections.abc import Iterator

from rich.text import Text

_SETTINGS = re.compile(r"(?<!\S)[A-Za-z_]\w*=\S+(?: [A-Za-z_]\w*=\S+)*")
LONG = 12
"""Shorter ones stay where they are: a mark would save nothing."""


class Footnotes:
    """The settings that were taken out of one table, each once, with its mark."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def marked(self, cell: Text) -> Text:
        """The cell with a mark in the place of each long setting."""
        plain = _SETTINGS.sub(lambda match: self._mark(match[0]), cell.plain)
        return cell if plain == cell.plain else Text(plain, style=cell.style)

    def lines(self) -> Iterator[str]:
        """What each mark stands for."""
        return (f"{mark} {setting}" for setting, mark in self._marks.items())

    def _mark(self, setting: str) -> str:
        if len(setting) < LONG:
            return setting
        return self._marks.setdefault(setting, f"[{len(self._marks) + 1}]")
