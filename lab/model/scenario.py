"""What is asked: a scenario, what it expects of which pair, and one trial of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lab.model.environment import Limits, Place
from lab.model.growth import GrowthPlan
from lab.model.outcome import Grade, Kind, Phase


class Mismatch(StrEnum):
    """How an output is wrong, as a header may expect it; NAMES is an output that is missing, or one too many."""

    VALUES = "values"
    NAN = "nan"
    INF = "inf"
    SHAPE = "shape"
    DTYPE = "dtype"
    MISSING = "missing"
    EXTRA = "extra"
    NAMES = "names"

    def covers(self, reason: str) -> bool:
        """Whether an outcome of this reason is what was meant."""
        if self is Mismatch.NAMES:
            return reason in (Mismatch.NAMES, Mismatch.MISSING, Mismatch.EXTRA)
        return reason == self


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a scenario's header expects of one pair; empty fields are not checked.

    `saver` and `loader` are selectors such as "2.6.2", "2.6.1-gpu" or "newest"; `message` is a regular expression
    searched in the error message; `reason` says how wrong numbers are wrong; `full` marks pairs that only a full run
    covers. `over` is a release that saved into the same folder before the saver did.
    """

    saver: str
    loader: str
    saver_env: Mapping[str, str] = field(default_factory=dict)
    loader_env: Mapping[str, str] = field(default_factory=dict)
    route: str = "own"
    outcome: Kind = Kind.OK
    phase: Phase | None = None
    type: str = ""
    message: str = ""
    reason: Mismatch | None = None
    grade: Grade | None = None
    full: bool = False
    over: str = ""
    over_env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """A scenario's own tolerance for one output, which must say why it differs from the table."""

    output: str
    rtol: float
    atol: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class ScenarioFile:
    """A file beside a scenario, by its path below the scenario's folder: bytes and hash as they were when it was read."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One file in scenarios/: its header as read without importing it, its hash, and where it lies.

    `sha256` is of its text, and of the files beside it where it names any.
    `variants` are variables that change what the scenario itself builds or calls: no cure of anything.
    """

    name: str
    path: str
    sha256: str
    summary: str
    issue: str = ""
    expectations: tuple[Expectation, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    routes: tuple[str, ...] = ("own",)
    functions: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    timed: bool = True
    summary_zh: str = ""
    variants: tuple[str, ...] = ()
    files: tuple[ScenarioFile, ...] = ()
    growth: GrowthPlan | None = None

    @property
    def alone(self) -> tuple[Expectation, ...]:
        """What is expected of one saver with one loader: a search varies these, and no folder that two have written to."""
        return tuple(one for one in self.expectations if not one.over)

    def limits_for(self, threads: int) -> Limits:
        """Its limits with as many processors as there are threads, which would wait for each other on fewer."""
        return replace(self.limits, cpus=max(self.limits.cpus, float(threads)))


def variants_between(variants: Iterable[str], *pairs: tuple[Mapping[str, str], Mapping[str, str]]) -> tuple[str, ...]:
    """The variants in which two trials differ, by pairs of the variables of one and of the other on the same side.

    Where there is any, the two are no longer about the same net or call, so neither cures the other.
    """
    return tuple(name for name in variants if any(one.get(name) != other.get(name) for one, other in pairs))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One scenario, saved in one place and loaded in another by one route: the unit of work and of caching.

    `over` is the place that saved into the same folder before the saver did, where there is one.
    """

    scenario: Scenario
    saver: Place
    loader: Place
    route: str = "own"
    over: Place | None = None

    @property
    def saver_label(self) -> str:
        """What saved, in one line: "saver", or "saver over" what saved before it."""
        return self.saver.label + (f" over {self.over.label}" if self.over is not None else "")

    @property
    def below(self) -> "Trial | None":
        """The trial whose save lies in the folder before this one's: of the earlier saver alone."""
        return replace(self, saver=self.over, over=None) if self.over is not None else None

    @property
    def label(self) -> str:
        """The trial in one line: "saver -> loader"."""
        by = "" if self.route == "own" else f" by {self.route}"
        threads = self.loader.settings.threads
        own = f" threads={threads}" if threads != self.saver.settings.threads else ""
        return f"{self.saver_label} -> {self.loader.label}{own}{by}"
