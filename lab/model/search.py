"""What a search over releases found, as it is shown and stored."""

from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.run import TrialResult

LEAK = "leak"
METRICS = ("infer", "load", "first", "import")
"""What may be slower: calls, loading, the first call, the import."""


class Axis(StrEnum):
    """Which side moves from release to release; both: each in turn; same: both together, each release by itself."""

    LOADER = "loader"
    SAVER = "saver"
    BOTH = "both"
    SAME = "same"

    def pair(self, release: str, *, saver: str, loader: str) -> tuple[str, str]:
        """What saves and what loads where `release` moves, and the other side stays what it is."""
        match self:
            case Axis.LOADER:
                return saver, release
            case Axis.SAVER:
                return release, loader
            case _:
                return release, release


class ProbeVerdict(StrEnum):
    """What a probe says about one item; UNSEEN is what nobody had to look at."""

    GOOD = "good"
    BAD = "bad"
    OTHER = "other"
    SKIP = "skip"
    FLAKY = "flaky"
    UNDECIDED = "undecided"
    UNSEEN = ""

    @property
    def sure(self) -> bool:
        """Whether it says of an item on which side of a turn it lies."""
        return self in (ProbeVerdict.GOOD, ProbeVerdict.BAD)


@dataclass(frozen=True, kw_only=True)
class WayTried:
    """What one release did with a given model by one way of opening it; `silent` is wrong numbers, of which nobody hears.

    `open` is why nothing more was found out about this way.
    """

    route: str
    release: str
    sort: ProbeVerdict
    why: str
    silent: bool = False
    open: str = ""


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """What a search measures: a `metric` (infer, load, first, import) that takes more than `share` longer, or a leak.

    `share` is 0.1 for 10 %; a leak has none.
    """

    metric: str
    share: float = 0.0


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
    """One release of a row: what it was found to be and why; `purpose` is end, search, neighbour, random, sweep or edge.

    `reworded` says that it fails as the bad end does, in other words; `silent` that its numbers are wrong and nothing is
    raised; `commit` is what a build that upstream has no tag for names as Paddle's own.
    """

    release: str
    sort: ProbeVerdict = ProbeVerdict.UNSEEN
    signature: str = ""
    why: str = ""
    purpose: str = ""
    reused: bool = False
    seconds: float = 0.0
    reading: Reading | None = None
    reworded: bool = False
    commit: str = ""
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class BisectedAxis:
    """A row of releases with verdicts: the last one before the turn and the suspects, the newest of which was seen.

    `axis` is the side that moves, and `fixed` the environment on the other side. `wrong` names ends that are not what was
    claimed; then there are no suspects. With `fix` the row is searched for the first release that works again. Where
    each release loads what it saved itself, `fixed` is empty; where a `model` was given, it is the release that the model
    is held against. Where times are measured, `edge` is the worse neighbour of
    the turn measured against the better one.
    """

    axis: Axis
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
        return self.edge is not None and self.edge.sort is not ProbeVerdict.BAD

    def of(self, release: str) -> Probed:
        """The release's place in the row."""
        return next(one for one in self.row if one.release == release)


@dataclass(frozen=True, kw_only=True)
class Bisected:
    """The answer of one bisection: a row of releases per axis (`strips`), the side the fault is on where both were asked, and the command.

    Of a given model `ways` say what each way of opening it did at both ends, `route` which one this answer is about, and
    `others` are the answers about further ways.
    """

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
    route: str = ""
    ways: tuple[WayTried, ...] = ()
    others: tuple["Bisected", ...] = ()
