"""What somebody else said, inside a sentence of the lab: it is set aside before the sentence is read, and put back as it was."""

import re
from collections.abc import Iterator

_BEGINS = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Warning)(?: in \w+)?: ")
"""As Python says what was raised, and a signature where: ValueError: ..., ValueError in load: ..."""
_PLACES = range(0xE000, 0xF900)
"""Characters that mean nothing anywhere: each stands for one message while the sentence is read."""
_OPEN, _CLOSE = "([{", ")]}"


def set_aside(text: str) -> tuple[str, dict[str, str]]:
    """A text with one character in the place of each message in it, and what each stands for.

    Where a message ends nobody can tell but by a bracket that was opened before it, or by the line: without one it goes on, for
    the words of somebody else are never taken for the lab's, and a few of the lab's that stay in English lose nothing.
    """
    free = (chr(one) for one in _PLACES if chr(one) not in text)
    kept: dict[str, str] = {}
    said, at = "", 0
    for start, end in _messages(text):
        place = next(free)
        kept[place] = text[start:end]
        said, at = said + text[at:start] + place, end
    return said + text[at:], kept


def put_back(text: str, kept: dict[str, str]) -> str:
    """The text with each message in its place again."""
    for place, message in kept.items():
        text = text.replace(place, message)
    return text


def _messages(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (found := _BEGINS.search(text, at)) is not None:
        at = _end(text, found.end())
        yield found.start(), at


def _end(text: str, at: int) -> int:
    """Where a bracket closes that none behind this place opened; else the end of the line."""
    line = text.find("\n", at)
    end = len(text) if line < 0 else line
    depth = 0
    for place in range(at, end):
        depth += (text[place] in _OPEN) - (text[place] in _CLOSE)
        if depth < 0:
            return place
    return end
