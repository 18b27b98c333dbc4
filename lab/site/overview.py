"""The first page's matrix: scenario by environment, one line a question, nothing averaged away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.model.bench import HistoryLine
from lab.site import compat, speed
from lab.site.nouns import PairResult, SiteScenario
from lab.site.places import bare

SHOWN_METRICS = ("infer", "load")
"""What a first look needs; the others stand on the scenario's page, and every confirmed change in its list."""
GLYPHS = {
    "ok": "✓", "some": "◐", "fails": "✗",
    "exact": "=", "close": "≈", "drift": "~", "mismatch": "≠",
    "FASTER": "▼", "SLOWER": "▲", "SAME": "=", "UNDECIDED": "?", "UNSTABLE": "⇅", "LESS": "▼", "MORE": "▲",
    "anchor": "◆",
    "silent": "≠", "crash": "✗", "error": "✗", "unsaved": "✗", "absent": "∅", "fine": "✓",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OverviewCell:
    """One answer: a word of GLYPHS, and the figure beside it."""

    word: str
    text: str = ""

    @property
    def glyph(self) -> str:
        """The sign that stands beside the colour."""
        return GLYPHS[self.word]


@dataclass(frozen=True, kw_only=True)
class OverviewRow:
    """One line of a block: works, numbers, or a metric; cells by environment."""

    name: str
    cells: Mapping[str, OverviewCell]


@dataclass(frozen=True, kw_only=True)
class OverviewTable:
    """One scenario by one route on one machine; the machine is empty where no time was taken.

    `alone` where the scenario is opened in no other way, so that its route need not be told.
    """

    scenario: str
    slug: str
    route: str
    machine: str
    alone: bool
    questions: tuple[OverviewRow, ...]

    @property
    def words(self) -> str:
        """All verdicts in it, for the filter."""
        return " ".join(sorted({cell.word for one in self.questions for cell in one.cells.values()}))


def blocks(subject: SiteScenario) -> tuple[OverviewTable, ...]:
    """The blocks of a scenario; what works is said again on every machine where it was timed."""
    routes = sorted({*(one.route for one in subject.lines), *(one.route for one in subject.pairs)})
    return tuple(block for route in routes for block in _route(subject, route, alone=len(routes) == 1))


def _route(subject: SiteScenario, route: str, *, alone: bool) -> list[OverviewTable]:
    lines = [one for one in subject.lines if one.route == route and not bare(one.side)[1]]
    pairs = [one for one in subject.pairs if one.route == route]
    machines = sorted({one.machine for one in lines}) or [""]
    told = _pairs(pairs)
    return [
        OverviewTable(
            scenario=subject.name, slug=subject.slug, route=route, machine=machine, alone=alone,
            questions=(*told, *_metrics([one for one in lines if one.machine == machine])),
        )
        for machine in machines
    ]  # fmt: skip


def _pairs(pairs: Sequence[PairResult]) -> list[OverviewRow]:
    by_loader: dict[str, list[PairResult]] = {}
    for one in pairs:
        if not bare(one.saver)[1] and not bare(one.loader)[1] and compat.tested(one.square):
            by_loader.setdefault(one.loader, []).append(one)
    if not by_loader:
        return []
    works = {loader: _works(found) for loader, found in by_loader.items()}
    numbers = {loader: cell for loader, found in by_loader.items() if (cell := _numbers(found)) is not None}
    return [OverviewRow(name="works", cells=works), OverviewRow(name="numbers", cells=numbers)]


def _works(pairs: Sequence[PairResult]) -> OverviewCell:
    good = sum(compat.ran(one.square) for one in pairs)
    return OverviewCell(
        word="ok" if good == len(pairs) else "some" if good else "fails",
        text=f"{good}/{len(pairs)}",
    )


def _numbers(pairs: Sequence[PairResult]) -> OverviewCell | None:
    grades = [compat.grade(one.square) for one in pairs if compat.ran(one.square)]
    return OverviewCell(word=max(grades, key=compat.GRADES.index)) if grades else None


def _metrics(lines: Sequence[HistoryLine]) -> list[OverviewRow]:
    names = dict.fromkeys(one.metric for one in lines)
    chosen = [one for one in SHOWN_METRICS if one in names] or sorted(names)
    return [_metric(name, [one for one in lines if one.metric == name]) for name in chosen]


def _metric(name: str, lines: Sequence[HistoryLine]) -> OverviewRow:
    anchors = {bare(one.anchor)[0]: OverviewCell(word="anchor") for one in lines}
    sides = {bare(one.side)[0]: OverviewCell(word=speed.word(one), text=speed.ratio(one.ratio)) for one in lines}
    return OverviewRow(name=name, cells={**anchors, **sides})


def tally(pairs: Sequence[PairResult]) -> tuple[int, int]:
    """How many pairs without flags open and run, of how many that were tried."""
    plain = [one for one in pairs if not bare(one.saver)[1] and not bare(one.loader)[1]]
    tried = [one for one in plain if compat.tested(one.square)]
    return sum(compat.ran(one.square) for one in tried), len(tried)
