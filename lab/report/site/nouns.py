"""What a report is made of: one subject a scenario, with the newest of everything that is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.model import HistoryLine
from lab.model.search import Cure
from lab.report.grid import Square


@dataclass(frozen=True, kw_only=True)
class Source:
    """The run something was seen in: its command gives it again; `machine` is the folder name of its machine."""

    id: str
    command: str
    started: str
    engine: str = ""
    machine: str = ""
    isolated: bool = True


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One saver with one loader, both with their flags: what came of it newest, in which run, and the end of its log."""

    route: str
    saver: str
    loader: str
    square: Square
    source: Source
    log: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a benchmark said beside its rows: leaks, sides that ended early, its noise; one sentence each."""

    run: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reported:
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
class Subject:
    """One scenario with all that is known of it; `lines` are the current rows of every machine and route."""

    name: str
    slug: str
    summary: str = ""
    summary_zh: str = ""
    issue: str = ""
    lines: tuple[HistoryLine, ...] = ()
    pairs: tuple[Pair, ...] = ()
    findings: tuple[Finding, ...] = ()
    reported: tuple[Reported, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all pages share: machines with their facts, reviewed cures, what could not be shown, and where it will lie.

    `releases` are a few that the example commands of an empty page name.
    """

    machines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cures: tuple[Cure, ...] = ()
    notes: tuple[str, ...] = ()
    releases: str = ""
    address: str = ""
