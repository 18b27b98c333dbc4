"""One sentence with holes, such as "there is no release {0}": what it is in English, and what it becomes.

A hole is numbered as it stands in the English sentence. `{0}` is kept as it is, whatever it holds; `{0~}` holds words of the
lab itself, and is translated too; `{0-}` holds the ending of a plural and is left out, and where it holds anything else this is
not the sentence.
"""

import re
from dataclasses import dataclass
from functools import cached_property

HOLE = re.compile(r"\{(\d+)([~-]?)\}")
ENDINGS = ("", "s", "es")
_LABEL = 6
_TELLING = 9
"""Letters from which on a template is taken for the lab's own sentence wherever it is met."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A sentence of the catalogue, in English and as it is said in the other language."""

    english: str
    other: str

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """What stands between the holes of the English sentence."""
        return tuple(HOLE.split(self.english)[::3])

    @cached_property
    def anchor(self) -> str:
        """The longest literal part: a text without it cannot be this sentence."""
        return max(self.literals, key=len)

    @cached_property
    def weight(self) -> int:
        """How many characters are literal: of two sentences that fit, the one that says more is meant."""
        return sum(map(len, self.literals))

    @cached_property
    def weak(self) -> bool:
        """Whether so little of it is literal ("it has {0}") that a stranger's text may look like it; a label in front tells."""
        return (
            len(self.literals[0]) < _LABEL and sum(one.isalpha() for part in self.literals for one in part) < _TELLING
        )

    @cached_property
    def endings(self) -> tuple[int, ...]:
        """The holes that must hold the ending of a plural."""
        return tuple(number for number, mark in holes(self.other) if mark == "-")

    def fields(self, text: str) -> tuple[str, ...] | None:
        """What stands in the holes of a text, each as short as can be, or None where it is another sentence."""
        first, *rest = self.literals
        if not text.startswith(first):
            return None
        found, at = [], len(first)
        for number, literal in enumerate(rest, 1):
            last = number == len(rest)
            place = len(text) - len(literal) if last else text.find(literal, at)
            if place < at or not text.startswith(literal, place):
                return None
            found.append(text[at:place])
            at = place + len(literal)
        return None if any(found[one] not in ENDINGS for one in self.endings) else tuple(found)


def holes(text: str) -> list[tuple[int, str]]:
    """The holes of a sentence in order: the number of each, and what is done with it."""
    return [(int(number), mark) for number, mark in HOLE.findall(text)]


def wrong(english: str, other: str) -> str:
    """What is wrong with an entry of the catalogue; empty where nothing is."""
    mine, its = [number for number, _ in holes(english)], {number for number, _ in holes(other)}
    if mine != list(range(len(mine))):
        return f"the holes of {english!r} are not numbered from 0"
    if its - set(mine):
        return f"{other!r} has a hole that {english!r} lacks"
    if set(mine) - its:
        return f"{other!r} loses what stands in a hole of {english!r}"
    return "" if other.strip() else f"{english!r} has no words"
