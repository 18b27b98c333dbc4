"""A whole benchmark: works first, then blocks until the looks are decided or the budget ends, then the second session."""

import shutil
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from lab import stats
from lab.bench import block_files, weigh
from lab.bench.block import BlockDraw, run_block
from lab.bench.report import report
from lab.bench.session import BenchRequest, BenchSession, left_out, opened
from lab.bench.sides import TimedSide
from lab.errors import InfraError, UsageError
from lab.model import BenchReport, Block, Run
from lab.run import workflow
from lab.run.events import Began, Event, Measured, Told
from lab.run.workflow import Laboratory, RunRequest
from lab.storage import store

CONTROL_EVERY = 6
GIVE_UP_AFTER = 2
TRIES = 3
SLEPT_S = 0.5


def perform(request: BenchRequest, laboratory: Laboratory) -> Generator[Event, None, BenchReport]:
    """See that every side works, measure, confirm what alarms, report; closing the generator stops its containers."""
    run = yield from _works(request, laboratory)
    try:
        session = opened(request, laboratory, run)
        notes = left_out(request, run)
        yield from _main(session)
        pooled = yield from _confirm(session)
        made = report(session, run, pooled, (*notes, *session.notes))
        block_files.write_report(session.home, made)
        block_files.write_pyperf(session.home, session.blocks)
    except BaseException:
        laboratory.engine.stop(run.id)
        laboratory.store.save(replace(run, status="interrupted"))
        raise
    said = tuple(f"{row.metric} {row.side}: {row.change.value} x{row.wall.ratio:.3g}" for row in made.rows)
    laboratory.store.save(store.finished(run, status="finished", notes=(*run.notes, *said)))
    return made


def _works(request: BenchRequest, laboratory: Laboratory) -> Generator[Event, None, Run]:
    """Save, load and compare every side once, untimed: what does not work is not timed, and its numbers are known."""
    untimed = RunRequest(
        name=request.name, command=request.command, planned=request.planned,
        scenario_sha256=request.scenario_sha256, rounds=0,
    )  # fmt: skip
    run = replace((yield from workflow.perform(untimed, laboratory)), status="running", finished="")
    laboratory.store.save(run)
    return run


def _main(session: BenchSession) -> Generator[Event]:
    """Blocks up to the target; at each look, stop if every row is decided."""
    request = session.request
    target = request.blocks
    control = request.seed % CONTROL_EVERY
    while not target or len(session.of(1)) < target:
        number = len(session.of(1)) + 1
        draw = BlockDraw(session=1, number=number, seed=request.seed, control=number % CONTROL_EVERY == control)
        yield from _block(session, session.sides, draw)
        if not target:
            target = _affordable(session)
            yield Told(text=f"the budget of {request.budget_s:.0f} s allows {target} blocks")
        if number in stats.LOOKS and not request.blocks and not weigh.undecided(session.weighed(session.of(1))):
            return
        if session.sides[0].label != session.reference or len(session.sides) < 2:  # noqa: PLR2004
            yield Told(text="too few sides are left to compare; what was measured is kept")
            return


def _affordable(session: BenchSession) -> int:
    """The last look the budget reaches; UsageError where it reaches none."""
    spent = [one.seconds for one in session.of(1)][-1]
    first = min(stats.LOOKS)
    known = len(session.of(1)) - 1
    target = stats.last_look(known + int(session.request.budget_s / max(spent, 1e-3)))
    if target <= known:
        need = (first - known) * spent * 1.1
        raise UsageError(
            f"a budget of {session.request.budget_s:.0f} s is too small for any verdict: one block of "
            f"{len(session.sides)} sides took {spent:.0f} s, and {first} are the least; the block is kept",
            f"--budget {need:.0f}s, or fewer --releases",
        )
    return target


def _block(session: BenchSession, sides: Sequence[TimedSide], draw: BlockDraw) -> Generator[Event]:
    """One block, stored before anybody hears of it; a side that keeps failing is left out of the next ones."""
    again = " of the second session" if draw.session > 1 else ""
    yield Began(label=f"block {draw.number}{again}", phase="time")
    yield from workflow.waiting()
    folder = session.home / f"session-{draw.session}" / f"block-{draw.number:02d}"
    done = yield from _awake(session, sides, draw, folder)
    session.blocks.append(done)
    block_files.append(session.home, done)
    yield Measured(block=done)
    for side in list(session.sides):
        if _hopeless(session, side.label):
            session.sides.remove(side)
            yield Told(text=f"{side.label} ended early {GIVE_UP_AFTER} times in a row: it is measured no more")


def _awake(
    session: BenchSession, sides: Sequence[TimedSide], draw: BlockDraw, folder: Path
) -> Generator[Event, None, Block]:
    """One block during which the machine did not sleep; after a sleep caches are cold and clocks have jumped."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)  # what a thrown away try left must not answer for the next one
        done = run_block(session.runner, sides, session.request.manner, session.frozen, draw, folder)
        if done.slept < SLEPT_S:
            return done
        said = f"the machine slept for {done.slept:.0f} s in block {draw.number}: it was thrown away and measured again"
        session.notes.append(said)
        yield Told(text=said)
    raise InfraError(
        f"the machine fell asleep in {TRIES} tries of one block; earlier blocks are kept",
        "keep it awake (systemd-inhibit lab bench ...), then go on with --resume last",
    )


def _hopeless(session: BenchSession, label: str) -> bool:
    """Whether a side gave no value at all in its last blocks."""
    last = [found for block in session.blocks if (found := weigh.part(block, label)) is not None][-GIVE_UP_AFTER:]
    return len(last) == GIVE_UP_AFTER and all(not one.samples and one.stopped for one in last)


def _confirm(session: BenchSession) -> Generator[Event, None, int]:
    """A second session with a new seed for the sides that alarm; returns how many blocks it has."""
    alarmed = {one.question.side for one in session.weighed(session.of(1)) if one.alarm is not None}
    sides = [one for one in session.sides if one.label in alarmed]
    if not sides or session.sides[0].label != session.reference:
        return 0
    blocks = min(12, stats.last_look(len(session.of(1))))
    yield Told(text=f"{len(alarmed)} side(s) differ: a second session of {blocks} blocks must say the same")
    for number in range(1, blocks + 1):
        draw = BlockDraw(session=2, number=number, seed=session.request.seed + 1, control=False)
        yield from _block(session, [session.sides[0], *sides], draw)
        sides = [one for one in sides if one in session.sides]
        if not sides or session.sides[0].label != session.reference:
            break
    return blocks
