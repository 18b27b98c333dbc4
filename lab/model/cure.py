"""What cures a problem, and what a search for it found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.run import TrialResult
from lab.model.search import Reading, Symptom

PREDICTOR = "predictor"


def other_api(route: str, than: str) -> bool:
    """Whether two ways of opening a model go by different APIs of Paddle, so that their times do not compare."""
    return route.startswith(PREDICTOR) != than.startswith(PREDICTOR)


class CureKind(StrEnum):
    """What is done in a cure; a RELEASE is found by a search and stands in no catalogue."""

    ENV = "env"
    PRELOAD = "preload"
    ROUTE = "route"
    ADVICE = "advice"
    RELEASE = "release"


@dataclass(frozen=True, kw_only=True)
class Cure:
    """One entry of the catalogue of cures: what is set or called instead, where it exists, and what it may cost.

    `releases` a range, empty for all; `code` the lines a person would write
    (variables need none). A `control` must never help.
    """

    name: str
    kind: CureKind
    layer: int
    does: str
    risk: str
    source: str
    releases: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    code: str = ""
    control: bool = False

    @property
    def lines(self) -> str:
        """What to paste: export lines, or the code."""
        exports = [f"export {name}={value}" for name, value in sorted(self.env.items())]
        return "\n".join([*exports, *([self.code.strip("\n")] if self.code else [])])


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A time with a cure beside the good release's, medians in seconds, and how far single processes lie apart.

    `low` and `high` are the smallest and largest ratio of any two processes; they say how noisy the machine was.
    """

    seconds: float
    good: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a cure costs beside the good release: times where they were measured, and peak memory in bytes."""

    load: Ratio | None = None
    call: Ratio | None = None
    memory: int = 0
    memory_good: int = 0
    rounds: int = 0
    other_api: bool = False


@dataclass(frozen=True, kw_only=True)
class Relief:
    """What a cure of slowness or of a leak does: its calls beside the good release's and beside no cure, and its memory.

    Peaks are bytes; a reading is None where the two use different APIs, whose times do not compare.
    """

    good: Reading | None
    uncured: Reading | None
    peak: int = 0
    peak_good: int = 0
    peak_uncured: int = 0


class CureStatus(StrEnum):
    """What a cure was found to do."""

    ACCEPTED = "accepted"
    NOTHING = "no effect"
    OTHER = "other failure"
    WRONG = "wrong numbers"
    FLAKY = "flaky"
    UNSUPPORTED = "unsupported"
    UNTESTED = "untested"
    ADVICE = "advice"
    UNPROVED = "unproved"
    """Several help together, and without one of them something else fails."""
    NOT_ENOUGH = "not enough"
    """Measured to be better, and not yet good."""
    UNDECIDED = "undecided"

    @property
    def tried(self) -> bool:
        """Whether the cure was set at all."""
        return self not in (CureStatus.UNSUPPORTED, CureStatus.ADVICE)


@dataclass(frozen=True, kw_only=True)
class TriedCure:
    """One cure, or several together, as it was tried."""

    names: tuple[str, ...]
    status: CureStatus
    why: str = ""
    passed: int = 0
    times: int = 0
    price: Price | None = None
    relief: Relief | None = None


@dataclass(frozen=True, kw_only=True)
class Cured:
    """The answer of one search for cures: the failure as confirmed, and every cure with what it did.

    Of a measured symptom `seen` is what the release showed without a cure; `saver` is empty where each side loads what
    it saved itself.
    """

    schema: int
    run: str
    command: str
    scenario: str
    issue: str
    at: str
    saver: str
    good: str
    signature: str
    message: str
    times: int
    cures: tuple[Cure, ...]
    tried: tuple[TriedCure, ...]
    about: str = ""
    seconds: float = 0.0
    trials: tuple[TrialResult, ...] = field(default=(), repr=False)
    symptom: Symptom | None = None
    seen: Reading | None = None

    @property
    def accepted(self) -> tuple[TriedCure, ...]:
        """What is proved to cure, outer layers first."""
        return tuple(one for one in self.tried if one.status is CureStatus.ACCEPTED)

    @property
    def rejected(self) -> tuple[TriedCure, ...]:
        """Everything else, in the order in which it was tried."""
        return tuple(one for one in self.tried if one.status is not CureStatus.ACCEPTED)

    def cure(self, name: str) -> Cure:
        """The catalogue's entry of that name."""
        return next(one for one in self.cures if one.name == name)
