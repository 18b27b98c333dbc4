"""From measured blocks to the verdicts of a search: good, bad, or not known yet. Pure arithmetic; nothing runs here."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab import stats
from lab.bench import weigh
from lab.bench.block import TWIN
from lab.model.bench import BenchRow, Block, Change
from lab.model.search import LEAK, ProbeVerdict, Reading, Symptom
from lab.search.algorithms import ProbeAnswer

LEAK_LOOKS = (3, 6, 12)
MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class MeasuredVerdict:
    """What the blocks so far say of one side; `alarm` asks for a second session before anybody believes it."""

    seen: ProbeAnswer
    reading: Reading
    alarm: Change | None = None

    @property
    def decided(self) -> bool:
        """Whether more blocks are not needed."""
        return self.seen.sort.sure


@dataclass(frozen=True, kw_only=True)
class ComparisonRule:
    """How two sides are compared: what counts, how the reference scatters, and whether CPU time may decide.

    `control` are blocks in which the reference ran against itself; `waits` says that a GPU makes CPU time mean nothing.
    """

    symptom: Symptom
    seed: int
    control: tuple[Block, ...] = ()
    waits: bool = False

    def compared(self, blocks: Sequence[Block], reference: str, side: str) -> MeasuredVerdict:
        """GOOD where the side certainly takes less than the share more, BAD where two sessions saw more, else undecided."""
        row, alarm = self.row(blocks, reference, side, self.symptom.metric)
        if row is None:
            return MeasuredVerdict(
                seen=ProbeAnswer(sort=ProbeVerdict.UNDECIDED, why="nothing was measured"),
                reading=Reading(metric=self.symptom.metric),
            )
        reading = _reading(row, reference)
        narrow = row.cpu.narrow if row.decided_by == "cpu" and row.cpu is not None else row.wall.narrow
        sort = ProbeVerdict.UNDECIDED
        if row.change is Change.SLOWER:
            sort = ProbeVerdict.BAD
        elif alarm is not Change.SLOWER and stats.alpha_at(row.wall.blocks) and narrow[1] < 1 + self.symptom.share:
            sort = ProbeVerdict.GOOD
        return MeasuredVerdict(seen=ProbeAnswer(sort=sort, why=ratio_words(reading)), reading=reading, alarm=alarm)

    def row(
        self, blocks: Sequence[Block], reference: str, side: str, metric: str
    ) -> tuple[BenchRow | None, Change | None]:
        """The judged row of one side, and what its first session alone says; both None where nothing was measured."""
        first = self._weighed(blocks, reference, side, metric, (1,))
        if first is None:
            return None, None
        again = self._weighed(blocks, reference, side, metric, (2,))
        pooled = self._weighed(blocks, reference, side, metric, (1, 2))
        key = (side, metric)
        second = {key: again} if again is not None and first.alarm is not None else {}
        both = {key: pooled} if pooled is not None and second else {}
        (row,) = weigh.rows([first], second, both)
        return row, first.alarm

    def _weighed(
        self, blocks: Sequence[Block], reference: str, side: str, metric: str, sessions: Sequence[int]
    ) -> weigh.WeighedMetric | None:
        some = [one for one in blocks if one.session in sessions]
        asked = weigh.questions([*self.control, *some], reference, [side], (metric,))
        if not asked:
            return None
        steal = 0.0 if self.waits else max((one.steal for one in some), default=0.0)
        weighed = weigh.weigh(asked[0], self.seed, steal)
        return replace(weighed, delta=max(weighed.delta, self.symptom.share))


@dataclass(frozen=True, kw_only=True)
class RoundsSeen:
    """What rounds say of a side: whether it is slower, how much longer it took, and both in words."""

    slow: bool
    ratio: float
    why: str


def rounds_slower(reference: Sequence[float], side: Sequence[float], share: float) -> RoundsSeen:
    """Whether a side takes more than a share longer by one value a round of each, by the rules of every measurement.

    It is a guide for a search: nobody is told of slowness before fresh processes have shown it in two sessions.
    """
    found = stats.estimate([(one,) for one in stats.log_ratios(reference, side)])
    slow = stats.alarm(found, share, stats.alpha_at(found.blocks)) is Change.SLOWER
    why = f"x{found.ratio:.3g} [x{found.low:.3g}, x{found.high:.3g}] in {found.blocks} rounds"
    return RoundsSeen(slow=slow, ratio=found.ratio, why=why)


def itself(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the reference's second run in the place of a side, so that it is judged as any other."""
    return [
        replace(
            block,
            sides=tuple(replace(one, side=one.side + TWIN, twin=False) if one.twin else one for one in block.sides),
        )
        for block in blocks
    ]


def leaking(blocks: Sequence[Block], side: str) -> MeasuredVerdict:
    """BAD where nearly all processes kept growing to their end, GOOD where nearly none did, else undecided."""
    parts = [one for block in blocks for one in block.sides if one.side == side and not one.twin]
    processes = [tuple(sample for sample in one.samples if sample.metric == "infer") for one in parts]
    grew, told = stats.growing(processes)
    growth = statistics.median([stats.growth(one) for one in processes if len(one) > 1] or [0.0])
    reading = Reading(metric=LEAK, growth=growth, grew=grew, processes=told, blocks=len(parts))
    sort = ProbeVerdict.UNDECIDED
    if told >= min(LEAK_LOOKS):
        sort = (
            ProbeVerdict.BAD
            if grew > stats.AGREEING * told
            else ProbeVerdict.GOOD
            if grew < (1 - stats.AGREEING) * told
            else sort
        )
    return MeasuredVerdict(seen=ProbeAnswer(sort=sort, why=growth_words(reading)), reading=reading)


def growth_words(reading: Reading) -> str:
    """What a leak was measured to be, in one line."""
    return f"{reading.growth / 1024:+.0f} KiB a call; {reading.grew} of {reading.processes} processes grew to their end"


def ratio_words(reading: Reading) -> str:
    """What a ratio was measured to be, in one line."""
    again = f"; {reading.confirmed}" if reading.confirmed else ""
    # Below the first look the interval says nothing.
    interval = f" [x{reading.low:.3g}, x{reading.high:.3g}]" if reading.blocks >= min(stats.LOOKS) else ""
    return f"{reading.metric} x{reading.ratio:.3g}{interval} of {reading.against}, {reading.blocks} blocks{again}"


def _reading(row: BenchRow, reference: str) -> Reading:
    return Reading(
        metric=row.metric, against=reference, ratio=row.wall.ratio, low=row.wall.low, high=row.wall.high,
        reference=row.reference, value=row.value, delta=row.delta, blocks=row.wall.blocks, confirmed=row.confirmed,
    )  # fmt: skip
