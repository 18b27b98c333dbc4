"""What a report is made of: one subject a scenario, with the newest of everything that is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model.bench import HistoryLine
from lab.model.cure import Cure
from lab.report.grid import Square
from lab.site.hosts import HostFindings
from lab.site.operators import SiteSweep
from lab.site.stored_locations import SiteLocation


@dataclass(frozen=True, kw_only=True)
class SourceRun:
    """The run something was seen in: its command gives it again; `machine` is the folder name of its machine."""

    id: str
    command: str
    started: str
    engine: str = ""
    machine: str = ""
    isolated: bool = True


@dataclass(frozen=True, kw_only=True)
class PairResult:
    """One saver with one loader, both with their flags: what came of it newest, in which run, and the end of its log."""

    route: str
    saver: str
    loader: str
    square: Square
    source: SourceRun
    log: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class BenchNote:
    """What a benchmark said beside its rows: leaks, sides that ended early, its noise; one sentence each."""

    run: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class UpstreamProblem:
    """A known problem that a scenario shows: where it was reported, what it is in both languages, its cure and proof."""

    issue: str
    en: str
    zh: str
    cure: str
    proof: str

    def named_in(self, text: str) -> bool:
        """Whether a note on a square speaks of this problem."""
        return f"{self.issue}: {self.en}" in text


@dataclass(frozen=True, kw_only=True)
class SiteScenario:
    """One scenario with all that is known of it; `lines` are the current rows of every machine and route.

    `given` says that it is a model given as files, which no command can name.
    """

    name: str
    slug: str
    summary: str = ""
    summary_zh: str = ""
    issue: str = ""
    given: bool = False
    lines: tuple[HistoryLine, ...] = ()
    pairs: tuple[PairResult, ...] = ()
    findings: tuple[BenchNote, ...] = ()
    reported: tuple[UpstreamProblem, ...] = ()
    sources: Mapping[str, SourceRun] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all pages share: machines with their facts, reviewed cures, what could not be shown, and where it will lie.

    `hosts` are those of a fleet, with what each tried; `sweeps` those of operators and `locations` those of models that go wrong, newest first. `releases` are a few that the example commands of an empty page name.
    """

    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cures: tuple[Cure, ...] = ()
    notes: tuple[str, ...] = ()
    hosts: tuple[HostFindings, ...] = ()
    sweeps: tuple[SiteSweep, ...] = ()
    locations: tuple[SiteLocation, ...] = ()
    releases: str = ""
    address: str = ""
