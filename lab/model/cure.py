"""What cures a problem, and what a search for it found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.run import TrialResult
from lab.model.search import Reading, Symptom, WayTried

PREDICTOR = "predictor"


def other_api(route: str, than: str) -> bool:
    """Whether two ways of opening a model go by different APIs of Paddle, so that their times do not compare."""
    return route.startswith(PREDICTOR) != than.startswith(PREDICTOR)


def route_words(route: str) -> str:
    """A way of opening a model in words: a standard route by its name, else the scenario's own code."""
    return "its own code" if route in ("", "own") else route


class CureKind(StrEnum):
    """What is done in a cure; a RELEASE is found by a search and stands in no catalogue."""

    ENV = "env"
    PRELOAD = "preload"
    ROUTE = "route"
    PIN = "pin"
    """Another version of a package beside Paddle."""
    ADVICE = "advice"
    RELEASE = "release"


class CureMoment(StrEnum):
    """When the variables of a cure stand: in the process that loads, in the one that saves, or in both."""

    LOADING = "while loading"
    SAVING = "while saving"
    BOTH = "while saving and loading"

    @property
    def loads(self) -> bool:
        """Whether the process that loads has them."""
        return self is not CureMoment.SAVING

    @property
    def saves(self) -> bool:
        """Whether the process that saves has them."""
        return self is not CureMoment.LOADING


@dataclass(frozen=True, kw_only=True)
class Cure:
    """One entry of the catalogue of cures: what is set, installed or called instead, where it exists, and what it may cost.

    `packages` are lines of a pin ("numpy==1.26.4"); `releases` a range, empty for all; `code` the lines a person would write
    (variables need none). A `control` must never help. `without` is the route that opens the files in the same way with
    the fault left in: what helps there too is nothing that this cure does.
    """

    name: str
    kind: CureKind
    layer: int
    does: str
    risk: str
    source: str
    releases: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    route: str = ""
    code: str = ""
    control: bool = False
    without: str = ""


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
    REPLACEMENT = "replacement"
    """It works, and stands in place of the user's own call, so that it shows nothing of what is wrong with that."""
    PLACEBO = "placebo"
    """It works, and so does the same way with the fault left in."""
    NOTHING = "no effect"
    OTHER = "other failure"
    WRONG = "wrong numbers"
    FLAKY = "flaky"
    UNSUPPORTED = "unsupported"
    UNTESTED = "untested"
    ADVICE = "advice"
    NEEDLESS = "not needed"
    """It costs an image of its own, and something that costs less is proved already."""
    UNPROVED = "unproved"
    """Several help together, and without one of them something else fails."""
    NOT_ENOUGH = "not enough"
    """Measured to be better, and not yet good."""
    UNDECIDED = "undecided"

    @property
    def tried(self) -> bool:
        """Whether the cure was set at all."""
        return self not in (CureStatus.UNSUPPORTED, CureStatus.ADVICE, CureStatus.NEEDLESS)

    @property
    def works(self) -> bool:
        """Whether the right numbers came out, as often as was asked."""
        return self in (CureStatus.ACCEPTED, CureStatus.REPLACEMENT)


@dataclass(frozen=True, kw_only=True)
class TriedCure:
    """One cure, or several together, as it was tried: set at a `moment`, by which `route` the files were opened.

    `back` says that the failure itself was seen again. `elsewhere` is what it did at other moments, in words.
    """

    names: tuple[str, ...]
    status: CureStatus
    why: str = ""
    moment: CureMoment = CureMoment.LOADING
    route: str = ""
    back: bool = False
    elsewhere: tuple[str, ...] = ()
    passed: int = 0
    times: int = 0
    price: Price | None = None
    relief: Relief | None = None


@dataclass(frozen=True, kw_only=True)
class Cured:
    """The answer of one search for cures: the failure as confirmed, and every cure with what it did.

    Of a measured symptom `seen` is what the release showed without a cure; `saver` is empty where each side loads what
    it saved itself. `good` is empty where no release is known to do it right, and `beside` says what came of the one that
    was taken for good. `held` says whose numbers count, `route` by which way the files are opened. Of a given model `ways`
    say what each way of opening it did, and `others` are the answers about further ways that fail.
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
    route: str = ""
    held: str = ""
    beside: str = ""
    ways: tuple[WayTried, ...] = ()
    others: tuple["Cured", ...] = ()

    @property
    def accepted(self) -> tuple[TriedCure, ...]:
        """What is proved to cure, outer layers first."""
        return tuple(one for one in self.tried if one.status is CureStatus.ACCEPTED)

    @property
    def replacements(self) -> tuple[TriedCure, ...]:
        """What works in place of the call that fails."""
        return tuple(one for one in self.tried if one.status is CureStatus.REPLACEMENT)

    @property
    def rejected(self) -> tuple[TriedCure, ...]:
        """Everything else, in the order in which it was tried."""
        return tuple(one for one in self.tried if not one.status.works)

    def cure(self, name: str) -> Cure:
        """The catalogue's entry of that name."""
        return next(one for one in self.cures if one.name == name)
