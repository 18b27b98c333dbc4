"""A whole benchmark: works first, then blocks until the looks are decided or the budget ends, then the second session."""

from collections.abc import Generator
from dataclasses import replace

from lab import stats
from lab.bench import block_files, weigh
from lab.bench.blocks import confirming
from lab.bench.report import report
from lab.bench.session import BenchRequest, BenchSession, left_out, opened
from lab.errors import UsageError
from lab.model.bench import BenchReport
from lab.run.events import Event, Told
from lab.run.plan import environments
from lab.run.session import Laboratory, RunRequest, hold
from lab.run.workflow import functional, judged


def perform(request: BenchRequest, laboratory: Laboratory) -> Generator[Event, None, BenchReport]:
    """See that every side works, measure, confirm what alarms, report; closing the generator stops its containers."""
    untimed = RunRequest(
        name=request.name, command=request.command, planned=request.planned,
        scenario_sha256=request.scenario_sha256, rounds=0,
    )  # fmt: skip
    with hold(untimed, laboratory) as held:
        context = yield from held.context(environments(request.planned))
        if request.given is not None:
            with held.workers(1) as pool:
                yield from held.pump([pool.submit(request.given, context)])
        # What does not work is not timed, and the numbers of what does are known before.
        results = yield from functional(held, context, request.planned)
        run = held.keep(judged(untimed, held.run, results))
        session = opened(request, context, run)
        yield from _main(session)
        second = yield from _confirm(session)
        made = report(session, run, second, (*left_out(request, run), *session.measured.notes))
        block_files.write_report(session.measured.home, made)
        block_files.write_pyperf(session.measured.home, session.measured.blocks)
        said = tuple(f"{row.metric} {row.side}: {row.change.value} x{row.wall.ratio:.3g}" for row in made.rows)
        held.finish(replace(run, notes=(*run.notes, *said)))
        return made


def _main(session: BenchSession) -> Generator[Event]:
    """Blocks up to the target; at each look, stop if every row is decided."""
    request, measured = session.request, session.measured
    target = request.blocks
    while not target or len(measured.of(1)) < target:
        if not measured.comparable():
            yield Told(text="too few sides are left to compare; what was measured is kept")
            return
        yield from measured.upto(len(measured.of(1)) + 1)
        if not target:
            target = _affordable(session)
            yield Told(text=f"the budget of {request.budget_s:.0f} s allows {target} blocks")
        first = measured.of(1)
        if len(first) in stats.LOOKS and not request.blocks and not weigh.undecided(session.weighed(first)):
            return


def _affordable(session: BenchSession) -> int:
    """The last look the budget reaches; UsageError where it reaches none."""
    spent = [one.seconds for one in session.measured.of(1)][-1]
    first = min(stats.LOOKS)
    known = len(session.measured.of(1)) - 1
    target = stats.last_look(known + int(session.request.budget_s / max(spent, 1e-3)))
    if target <= known:
        need = (first - known) * spent * 1.1
        raise UsageError(
            f"a budget of {session.request.budget_s:.0f} s is too small for any verdict: one block of "
            f"{len(session.measured.sides)} sides took {spent:.0f} s, and {first} are the least; the block is kept",
            f"--budget {need:.0f}s, or fewer --releases",
        )
    return target


def _confirm(session: BenchSession) -> Generator[Event, None, int]:
    """A second session with a new seed for the sides that alarm; returns how many blocks it has."""
    measured = session.measured
    alarmed = {one.question.side for one in session.weighed(measured.of(1)) if one.alarm is not None}
    only = (session.reference, *sorted(alarmed))
    if not alarmed or not measured.comparable(only):
        return 0
    blocks = confirming(len(measured.of(1)))
    yield Told(text=f"{len(alarmed)} side(s) differ: a second session of {blocks} blocks must say the same")
    yield from measured.upto(blocks, session=2, only=only)
    return blocks
