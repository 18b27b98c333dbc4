"""Commands that may follow on an answer: one a line under its name, folded where the terminal is narrower, so that it can be pasted."""

import re
from collections.abc import Iterator

from rich.cells import cell_len

from lab.cli import speak
from lab.cli.screen import verbatim, width

_WORD = re.compile(r"""(?:[^\s'"]|'[^']*'|"[^"]*")+""")
_END = " \\"
_INDENT = "    "


def tell(*named: tuple[str, str]) -> None:
    """Print commands, each behind its name, which is a word or two."""
    said = {speak.localised(name, own=True): command for name, command in named}
    wide = max(map(cell_len, said), default=0)
    for name, command in said.items():
        first, *rest = folded(command, width() - wide - 2)
        verbatim(name + " " * (wide - cell_len(name) + 2) + first)
        for line in rest:
            verbatim(_INDENT + line)


def folded(command: str, columns: int) -> Iterator[str]:
    """A command in lines of so many columns, each but the last with a backslash at its end; no word of it is broken."""
    line = ""
    for word in _WORD.findall(command):
        if line and cell_len(f"{line} {word}{_END}") > columns:
            yield line + _END
            line = ""
        line = f"{line} {word}" if line else word
    yield line
