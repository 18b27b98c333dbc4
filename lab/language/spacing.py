"""Pieces of a sentence put in a row: a space between Chinese and Latin, none between Chinese; and lists taken apart."""

import re
from collections.abc import Iterable, Sequence

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9_.+*/<=%$-]")
_TIGHT = "，。；：、（"
_OPEN, _CLOSE = "([{", ")]}"


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
