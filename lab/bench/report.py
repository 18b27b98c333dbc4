"""The end of a benchmark: both sessions weighed together, and everything said of them in one report."""

from collections.abc import Sequence

from lab import stats
from lab.bench import block_files, weigh
from lab.bench.session import BenchSession
from lab.bench.sides import label_of
from lab.model import Run
from lab.model.bench import BenchReport


def report(session: BenchSession, run: Run, second: int, notes: tuple[str, ...]) -> BenchReport:
    """The report of a benchmark whose second session had `second` blocks (0: there was none)."""
    request = session.request
    first = session.weighed(session.measured.of(1))
    alarmed = {one.question.key for one in first if one.alarm is not None}
    again, pooled = {}, {}
    if second:
        again = {key: one for one in session.weighed(session.measured.of(2)) if (key := one.question.key) in alarmed}
        pooled = {key: one for one in session.weighed(session.measured.blocks) if (key := one.question.key) in again}
    controls = [one for block in session.measured.blocks for one in block.sides if one.twin and one.samples]
    medians = {
        metric: weigh.control(session.measured.blocks, session.reference, metric) for metric in request.manner.warm
    }
    names = [
        (label_of(planned), planned.trial.saver.label if planned.trial is not None else result.saver, result)
        for planned, result in zip(request.planned, run.trials, strict=True)
    ]
    return BenchReport(
        schema=block_files.SCHEMA, run=run.id, scenario=run.scenario, scenario_sha256=run.scenario_sha256,
        reference=session.reference, seed=request.seed, blocks=len(session.measured.of(1)), control_blocks=len(controls),
        control_alarms=sum(abs(one) > stats.threshold(0) for some in medians.values() for one in some),
        seconds=round(sum(one.seconds for one in session.measured.blocks), 1),
        rows=weigh.rows(first, again, pooled),
        sides=tuple(
            weigh.side(name, saver, _digest(session, name), result.outcome.kind.value, session.measured.blocks, session.reference)
            for name, saver, result in names
        ),
        steal=max((one.steal for one in session.measured.blocks), default=0.0), machine=run.machine,
        notes=(*notes, *_silent(session, first)),
        route=session.route, threads=session.threads,
    )  # fmt: skip


def _silent(session: BenchSession, first: Sequence[weigh.WeighedMetric]) -> tuple[str, ...]:
    """One sentence for every side and metric that was asked for and gave nothing to compare."""
    told = {one.question.key for one in first}
    measured = {one.side for block in session.measured.blocks for one in block.sides} - {session.reference}
    asked = [(side, metric) for side in sorted(measured) for metric in session.request.manner.metrics]
    return tuple(
        f"{side} gave no {metric} that could be compared" for side, metric in asked if (side, metric) not in told
    )


def _digest(session: BenchSession, name: str) -> str:
    return next((one.digest for block in session.measured.blocks for one in block.sides if one.side == name), "")
