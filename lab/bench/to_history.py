"""A finished benchmark as lines of history: ratios to the anchor, with the pairs they came from."""

from collections.abc import Sequence

from lab import stats
from lab.bench import weigh
from lab.model.bench import BenchReport, BenchRow, Block, HistoryLine
from lab.storage import history


def lines(report: BenchReport, blocks: Sequence[Block], measured: str) -> tuple[HistoryLine, ...]:
    """One line a row of the report, over the blocks that its estimate used; `measured` is when its run ended.

    A row of whose blocks some are lost is left out: nobody could compute it again. So is one of fewer blocks than any verdict needs.
    """
    where = history.machine(report.machine)
    names = [one.side for one in report.sides]
    metrics = tuple(dict.fromkeys(row.metric for row in report.rows))
    both = {one.key: one for one in weigh.questions(blocks, report.reference, names, metrics)}
    first = [one for one in blocks if one.session == 1]
    alone = {one.key: one for one in weigh.questions(first, report.reference, names, metrics)}
    digests = {one.side: one.digest for one in report.sides}
    made = []
    for row in report.rows:
        known = alone[row.side, row.metric]
        asked = known if row.wall.blocks == len(known.wall) else both[row.side, row.metric]
        if len(asked.wall) != row.wall.blocks or not stats.last_look(row.wall.blocks):
            continue
        made.append(HistoryLine(
            schema=history.SCHEMA, key=_history_key(report, where, row), date=measured, run=report.run, scenario=report.scenario,
            scenario_sha256=report.scenario_sha256, machine=where, anchor=report.reference,
            anchor_digest=digests[report.reference], side=row.side, digest=digests[row.side], metric=row.metric,
            change=row.change, ratio=row.wall.ratio, low=row.wall.low, high=row.wall.high,
            p=(row.cpu if row.decided_by == "cpu" and row.cpu else row.wall).p, delta=row.delta,
            reference=row.reference, value=row.value, unit=row.unit, seed=report.seed, pairs=asked.wall,
            route=report.route,
        ))  # fmt: skip
    return tuple(made)


def _history_key(report: BenchReport, where: str, row: BenchRow) -> str:
    ends = {
        one.side: history.End(label=one.side, digest=one.digest, saver=one.saver)
        for one in report.sides
        if one.side in (report.reference, row.side)
    }
    return history.key(
        scenario_sha256=report.scenario_sha256, route=report.route, threads=report.threads, where=where,
        anchor=ends[report.reference], side=ends[row.side], metric=row.metric,
    )  # fmt: skip
