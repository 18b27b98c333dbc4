"""What history already holds of a benchmark: it is not measured again, and stands in the answer with its date."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lab import stats
from lab.bench import block_files
from lab.bench.session import BenchRequest
from lab.bench.sides import label_of
from lab.errors import UsageError
from lab.machine import host
from lab.model.bench import BenchReport, BenchRow, BenchSide, Change, HistoryLine
from lab.run.plan import environments
from lab.run.session import Laboratory
from lab.storage import history
from lab.storage.history import End, History
from lab.storage.store import Store

Lines = Mapping[tuple[str, str], HistoryLine]


@dataclass(frozen=True, kw_only=True)
class KnownRows:
    """The rows of one benchmark that this machine's history holds, by side and metric; `damage` is what cannot be read there."""

    lines: Lines = field(default_factory=dict)
    damage: tuple[str, ...] = ()

    def whole(self, side: str, metrics: Sequence[str]) -> bool:
        """Whether nothing of a side is left to measure."""
        return all((side, metric) in self.lines for metric in metrics)


def known(request: BenchRequest, laboratory: Laboratory, kept: History) -> KnownRows:
    """Look up every row of the request; a row that rests on fewer blocks than are asked for is not known."""
    where = history.machine(host.facts())
    held, damage = kept.known(where, request.name), kept.damage(request.name, where)
    if not held:
        return KnownRows(damage=damage)
    least = max(request.blocks, min(stats.LOOKS))
    asked = _keys(request, laboratory, where)
    found = {row: held[key] for row, key in asked.items() if key in held and len(held[key].pairs) >= least}
    return KnownRows(lines=found, damage=damage)


def _keys(request: BenchRequest, laboratory: Laboratory, where: str) -> Mapping[tuple[str, str], str]:
    digests = {name: laboratory.preparer.recipe(one).digest for name, one in environments(request.planned).items()}
    trials = [one.trial for one in request.planned if one.trial is not None]
    ends = [
        End(label=one.loader.label, digest=digests[one.loader.environment.key], saver=one.saver.label)
        for one in trials
    ]  # fmt: skip
    return {
        (end.label, metric): history.key(
            scenario_sha256=request.scenario_sha256, route=trials[0].route, threads=trials[0].loader.settings.threads,
            where=where, anchor=ends[0], side=end, metric=metric,
        )
        for end in ends[1:]
        for metric in request.manner.metrics
    }  # fmt: skip


def rest(request: BenchRequest, found: KnownRows) -> BenchRequest | None:
    """What is still to be measured: the anchor and every side that is not wholly known; None where that is nothing."""
    anchor, *others = request.planned
    missing = [one for one in others if not found.whole(label_of(one), request.manner.metrics)]
    return replace(request, planned=(anchor, *missing)) if missing else None


def merged(measured: BenchReport | None, request: BenchRequest, found: KnownRows, kept: Store) -> BenchReport:
    """The whole answer: what was measured now, and beside it what history holds of the other sides."""
    if measured is None and not found.lines:
        raise UsageError("nothing was measured and nothing is known", "run the benchmark with --fresh")
    now = measured or _empty(request, next(iter(found.lines.values())))
    fresh = {one.side for one in now.sides}
    told = {row: line for row, line in found.lines.items() if row[0] not in fresh}
    if not told:
        return now
    order = {label_of(one): number for number, one in enumerate(request.planned)}
    rows = [*now.rows, *(_row(one) for one in told.values())]
    rows.sort(key=lambda one: (request.manner.metrics.index(one.metric), order[one.side]))
    sides = [*now.sides, *_sides(told, kept, {now.reference} - fresh)]
    return replace(now, rows=tuple(rows), sides=tuple(sides), notes=(*now.notes, *_notes(told)))


def _empty(request: BenchRequest, line: HistoryLine) -> BenchReport:
    """A report in which nothing was measured now."""
    return BenchReport(
        schema=block_files.SCHEMA, run=line.run, scenario=request.name, scenario_sha256=request.scenario_sha256,
        reference=label_of(request.planned[0]), seed=line.seed, blocks=0, control_blocks=0, control_alarms=0,
        seconds=0.0, rows=(), sides=(), machine=host.facts(), route=line.route,
    )  # fmt: skip


def _row(line: HistoryLine) -> BenchRow:
    """A line of history as a row: computed again from its pairs, judged as it was when it was measured."""
    wall = stats.estimate(line.pairs, seed=line.seed)
    final = wall.blocks >= max(stats.LOOKS)
    open_ = line.change in (Change.UNDECIDED, Change.UNSTABLE)
    more = stats.judge(wall, line.delta, confirmed=None, final=final)[1] if open_ else 0
    return BenchRow(
        side=line.side, metric=line.metric, change=line.change, wall=wall, cpu=None, decided_by="wall",
        adjusted_p=line.p, delta=line.delta, noise=0.0, detectable=min(stats.detectable(wall.spread, wall.blocks), 1e9),
        reference=line.reference, value=line.value, unit=line.unit, more=more, known=f"known since {line.date[:10]}",
    )  # fmt: skip


def _sides(told: Lines, kept: Store, anchor: set[str]) -> list[BenchSide]:
    """What was said of each known side (leaks, threads), where the run that measured it is still here."""
    found: dict[str, BenchSide] = {}
    for (side, _), line in told.items():
        wanted = {side} | ({line.anchor} & anchor)
        for one in wanted - found.keys():
            found[one] = _side(one, line, kept)
    return list(found.values())


def _side(name: str, line: HistoryLine, kept: Store) -> BenchSide:
    home = kept.folder(line.run) / "bench"
    with contextlib.suppress(UsageError):  # that run is gone, or damaged: what its line says is enough
        for one in block_files.report(home).sides:
            if one.side == name:
                return one
    return BenchSide(
        side=name, saver="", digest=line.anchor_digest if name == line.anchor else line.digest, outcome="ok"
    )


def _notes(told: Lines) -> tuple[str, ...]:
    runs = ", ".join(sorted({one.run for one in told.values()}))
    sides = ", ".join(dict.fromkeys(side for side, _ in told))
    return (f"from this machine's history, not measured now: {sides} (run {runs}); --fresh measures anew",)
