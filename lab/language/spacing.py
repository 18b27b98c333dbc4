"""Pieces of a sentence put in a row: a space between Chinese and Latin, none between Chinese; lists and cells taken apart."""

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9_.+*/<=%$\ue000-\uf8ff-]")
_TIGHT = "，。；：、（"
_OPEN, _CLOSE = "([{", ")]}"
GAP = "  "
"""What stands between two cells of a line, at least."""
_CELL = re.compile(r"\S+(?: \S+)*")


def around(text: str) -> tuple[str, str, str]:
    """The spaces before a text, the text, the spaces after it."""
    inner = text.strip()
    before = len(text) - len(text.lstrip())
    return text[:before], inner, text[before + len(inner) :]


def joined(pieces: Iterable[str]) -> str:
    """Pieces in a row, with the spaces that Chinese beside Latin has."""
    said = ""
    for piece in pieces:
        said = _beside(said, piece)
    return said


def _beside(left: str, right: str) -> str:
    one, other = left.rstrip(" "), right.lstrip(" ")
    if not one or not other:
        return left + right
    gap = len(left) - len(one) + len(right) - len(other)
    before, after = one[-1], other[0]
    chinese = bool(_CHINESE.match(before)), bool(_CHINESE.match(after))
    if (all(chinese) and gap <= 1) or (gap == 1 and before in _TIGHT):
        return one + other
    mixed = any(chinese) and bool(_LATIN.match(after if chinese[0] else before))
    return f"{one} {other}" if gap == 0 and mixed else left + right


def parted(text: str, joints: Sequence[str]) -> list[str]:
    """A text taken apart where a joint stands outside of brackets: parts and joints in turn."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        depth = max(0, depth + (text[at] in _OPEN) - (text[at] in _CLOSE))
        joint = next((one for one in joints if text.startswith(one, at)), "") if not depth else ""
        if joint:
            parts += [text[start:at], joint]
            start = at + len(joint)
        at = max(at + 1, start)
    return [*parts, text[start:]]


def cells(text: str) -> list[tuple[int, str]]:
    """A line of padded cells taken apart where two blanks or more stand: the column at which each begins, and its text."""
    return [(cell_len(text[: one.start()]), one[0]) for one in _CELL.finditer(text)]


def laid_out(parts: Iterable[tuple[int, str]]) -> str:
    """Cells in a line again, each at its column or, where the one before it grew, two blanks behind that."""
    said = ""
    for column, cell in parts:
        said += " " * (max(column - cell_len(said), len(GAP)) if said else column) + cell
    return said
