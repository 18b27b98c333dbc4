"""What one command found out about a problem: the pieces of the page that explains it."""

from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.cure import Cured
from lab.model.isolation import Isolation
from lab.model.run import TrialResult
from lab.model.search import Bisected

PAGE = "explain.md"
"""The page's name in the folder of its run, where a bundle finds it."""


class Standing(StrEnum):
    """What one look at either end of a problem says of it."""

    FAILS = "fails"
    WORKS = "works"
    NEVER_WORKED = "never worked"


class PageQuestion(StrEnum):
    """What a page asks one after the other, where something fails."""

    SINCE = "since when"
    UNTIL = "until when"
    SIDE = "which side"
    MATTERS = "what matters"
    CURES = "what cures it"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A variable that the scenario's header says decides it: the pair with it set, and what was seen.

    A `variant` changes what the scenario builds or calls, so that it cures nothing.
    """

    label: str
    setting: str
    outcome: str
    works: bool
    variant: bool = False


@dataclass(frozen=True, kw_only=True)
class PairSeen:
    """One of several symptoms: its number, by which it is chosen, the pair or the way in words, and what was seen of it.

    `silent` is wrong numbers, of which nobody hears; `explained` marks the one that the page is about.
    """

    number: int
    label: str
    outcome: str
    fails: bool
    silent: bool = False
    explained: bool = False


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One problem explained as far as it could be: what fails, since and until when, on which side, why, what cures it.

    `symptom` is the pair in words, `seen` its outcome, and `line` the one of its message that says most. Each part is
    None where it was not looked for, and `open_points` say why; `left_open` are the questions that got no answer.
    `known` are notes on reported problems with the same signs. `pairs` are all symptoms, this one among them, and `looked`
    the releases of which one look was taken.
    """

    schema: int
    run: str
    command: str
    scenario: str
    summary: str
    issue: str
    status: Standing
    symptom: str
    seen: str
    line: str = ""
    message: str = ""
    signature: str = ""
    good: str = ""
    bad: str = ""
    side: str = ""
    corners: tuple[tuple[str, str], ...] = ()
    since: Bisected | None = None
    fixed: Bisected | None = None
    isolation: Isolation | None = None
    cured: Cured | None = None
    switches: tuple[Switch, ...] = ()
    known: tuple[str, ...] = ()
    open_points: tuple[str, ...] = ()
    left_open: tuple[PageQuestion, ...] = ()
    expected: bool = True
    pairs: tuple[PairSeen, ...] = ()
    looked: tuple[str, ...] = ()
    seconds: float = 0.0
    trials: tuple[TrialResult, ...] = field(default=(), repr=False)
