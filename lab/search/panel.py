"""Sides that are measured together: every block is kept under what decided it, so none is ever measured twice."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import stats
from lab.bench import BlockSettings, block_files, cores, memory_cap, weigh
from lab.bench.block import BlockDraw, FrozenLoops, run_block
from lab.bench.sides import TimedSide
from lab.errors import InfraError
from lab.model import Block, Trial
from lab.model.search import LEAK, ProbeVerdict
from lab.run.events import Began, Event, Told
from lab.run.plan import Planned
from lab.run.trial import slug
from lab.run.workflow import waiting
from lab.search.algorithms import ProbeAnswer
from lab.search.probes import SearchSession
from lab.search.weigh import LEAK_LOOKS, ComparisonRule, MeasuredVerdict, itself, leaking
from lab.storage import history, store

AGAIN = 12
# In its first hundred calls a process that leaks nothing may gain several MiB as well.
LEAK_CALLS = 100
GIVE_UP_AFTER = 2


@dataclass(kw_only=True)
class MeasuredSides:
    """Sides measured in turns, the first is the reference; with `control` it also runs against itself in every block."""

    session: SearchSession
    home: Path
    key: str
    sides: tuple[TimedSide, ...]
    manner: BlockSettings
    seed: int
    control: bool = False
    blocks: list[Block] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """The side that the others are compared with."""
        return self.sides[0].label

    @property
    def waits(self) -> bool:
        """Whether CPU time says nothing, because a GPU works."""
        return any(one.trial.loader.environment.device.gpu for one in self.sides)

    def upto(self, count: int, *, session: int = 1, only: Sequence[str] = ()) -> Generator[Event]:
        """Measure until there are `count` blocks of a session; ends early where no side is left to compare."""
        wanted = [one for one in self.sides if not only or one.label in only]
        while len(done := [one for one in self.blocks if one.session == session]) < count:
            alive = [one for one in wanted if not self.stopped(one.label)]
            if not alive or alive[0] is not wanted[0] or len(alive) < min(2, len(wanted)):
                return
            yield from self.session.still()
            yield from self._block(alive, session, len(done) + 1)

    def stopped(self, label: str) -> str:
        """Why a side is measured no more: its last blocks gave no value at all; empty where it may go on."""
        last = [found for block in self.blocks if (found := weigh.part(block, label)) is not None][-GIVE_UP_AFTER:]
        hopeless = len(last) == GIVE_UP_AFTER and all(not one.samples and one.stopped for one in last)
        return last[-1].stopped if hopeless else ""

    def _block(self, sides: Sequence[TimedSide], session: int, number: int) -> Generator[Event]:
        names = " and ".join(one.label for one in sides) if len(sides) < 3 else f"{len(sides)} sides"  # noqa: PLR2004
        again = " of the second session" if session > 1 else ""
        yield Began(label=f"block {number}{again}: {names}{' against itself' if self.control else ''}", phase="time")
        yield from waiting()
        loops = {one.side: dict(one.loops) for block in self.blocks for one in block.sides if one.loops}
        draw = BlockDraw(session=session, number=number, seed=self.seed + session - 1, control=self.control)
        folder = self.home / f"session-{session}" / f"block-{number:02d}"
        runner = self.session.runner()
        made = run_block(runner, sides, self.manner, FrozenLoops(loops=loops), draw, folder)
        self.blocks.append(made)
        block_files.append(self.home, made)
        runner.store.remember(self.key, self.home)
        for one in made.sides:
            if one.stopped:
                yield Told(text=f"{one.side}: {one.stopped}")


def panel(
    session: SearchSession, sides: Sequence[tuple[str, Planned]], metric: str, *, seed: int = 0, control: bool = False
) -> MeasuredSides:
    """The sides by name, each of which was tried already, with all blocks of them that any run measured before.

    InfraError for a side whose trial has no image: its trial says why.
    """
    made = tuple(_side(session, name, planned.trial) for name, planned in sides)
    trial = made[0].trial
    manner = BlockSettings(
        metrics=_metrics(metric), least_calls=LEAK_CALLS if metric == LEAK else 1, cpuset=cores(trial.loader.settings.threads),
        memory_cap=memory_cap(len(made) + 1, trial.scenario.limits.memory),
    )  # fmt: skip
    parts = {
        "mode": "blocks", "sides": [(one.label, _key(session, one.trial)) for one in made], "control": control,
        "manner": (manner.warm, bool(manner.cold), manner.pairs, manner.value_s, manner.within_s, manner.least_calls),
        "machine": history.machine(session.run.machine),
    }  # fmt: skip
    key = store.key_of(parts)
    home = session.folder / "perf" / slug(f"{'-'.join(one.label for one in made)[:60]}-{key[:8]}")
    return MeasuredSides(
        session=session, home=home, key=key, sides=made, manner=manner, seed=seed, control=control,
        blocks=_kept(session, key, home),
    )  # fmt: skip


def _metrics(metric: str) -> tuple[str, ...]:
    """What a block measures: loads, or calls, with them a start where that is asked for, which nothing may disturb."""
    if metric in ("load", "infer"):
        return (metric,)
    return ("infer",) if metric == LEAK else ("infer", metric)


def _side(session: SearchSession, name: str, trial: Trial | None) -> TimedSide:
    if trial is None:
        raise InfraError(f"{name} cannot be measured: it was never tried", "report this as a bug of the lab")
    bench = session.bench([trial])
    image = session.image(trial.loader.environment)
    return TimedSide(
        label=name, trial=trial, image=image, digest=bench.digest(trial.loader),
        saved=bench.folder / "saves" / bench.saver_slug(trial) / "out",
    )  # fmt: skip


def _key(session: SearchSession, trial: Trial) -> str:
    """What decides a side: the load of its model, with the save it reads."""
    bench = session.bench([trial])
    saved = bench.runner.save_key(trial.scenario, trial.saver, bench.digest(trial.saver))
    return bench.runner.load_key(trial, bench.digest(trial.loader), saved)


def _kept(session: SearchSession, key: str, home: Path) -> list[Block]:
    """The blocks that were measured before, copied into this run; with --fresh only those this run measured itself."""
    if (home / block_files.BLOCKS).is_file():
        return list(block_files.blocks(home))
    where = session.laboratory.store.known(key, block_files.BLOCKS)
    if where is None or session.request.fresh:
        return []
    found = list(block_files.blocks(where))
    for block in found:
        block_files.append(home, block)
    return found


def compared(panel: MeasuredSides, side: str, scales: ComparisonRule) -> Generator[Event, None, MeasuredVerdict]:
    """One side against the reference, with more blocks at each look until it is decided; slower needs a second session."""
    found: MeasuredVerdict | None = None
    for look in stats.LOOKS:
        yield from panel.upto(look, only=(panel.reference, side))
        found = scales.compared(panel.blocks, panel.reference, side)
        if found.alarm is not None and not found.decided:
            yield from panel.upto(min(AGAIN, look), session=2, only=(panel.reference, side))
            found = scales.compared(panel.blocks, panel.reference, side)
        if found.decided or panel.stopped(side) or panel.stopped(panel.reference):
            break
    return _ended(panel, side, found)


def against_itself(panel: MeasuredSides, scales: ComparisonRule) -> Generator[Event, None, MeasuredVerdict]:
    """The reference against itself: of this the truth is known."""
    found: MeasuredVerdict | None = None
    twin = itself(panel.blocks)
    for look in stats.LOOKS:
        yield from panel.upto(look)
        twin = itself(panel.blocks)
        name = next((one.side for block in twin for one in block.sides if one.side != panel.reference), "")
        found = scales.compared(twin, panel.reference, name)
        if found.decided or panel.stopped(panel.reference):
            break
    return _ended(panel, panel.reference, found)


def grown(panel: MeasuredSides, side: str) -> Generator[Event, None, MeasuredVerdict]:
    """Whether a side's memory keeps growing, over as many processes as it takes."""
    found: MeasuredVerdict | None = None
    for look in LEAK_LOOKS:
        yield from panel.upto(look)
        found = leaking(panel.blocks, side)
        if found.decided or panel.stopped(side):
            break
    return _ended(panel, side, found)


def _ended(panel: MeasuredSides, side: str, found: MeasuredVerdict | None) -> MeasuredVerdict:
    """The finding, or that the side could not be measured."""
    if found is None:
        raise InfraError(f"{side} was never measured", "report this as a bug of the lab")
    why = panel.stopped(side) or panel.stopped(panel.reference)
    if why and not found.decided:
        return MeasuredVerdict(
            seen=ProbeAnswer(sort=ProbeVerdict.SKIP, why=f"could not be measured: {why}"), reading=found.reading
        )
    return found
