"""Blocks of one comparison, one after the other: thrown away where the machine slept, without sides that are hopeless."""

import itertools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import stats
from lab.bench import block_files, weigh
from lab.bench.block import BlockDraw, BlockSettings, FrozenLoops, run_block
from lab.bench.sides import TimedSide
from lab.errors import InfraError
from lab.model.bench import Block
from lab.run.events import Began, Event, Measured, Told
from lab.run.step import Runner
from lab.run.workflow import waiting
from lab.storage import cleared

GIVE_UP_AFTER = 2
CONFIRM_BLOCKS = 12
QUICK_BLOCKS, QUICK_SHARE = 2, 0.5
"""A quick answer has so many blocks, of values that take this share of the usual time: one block would show no scatter between processes."""
TRIES = 3
SLEPT_S = 0.5
NAMED_SIDES = 2


@dataclass(kw_only=True)
class MeasuredBlocks:
    """Sides measured in turns, the first is the reference; each block is on disk before anybody hears of it.

    In one of `control_every` blocks of the first session the reference also runs against itself; 0 means in none.
    `remember` is called after every block; `notes` are the sentences that belong beside the result.
    """

    runner: Runner
    home: Path
    sides: tuple[TimedSide, ...]
    settings: BlockSettings
    seed: int
    control_every: int = 0
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remember: Callable[[], None] = lambda: None

    @property
    def reference(self) -> str:
        """The side that the others are compared with."""
        return self.sides[0].label

    @property
    def waits(self) -> bool:
        """Whether CPU time says nothing, because a GPU works."""
        return any(one.trial.loader.environment.device.gpu for one in self.sides)

    def of(self, session: int) -> list[Block]:
        """The blocks of one session."""
        return [one for one in self.blocks if one.session == session]

    def stopped(self, label: str) -> str:
        """Why a side is measured no more: its last blocks gave no value at all; empty where it may go on."""
        last = [found for block in self.blocks if (found := weigh.part(block, label)) is not None][-GIVE_UP_AFTER:]
        hopeless = len(last) == GIVE_UP_AFTER and all(not one.samples and one.stopped for one in last)
        return last[-1].stopped if hopeless else ""

    def comparable(self, only: Sequence[str] = ()) -> list[TimedSide]:
        """The sides that can still be measured together, of all or of those named; none where nothing is to compare."""
        wanted = [one for one in self.sides if not only or one.label in only]
        alive = [one for one in wanted if not self.stopped(one.label)]
        return alive if alive and alive[0] is wanted[0] and len(alive) >= min(2, len(wanted)) else []

    def upto(self, count: int, *, session: int = 1, only: Sequence[str] = ()) -> Generator[Event]:
        """Measure until there are `count` blocks of a session; ends early where no side is left to compare."""
        while len(self.of(session)) < count and (sides := self.comparable(only)):
            yield from self._one(sides, session)
            for one in sides:
                if self.stopped(one.label):
                    yield Told(text=f"{one.label} ended early {GIVE_UP_AFTER} times in a row: it is measured no more")

    def _one(self, sides: Sequence[TimedSide], session: int) -> Generator[Event]:
        """One more block; after a sleep caches are cold and clocks have jumped, so such a try never counts."""
        taken, every = {one.number for one in self.of(session)}, self.control_every
        number = next(one for one in itertools.count(1) if one not in taken)  # a damaged block left its place free
        draw = BlockDraw(
            session=session, number=number, seed=self.seed + session - 1,
            control=bool(every) and session == 1 and number % every == self.seed % every,
        )  # fmt: skip
        names = " and ".join(one.label for one in sides) if len(sides) <= NAMED_SIDES else f"{len(sides)} sides"
        again = " of the second session" if session > 1 else ""
        yield Began(label=f"block {number}{again}: {names}{' against itself' if draw.control else ''}", phase="time")
        yield from waiting()
        loops = {one.side: dict(one.loops) for block in self.blocks for one in block.sides if one.loops}
        folder = self.home / f"session-{session}" / f"block-{number:02d}"
        for _ in range(TRIES):
            cleared.remove(folder)  # what a thrown away try left must not answer for the next one
            made = run_block(self.runner, sides, self.settings, FrozenLoops(loops=loops), draw, folder)
            if awake(made):
                self.blocks.append(made)
                block_files.append(self.home, made)
                self.remember()
                yield Measured(block=made)
                return
            said = f"the machine slept for {made.slept:.0f} s in block {number}: it was thrown away and measured again"
            self.notes.append(said)
            yield Told(text=said)
        raise InfraError(
            f"the machine fell asleep in {TRIES} tries of one block; earlier blocks are kept",
            "keep it awake (systemd-inhibit before the command), then go on with --resume last",
        )


def awake(block: Block) -> bool:
    """Whether the machine was awake during all of a block."""
    return block.slept < SLEPT_S


def confirming(first: int) -> int:
    """How many blocks a second session has, which must say the same as a first one of so many."""
    return min(CONFIRM_BLOCKS, stats.last_look(first))
