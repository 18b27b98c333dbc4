"""What a comparison of two places found: which of their differences is to blame, as it is shown and stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.run import TrialResult
from lab.model.search import ProbeVerdict

GOOD_END, BAD_END = "good end", "bad end"
"""What the two places themselves are tried for; every other purpose is a word for people only."""


class Blame(StrEnum):
    """What was shown of one axis."""

    MATTERS = "matters"
    GIVEN = "not to blame"
    HARMLESS = "does not matter"
    HALF = "half shown"
    UNKNOWN = "not tested"
    ALSO = "enough alone too"
    MIXED = "interplay"


@dataclass(frozen=True, kw_only=True)
class Stepped:
    """One place that was tried: which axes were changed from the good end, all its values, and what was seen.

    `purpose` says what it was tried for; `emulated` that its processor was, `real` that it was a host's of a fleet that has it.
    `device` is what Paddle itself said it used, `on` the hosts that loaded, with the class of each.
    """

    changed: tuple[str, ...]
    values: Mapping[str, str]
    purpose: str
    sort: ProbeVerdict
    why: str = ""
    signature: str = ""
    emulated: bool = False
    real: bool = False
    device: str = ""
    on: tuple[str, ...] = ()
    reused: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class AxisFound:
    """One difference of the two places: both values, what was shown of it, and by what."""

    name: str
    good: str
    bad: str
    status: Blame
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """The answer: the axes that turn good into bad, those that were shown not to, and those that could not be tested.

    `cause` is the smallest set found, with the axes of `given` changed on both sides; `entangled` are parts of it that
    could not be told apart. `stand_in` is the release that took the good one's place; `notes` say why, and what else a
    reader must know. `wrong` names an end that is not what was claimed.
    """

    schema: int
    run: str
    command: str
    scenario: str
    issue: str
    saver: str
    good: Mapping[str, str]
    bad: Mapping[str, str]
    signature: str
    message: str
    axes: tuple[AxisFound, ...]
    steps: tuple[Stepped, ...]
    cause: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    entangled: tuple[str, ...] = ()
    stand_in: str = ""
    notes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    certain: bool = False
    seconds: float = 0.0
    trials: tuple[TrialResult, ...] = field(default=(), repr=False)

    def axis(self, name: str) -> AxisFound:
        """What was found of one axis."""
        return next(one for one in self.axes if one.name == name)
