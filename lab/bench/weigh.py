"""From blocks to rows: pure arithmetic on what was measured, so that a report can be made again from its blocks."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lab import stats
from lab.model.bench import BenchRow, BenchSide, Block, Change, Estimate, Sample, SideBlock

COLD = ("first", "import", "first_load")
METRICS = ("infer", "load", "first", "import", "memory")
STEAL_HIGH = 0.02
Reader = Callable[[Sample], float]


@dataclass(frozen=True, kw_only=True)
class MetricPairs:
    """One row before it is judged: a side, a metric, the pairs of each block, and the control's block medians."""

    side: str
    metric: str
    wall: tuple[tuple[float, ...], ...]
    cpu: tuple[tuple[float, ...], ...]
    control: tuple[float, ...]
    reference: float
    value: float

    @property
    def key(self) -> tuple[str, str]:
        """Which row of a report it is."""
        return self.side, self.metric


def questions(
    blocks: Sequence[Block], reference: str, sides: Sequence[str], metrics: Sequence[str]
) -> list[MetricPairs]:
    """Every row that has at least one pair, in the order of metrics, then sides."""
    asked = [(metric, side) for metric in metrics for side in sides if side != reference]
    found = [_question(blocks, reference, side, metric) for metric, side in asked]
    return [one for one in found if one is not None]


def _question(blocks: Sequence[Block], reference: str, side: str, metric: str) -> MetricPairs | None:
    walls, cpus, ours, theirs = [], [], [], []
    for block in blocks:
        one, other = part(block, reference), part(block, side)
        left, right = _paired(one, other, metric, lambda sample: sample.wall)
        if not left:
            continue
        walls.append(stats.log_ratios(left, right))
        ours.append(statistics.median(left))
        theirs.append(statistics.median(right))
        left, right = _paired(one, other, metric, lambda sample: sample.cpu)
        if left and min(*left, *right) > 0:
            cpus.append(stats.log_ratios(left, right))
    if not walls:
        return None
    return MetricPairs(
        side=side,
        metric=metric,
        wall=tuple(walls),
        cpu=tuple(cpus) if len(cpus) == len(walls) and metric in ("infer", "load") else (),
        control=control(blocks, reference, metric),
        reference=statistics.median(ours),
        value=statistics.median(theirs),
    )


def control(blocks: Sequence[Block], reference: str, metric: str) -> tuple[float, ...]:
    """The block medians of the reference against itself, as log ratios: of these the truth is known to be 0."""
    found = []
    for block in blocks:
        left, right = _paired(part(block, reference), part(block, reference, twin=True), metric, lambda one: one.wall)
        if left:
            found.append(statistics.median(stats.log_ratios(left, right)))
    return tuple(found)


def part(block: Block, side: str, *, twin: bool = False) -> SideBlock | None:
    """What one side did in a block."""
    return next((one for one in block.sides if one.side == side and one.twin == twin), None)


def _paired(
    one: SideBlock | None, other: SideBlock | None, metric: str, read: Reader
) -> tuple[list[float], list[float]]:
    """Values of the rounds that both sides finished."""
    if one is None or other is None:
        return [], []
    left, right = _values(one, metric, read), _values(other, metric, read)
    both = sorted(left.keys() & right.keys())
    return [left[pair] for pair in both], [right[pair] for pair in both]


def _values(side: SideBlock, metric: str, read: Reader) -> dict[int, float]:
    if metric == "memory":
        return {0: float(side.peak)} if side.peak > 0 and not side.stopped else {}
    if metric in COLD:
        seconds = side.cold.get(metric, 0.0)
        return {0: seconds} if seconds > 0 else {}
    return {one.pair: read(one) for one in side.samples if one.metric == metric}


@dataclass(frozen=True, kw_only=True)
class WeighedMetric:
    """A question with its estimates and what it is measured against."""

    question: MetricPairs
    wall: Estimate
    cpu: Estimate | None
    by_cpu: bool
    noise: float
    delta: float

    @property
    def deciding(self) -> Estimate:
        """CPU time where the host steals time and both agree in their direction, else wall time."""
        return self.cpu if self.by_cpu and self.cpu is not None else self.wall

    @property
    def alarm(self) -> Change | None:
        """What this row says before its family and a second session were asked."""
        return stats.alarm(self.deciding, self.delta, stats.alpha_at(self.wall.blocks))


def weigh(question: MetricPairs, seed: int, steal: float) -> WeighedMetric:
    """The estimates of one row."""
    wall = stats.estimate(question.wall, seed=seed)
    cpu = stats.estimate(question.cpu, seed=seed) if question.cpu else None
    noise = stats.control_width(question.control, wall.blocks, wall.spread)
    agree = cpu is not None and math.log(cpu.ratio) * math.log(wall.ratio) > 0
    return WeighedMetric(
        question=question, wall=wall, cpu=cpu, by_cpu=steal > STEAL_HIGH and agree,
        noise=noise, delta=stats.threshold(noise),
    )  # fmt: skip


def undecided(weighed: Sequence[WeighedMetric]) -> bool:
    """Whether more blocks could still teach something: a row that neither alarms nor is the same."""
    return any(
        one.alarm is None and stats.judge(one.deciding, one.delta, confirmed=None, final=False)[0] is not Change.SAME
        for one in weighed
    )


def rows(
    first: Sequence[WeighedMetric],
    second: Mapping[tuple[str, str], WeighedMetric],
    pooled: Mapping[tuple[str, str], WeighedMetric],
) -> tuple[BenchRow, ...]:
    """The judged rows; an alarm counts only where the second session says the same and the family allows it.

    `second` holds the alarmed rows as the second session alone saw them, `pooled` the same rows over both sessions.
    """
    chosen = [pooled.get(one.question.key, one) for one in first]
    adjusted = stats.benjamini_hochberg([one.deciding.p for one in chosen])
    return tuple(
        _row(alone, one, second.get(alone.question.key), p)
        for alone, one, p in zip(first, chosen, adjusted, strict=True)
    )


def _row(alone: WeighedMetric, one: WeighedMetric, again: WeighedMetric | None, adjusted: float) -> BenchRow:
    confirmed, said = _confirmed(alone, one, again, adjusted)
    change, more = stats.judge(one.deciding, one.delta, confirmed=confirmed, final=one.wall.blocks >= max(stats.LOOKS))
    if alone.alarm is not None and confirmed is None:
        change = Change.UNDECIDED  # two sessions that disagree can speak neither for a change nor for none
    return BenchRow(
        side=one.question.side,
        metric=one.question.metric,
        change=change,
        wall=one.wall,
        cpu=one.cpu,
        decided_by="cpu" if one.by_cpu else "wall",
        adjusted_p=adjusted,
        delta=one.delta,
        noise=one.noise,
        detectable=min(stats.detectable(one.deciding.spread, one.wall.blocks), 1e9),
        reference=one.question.reference,
        value=one.question.value,
        unit="B" if one.question.metric == "memory" else "s",
        more=more,
        confirmed=said,
    )


def _confirmed(
    alone: WeighedMetric, one: WeighedMetric, again: WeighedMetric | None, adjusted: float
) -> tuple[Change | None, str]:
    """The change that two sessions agree on, and what is said of the second one."""
    if alone.alarm is None:
        return None, ""
    if again is None:
        return None, "an alarm that no second session has confirmed"
    ratio = f"the second session saw x{again.deciding.ratio:.3g}"
    same_way = math.log(again.deciding.ratio) * math.log(alone.deciding.ratio) > 0
    beyond = again.deciding.p <= stats.ALPHA  # it is looked at once, so it need not share what may be spent
    alpha = stats.alpha_at(alone.wall.blocks)
    change = stats.alarm(one.deciding, one.delta, alpha, p=adjusted)
    if same_way and beyond and change is alone.alarm:
        return change, ratio
    return None, f"an alarm that was not confirmed: {ratio}"


def side(name: str, saver: str, digest: str, outcome: str, blocks: Sequence[Block], reference: str) -> BenchSide:
    """What is said of one side alone, over all its processes."""
    asked = _question(blocks, reference, name, "infer")
    parts = [(block, one) for block in blocks for one in block.sides if one.side == name]
    infer = [tuple(one for one in found.samples if one.metric == "infer") for _, found in parts]
    told = [one for one in infer if len(one) > 1]
    stopped = tuple(f"session {b.session}, block {b.number}: {found.stopped}" for b, found in parts if found.stopped)
    return BenchSide(
        side=name,
        saver=saver,
        digest=digest,
        outcome=outcome,
        loops=dict(parts[-1][1].loops) if parts else {},
        peak=max((found.peak for _, found in parts), default=0),
        growth=statistics.median([stats.growth(one) for one in told]) if told else 0.0,
        threads=statistics.median([stats.left_threads(one) for one in told]) if told else 0.0,
        leak=stats.leak(told),
        creep=stats.creep([[math.exp(one) for one in block] for block in asked.wall]) if asked else 1.0,
        stopped=stopped,
    )
