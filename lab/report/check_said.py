"""One sentence of a check's answer: what it says, what it claims, and of which cells."""

from dataclasses import dataclass
from enum import StrEnum

from lab.model.check import Way

HERE, BOTH = "\0", "\1"
"""What stands in a shared sentence for its releases, and for those and the old one."""


class Claim(StrEnum):
    """What a sentence says of the cells it covers."""

    VERDICT = "verdict"
    SAME = "same numbers"
    AS_BEFORE = "as near as before"
    FAULTY = "wrong or failing before and after"
    LOST = "worked before"
    OTHER = "other numbers"
    FAILS = "fails"
    OPEN = "not known"
    THIRD_RIGHT = "right by a third opinion"
    THIRD_WRONG = "not right by a third opinion"
    MENDED = "right now, and not before"
    DAMAGED = "damaged files"
    ALTERED = "not as stamped"


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence, what it claims, and the cells it claims it of: a release and a way each."""

    claim: Claim
    text: str
    cells: tuple[tuple[str, Way], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SharedSentence:
    """A sentence about one release whose name is left open, so that releases share what is said of all of them.

    `ways` are those of that release, `before` those of the old one.
    """

    claim: Claim
    text: str
    ways: tuple[Way, ...] = ()
    before: tuple[Way, ...] = ()
