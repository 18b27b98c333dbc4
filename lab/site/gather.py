"""Everything a report is made from, in order: history, stored matrices, runs on this disk, what is known of problems."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import scenario
from lab.check import adopt
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.knowledge import cures, problems
from lab.model import Scenario
from lab.model.bench import HistoryLine
from lab.model.cure import Cure
from lab.run import plan
from lab.run.trial import slug
from lab.site import (
    BenchNote,
    PairResult,
    Shared,
    SiteScenario,
    SourceRun,
    UpstreamProblem,
    compat,
    own_places,
    speed,
    stored_locations,
    stored_matrices,
    stored_runs,
    stored_sweeps,
)
from lab.site.hosts import HostPile
from lab.site.own_places import OwnPlaces
from lab.storage import history
from lab.storage.history import History
from lab.storage.store import Store
from lab.storage.workspace import Workspace
from lab.text import clean


@dataclass(frozen=True, kw_only=True)
class GatheredScenarios:
    """What was seen so far of stored matrices and of runs, by scenario; it only grows while it is gathered."""

    pairs: dict[str, list[PairResult]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[str, list[HistoryLine]] = field(default_factory=lambda: defaultdict(list))
    findings: dict[str, list[BenchNote]] = field(default_factory=lambda: defaultdict(list))
    machines: dict[str, Mapping[str, str]] = field(default_factory=dict)
    sources: dict[str, SourceRun] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    hosts: HostPile = field(default_factory=HostPile)

    def matrix(self, stored: stored_matrices.Stored, takes: Callable[[str], bool]) -> None:
        """Add what is to be taken of a stored matrix."""
        for run in stored.runs:
            if run.machine:
                self.machines[history.machine(run.machine)] = run.machine
        for name, pair in stored_matrices.pairs(stored):
            if takes(name):
                self.pairs[name].append(pair)

    def seen(self, one: stored_runs.RunFindings) -> None:
        """Add a run."""
        name = one.run.scenario
        self.hosts.seen(one.run)
        self.machines[one.source.machine] = one.run.machine
        self.sources[one.source.id] = one.source
        self.pairs[name].extend(one.pairs)
        self.lines[name].extend(one.lines)
        if one.finding is not None:
            self.findings[name].append(one.finding)
        if one.damage:
            self.notes.append(clean(one.damage))

    @property
    def names(self) -> set[str]:
        """Scenarios of which something is known."""
        return {name for some in (self.pairs, self.lines) for name, found in some.items() if found}


@dataclass(frozen=True, kw_only=True)
class SiteContent:
    """What a report is made from: `shared` by all pages, and the subjects one after the other.

    `private` counts the runs of models of the user's own that were left out. `warnings` are the notes as the terminal may
    say them, with the paths of this machine, which pages do without.
    """

    shared: Shared
    names: tuple[str, ...]
    headers: Mapping[str, Scenario]
    history: History
    pile: GatheredScenarios
    known: tuple[problems.KnownProblem, ...]
    places: OwnPlaces
    private: int
    warnings: tuple[str, ...]

    def subjects(self) -> Iterator[SiteScenario]:
        """Every scenario; its history is read when it is its turn, and forgotten after it."""
        for name, path in _paths(self.names).items():
            yield self.places.noun(self._subject(name, path))

    def _subject(self, name: str, path: str) -> SiteScenario:
        lines = speed.current(_together(self.history.newest(name), self.pile.lines.get(name, ())))
        pairs = compat.newest(self.pile.pairs.get(name, ()))
        header, named = self.headers.get(name), {one.run for one in lines}
        return SiteScenario(
            name=name, slug=path, lines=lines, pairs=pairs,
            summary=header.summary if header else "", summary_zh=header.summary_zh if header else "",
            issue=header.issue if header else "", given=header is None and adopt.private(name),
            findings=tuple(one for one in self.pile.findings.get(name, ()) if one.run in named),
            reported=tuple(_reported(self.known, name, pairs)),
            sources={one: self.pile.sources[one] for one in named if one in self.pile.sources},
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is taken into a report: all that is about scenarios, and what is about models of the user's own only if asked for."""

    checks: bool
    headers: Mapping[str, Scenario]

    def takes(self, name: str) -> bool:
        """Whether a scenario of this name is for others to read."""
        return self.checks or name in self.headers or not adopt.private(name)


def gather(found: Workspace, catalogue: Catalogue, address: str = "", *, checks: bool = False) -> SiteContent:
    """Find everything; what cannot be read costs only itself, and is named in the report's notes.

    `address` is where the report will lie on the web, for the links of its feed; empty for links within the folder.
    `checks` takes runs in that are about models of the user's own, which otherwise no page tells of.
    """
    kept, entries, pile = (
        History(root=found.results / "history"),
        problems.read(found.scenarios / problems.FILE),
        GatheredScenarios(),
    )
    chosen = Published(checks=checks, headers=_headers(found, pile))
    pile.notes.extend(map(clean, kept.damage()))
    _matrices(kept.root, pile, chosen)
    private = _runs(Store(root=found.results), entries, pile, chosen)
    sweeps, damaged = stored_sweeps.read(kept.root, Store(root=found.results))
    locations, unread = stored_locations.read(Store(root=found.results), chosen.takes)
    pile.notes.extend(map(clean, (*damaged, *unread)))
    places = own_places.of(found)
    shared = Shared(
        machines=pile.machines, hosts=pile.hosts.findings(), sweeps=sweeps, locations=locations,
        cures=_cures(found, pile), notes=tuple(pile.notes),
        releases=",".join(plan.newest_patches(catalogue)[-2:]), address=address,
    )  # fmt: skip
    return SiteContent(
        shared=places.noun(shared), names=tuple(sorted(filter(chosen.takes, {*kept.scenarios(), *pile.names}))),
        headers=chosen.headers, history=kept, pile=pile, known=entries, places=places, private=private,
        warnings=tuple(pile.notes),
    )  # fmt: skip


def _matrices(root: Path, pile: GatheredScenarios, chosen: Published) -> None:
    for stored in stored_matrices.read(root):
        if isinstance(stored, str):
            pile.notes.append(clean(stored))
        else:
            pile.matrix(stored, chosen.takes)


def _runs(kept: Store, entries: Sequence[problems.KnownProblem], pile: GatheredScenarios, chosen: Published) -> int:
    """Add what the runs on this disk tell; how many were left out."""
    left = 0
    for one in stored_runs.read(kept, entries, chosen.takes):
        if one is None:
            left += 1
        elif isinstance(one, str):
            pile.notes.append(clean(one))
        else:
            pile.seen(one)
    return left


def _cures(found: Workspace, pile: GatheredScenarios) -> tuple[Cure, ...]:
    try:
        return cures.read(found.scenarios / cures.FILE)
    except UsageError as error:
        pile.notes.append(error.what)
        return ()


def _headers(found: Workspace, pile: GatheredScenarios) -> dict[str, Scenario]:
    """The headers of all scenarios by name; without them a page only lacks its summary, so they may fail."""
    try:
        return {one.name: one for one in scenario.list_all(found.scenarios)}
    except UsageError as error:
        pile.notes.append(error.what)
        return {}


def _paths(names: Iterable[str]) -> dict[str, str]:
    """A file name for every scenario; names that would meet in one file get a number."""
    found: dict[str, str] = {}
    for name in names:
        plain = slug(name).strip(".") or "scenario"
        taken = sum(one == plain or one.startswith(f"{plain}~") for one in found.values())
        found[name] = f"{plain}~{taken}" if taken else plain
    return found


def _together(kept: Iterable[HistoryLine], fresh: Iterable[HistoryLine]) -> Iterator[HistoryLine]:
    """The history, and of the runs on this disk what it lacks or knows with fewer blocks."""
    blocks: dict[str, int] = {}
    for one in kept:
        blocks[one.key] = len(one.pairs)
        yield one
    yield from (one for one in fresh if len(one.pairs) > blocks.get(one.key, 0))


def _reported(
    entries: Iterable[problems.KnownProblem], name: str, pairs: Iterable[PairResult]
) -> Iterator[UpstreamProblem]:
    """The known problems that a scenario proves, or that its pairs show."""
    told = {one.square.known for one in pairs if one.square.known}
    for one in entries:
        made = UpstreamProblem(issue=one.issue, en=one.en, zh=one.zh, cure=one.cure, proof=one.proof)
        if one.proof == name or any(made.named_in(text) for text in told):
            yield made
