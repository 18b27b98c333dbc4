"""What a search over releases found, as it is shown and stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.run import TrialResult

LEAK = "leak"


class Axis(StrEnum):
    """Which side moves from release to release; both: each in turn; same: both together, each release by itself."""

    LOADER = "loader"
    SAVER = "saver"
    BOTH = "both"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """What a search measures: a `metric` (infer, load, first, import) that takes more than `share` longer, or a leak.

    `share` is 0.1 for 10 %; a leak has none.
    """

    metric: str
    share: float = 0.0

    @property
    def leak(self) -> bool:
        """Whether memory is looked at, and not time."""
        return self.metric == LEAK

    @property
    def label(self) -> str:
        """The symptom in words: "infer slower by more than 10 %"."""
        return "memory leak" if self.leak else f"{self.metric} slower by more than {self.share:.0%}"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What blocks said of one side: its time as a ratio to `against` with a 99 % interval, and its memory.

    `reference` and `value` are medians in seconds; `delta` is the share that counted; `blocks` are those the ratio rests
    on; `confirmed` says what a second session found. `growth` is bytes a call; `grew` of `processes` kept growing.
    """

    metric: str
    against: str = ""
    ratio: float = 1.0
    low: float = 0.0
    high: float = 0.0
    reference: float = 0.0
    value: float = 0.0
    delta: float = 0.0
    blocks: int = 0
    confirmed: str = ""
    growth: float = 0.0
    grew: int = 0
    processes: int = 0


@dataclass(frozen=True, kw_only=True)
class Probed:
    """One release of a row: what it was found to be and why, or that nobody had to look (`sort` is empty).

    `sort` is good, bad, other, skip, flaky or undecided; `purpose` is end, search, neighbour, random, sweep or edge.
    """

    release: str
    sort: str = ""
    signature: str = ""
    why: str = ""
    purpose: str = ""
    reused: bool = False
    seconds: float = 0.0
    reading: Reading | None = None


@dataclass(frozen=True, kw_only=True)
class BisectedAxis:
    """A row of releases with verdicts: the last one before the turn and the suspects, the newest of which was seen.

    `axis` is loader or saver, and `fixed` the environment on the other side. `wrong` names ends that are not what was
    claimed; then there are no suspects. With `fix` the row is searched for the first release that works again. Where
    each release loads what it saved itself, `fixed` is empty; where a `model` was given, it is the release that the model
    is held against. Where times are measured, `edge` is the worse neighbour of
    the turn measured against the better one.
    """

    axis: str
    fixed: str
    row: tuple[Probed, ...]
    fix: bool = False
    last: str = ""
    suspects: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    probes: int = 0
    budget: int = 0
    symptom: Symptom | None = None
    edge: Probed | None = None
    model: str = ""

    @property
    def first(self) -> str:
        """The first release seen on the far side of the turn; empty where an end was wrong."""
        return self.suspects[-1] if self.suspects else ""

    @property
    def certain(self) -> bool:
        """Whether there is one answer."""
        return len(self.suspects) == 1 and not self.violations and not self.flaky and not self.gradual

    @property
    def gradual(self) -> bool:
        """Whether the two neighbours of the turn, measured against each other, do not show it."""
        return self.edge is not None and self.edge.sort != "bad"

    def of(self, release: str) -> Probed:
        """The release's place in the row."""
        return next(one for one in self.row if one.release == release)


@dataclass(frozen=True, kw_only=True)
class Bisected:
    """The answer of one bisection: a strip per axis, the side the fault is on where both were asked, and the command."""

    schema: int
    run: str
    command: str
    scenario: str
    issue: str
    good: str
    bad: str
    signature: str
    message: str
    strips: tuple[BisectedAxis, ...]
    corners: tuple[tuple[str, str], ...] = ()
    side: str = ""
    seconds: float = 0.0
    trials: tuple[TrialResult, ...] = field(default=(), repr=False)
    symptom: Symptom | None = None


@dataclass(frozen=True, kw_only=True)
class Cure:
    """One entry of the catalogue of cures: what is set or called instead, where it exists, and what it may cost.

    `kind` is env, preload, route, advice, or release (found by a search, not in the catalogue); `releases` a range, empty for all; `code` the lines a person would write
    (variables need none). A `control` must never help.
    """

    name: str
    kind: str
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


@dataclass(frozen=True, kw_only=True)
class TriedCure:
    """One cure, or several together, as it was tried.

    `status` is accepted, no effect, other failure, wrong numbers, flaky, unsupported, untested, advice, unproved (several
    help together, and without one of them something else fails), or, where something is measured, not enough (better,
    and not yet good) or undecided.
    """

    names: tuple[str, ...]
    status: str
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
        return tuple(one for one in self.tried if one.status == "accepted")

    def cure(self, name: str) -> Cure:
        """The catalogue's entry of that name."""
        return next(one for one in self.cures if one.name == name)
