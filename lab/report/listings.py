"""Lists as tables: runs, what is tracked, scenarios, environments."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from lab.model import Run, Scenario
from lab.model.bench import HistoryLine
from lab.report.bench import amount
from lab.report.rows import headline
from lab.report.sheet import Sheet, SheetColumn
from lab.storage.store import Damaged
from lab.text import clean

RUNS = (
    SheetColumn(heading="run"),
    SheetColumn(heading="verb", aside=2),
    SheetColumn(heading="status", aside=2),
    SheetColumn(heading="verdict", aside=2),
    SheetColumn(heading="engine", aside=3),
    SheetColumn(heading="summary", own=True, prose=True, least=30, aside=1),
)
TRACKED = (
    SheetColumn(heading="machine", alike=True, aside=6),
    SheetColumn(heading="scenario", alike=True),
    SheetColumn(heading="route", alike=True),
    SheetColumn(heading="metric", alike=True),
    SheetColumn(heading="side", environment=True),
    SheetColumn(heading="against", alike=True, aside=3, environment=True),
    SheetColumn(heading="ratio", right=True),
    SheetColumn(heading="verdict"),
    SheetColumn(heading="this side", right=True, aside=4),
    SheetColumn(heading="date", aside=5),
)
SCENARIOS = (
    SheetColumn(heading="scenario"),
    SheetColumn(heading="issue", aside=2),
    SheetColumn(heading="pairs", right=True, aside=3),
    SheetColumn(heading="summary", prose=True, least=30, aside=1),
)
ENVIRONMENTS = (
    SheetColumn(heading="release"),
    SheetColumn(heading="date"),
    SheetColumn(heading="stage"),
    SheetColumn(heading="device"),
    SheetColumn(heading="pythons", prose=True, least=20, aside=1),
)
WHY = SheetColumn(heading="why not", prose=True, least=30, aside=2)


def runs(found: Sequence[Run | Damaged]) -> Sheet:
    """Every run, as it ended; a damaged one with why."""
    return Sheet(columns=RUNS, rows=tuple(tuple(map(Text, _run(one))) for one in found))


def _run(one: Run | Damaged) -> tuple[str, ...]:
    if isinstance(one, Damaged):
        return one.id, "", "damaged", "", "", clean(one.why)
    return one.id, one.verb, one.status.value, one.verdict.value, one.engine, headline(one)


def tracked(lines: Sequence[HistoryLine]) -> Sheet:
    """The ratios of a history."""
    return Sheet(columns=TRACKED, rows=tuple(tuple(map(Text, _line(one))) for one in lines))


def _line(one: HistoryLine) -> tuple[str, ...]:
    of = (one.machine, one.scenario, one.route, one.metric, one.side, one.anchor)
    return *of, f"x{one.ratio:.3g}", one.change.value, amount(one.value, one.unit), one.date[:10]


def scenarios(read: Sequence[Scenario]) -> Sheet:
    """The library."""
    rows = [(one.name, one.issue, str(len(one.expectations)), one.summary) for one in read]
    return Sheet(columns=SCENARIOS, rows=tuple(tuple(map(Text, row)) for row in rows))


def environments(found: Sequence[Mapping[str, str]], *, why: bool) -> Sheet:
    """Which environments exist, or also which do not."""
    columns = (*ENVIRONMENTS, WHY) if why else ENVIRONMENTS
    rows = [[Text(word, style="dim" if line["why_not"] else "") for word in line.values()] for line in found]
    return Sheet(columns=columns, rows=tuple(tuple(row[: len(columns)]) for row in rows))
