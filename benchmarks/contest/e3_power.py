"""E3: slow-downs of known size, injected as busy waiting inside the timed call: how often they are found at which cost.

One long session records all sides side by side. A budget buys as many two-sided blocks as it can pay for at the measured price; windows
of so many consecutive blocks (going round at the end) are judged as the product would, the blocks after them being the second session.
The wait is a share of each call's own time, but a core that waits comes back with colder caches: the whole slow-down that was measured
is printed, and beside it how often the same rule finds the 0 % side with its values scaled by exactly that share.
Windows overlap: what is printed is a rate over windows, with the number of windows that share no block beside it.
"""

import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from asv_side import judge_recorded
from place import CALM, METRICS, Recorder, Row, Setting, keep
from rules import Pair, pooled, pyperf_says, randomisation_says

from lab import stats
from lab.bench import weigh
from lab.model.bench import Block, Change, SideBlock

RELEASE = "3.0.0"
SHARES = (0.0, 0.03, 0.05, 0.10, 0.20)
BUDGETS = (60, 120, 300)
TARGETS = {(120, 0.10): 0.80, (60, 0.20): 1.0, (120, 0.20): 1.0, (300, 0.20): 1.0, (300, 0.05): 0.50}
SECOND = 12


@dataclass(frozen=True, kw_only=True)
class Window:
    """One simulated benchmark of two sides: what its first session alarmed and what survived the second, by metric."""

    alarmed: frozenset[str]
    confirmed: frozenset[str]
    blocks: int


def run(setting: Setting) -> Iterator[Row]:
    """Record, price, and judge every window by each rule."""
    wanted = 12 if setting.quick else 36
    names = [RELEASE, *(f"{RELEASE}+LAB_SLOWER={share}" for share in _shares(setting))]
    recorder = Recorder(setting=setting, folder=setting.folder("e3/all")).open(names, CALM, seed=300)
    blocks = recorder.blocks(wanted)
    pair = Recorder(setting=setting, folder=setting.folder("e3/pair")).open(
        [RELEASE, f"{RELEASE}+LAB_SLOWER=0.1"], CALM, seed=303
    )
    price = sum(one.seconds for one in pair.blocks(2)) / 2
    seconds = sum(one.seconds for one in blocks)
    if setting.record:
        yield Row(experiment="E3", question="recording", tool="lab", answer=f"{len(blocks)} blocks", seconds=seconds)
        return
    for budget in BUDGETS:
        count = stats.last_look(int(budget / price))
        if count and count + min(SECOND, count) <= len(blocks):
            yield from _at(setting, blocks, budget, count, price, seconds)
            seconds = 0.0
        else:
            yield Row(
                experiment="E3",
                question=f"budget {budget} s",
                tool="lab bench",
                answer=f"not enough blocks recorded ({len(blocks)}) or too small a budget for one look ({price:.1f} s a block)",
            )


def _shares(setting: Setting) -> tuple[float, ...]:
    return (0.0, 0.20) if setting.quick else SHARES


def _side(blocks: Sequence[Block], share: float) -> str:
    return next(one.side for one in blocks[0].sides if one.side.endswith(f"LAB_SLOWER={share}"))


def _at(
    setting: Setting, blocks: Sequence[Block], budget: int, count: int, price: float, seconds: float
) -> Iterator[Row]:
    raw: dict[str, object] = {}
    for share in _shares(setting):
        name = _side(blocks, share)
        windows = _windows(blocks, count, name)
        exact = _rate([one.confirmed for one in _windows(_scaled(blocks, share), count, _side(blocks, 0.0))])
        first = _rate([one.alarmed for one in windows])
        found = _rate([one.confirmed for one in windows])
        others = _others(
            setting, [_part(blocks, first, count) for first in range(len(blocks))], _reference(blocks), name
        )
        ratio = _measured(blocks, name)
        raw[str(share)] = {"ratio": ratio, "first": first, "confirmed": found, "exact": exact, **others}
        target = TARGETS.get((budget, share))
        told = f"{found:.0%} confirmed ({first:.0%} alarmed in the first session; measured {ratio - 1:+.1%}); values scaled by exactly {share:.0%}: {exact:.0%} confirmed"
        rest = "; ".join(f"{rule} {rate:.0%}" for rule, rate in others.items())
        yield Row(
            experiment="E3", question=f"+{share:.0%} at {budget} s ({count} blocks of {price:.1f} s)", tool="lab bench",
            answer=f"{told}; on the same values: {rest}; {len(blocks)} windows x {len(METRICS)} metrics, "
            f"{len(blocks) // count} windows share no block",
            target="" if target is None else f"at least {target:.0%}", met=None if target is None else found >= target,
            seconds=seconds,
        )  # fmt: skip
        seconds = 0.0
    keep(setting.folder("e3") / f"budget-{budget}.json", {"blocks": count, "price_s": price, "rates": raw})


def _windows(blocks: Sequence[Block], count: int, name: str) -> list[Window]:
    """One window from every block on, on all cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(partial(_window, blocks, count=count, name=name), range(len(blocks))))


def _scaled(blocks: Sequence[Block], share: float) -> list[Block]:
    """The same blocks with every time of the 0 % side multiplied: an effect of known size on real noise."""
    name = _side(blocks, 0.0)

    def grown(side: SideBlock) -> SideBlock:
        samples = tuple(replace(one, wall=one.wall * (1 + share), cpu=one.cpu * (1 + share)) for one in side.samples)
        return replace(side, samples=samples) if side.side == name else side

    return [replace(block, sides=tuple(grown(one) for one in block.sides)) for block in blocks]


def _measured(blocks: Sequence[Block], name: str) -> float:
    """The ratio of a side to the reference over the whole session, the median of both metrics."""
    return statistics.median(row.wall.ratio for row in _weighed(blocks, _reference(blocks), name))


def _rate(found: Sequence[frozenset[str]]) -> float:
    return sum(len(one) for one in found) / (len(found) * len(METRICS))


def _part(blocks: Sequence[Block], first: int, count: int) -> list[Block]:
    return [blocks[(first + step) % len(blocks)] for step in range(count)]


def _reference(blocks: Sequence[Block]) -> str:
    return next(one.side for one in blocks[0].sides if "LAB_SLOWER" not in one.side)


def _window(blocks: Sequence[Block], first: int, *, count: int, name: str) -> Window:
    """Looks as the product looks, up to `count` blocks; alarms must survive the blocks that follow."""
    reference = _reference(blocks)
    alone: list[weigh.WeighedMetric] = []
    for look in (one for one in stats.LOOKS if one <= count):
        mine = _part(blocks, first, look)
        alone = _weighed(mine, reference, name)
        if not weigh.undecided(alone):
            break
    used = len(mine)
    keys = {_key(row) for row in alone if row.alarm is not None}
    second = [replace(one, session=2) for one in _part(blocks, first + used, min(SECOND, used))]
    again = {_key(row): row for row in _weighed(second, reference, name) if _key(row) in keys} if keys else {}
    both = {_key(row): row for row in _weighed([*mine, *second], reference, name) if _key(row) in keys} if keys else {}
    rows = weigh.rows(alone, again, both)
    return Window(
        alarmed=frozenset(metric for _, metric in keys),
        confirmed=frozenset(row.metric for row in rows if row.change in (Change.SLOWER, Change.FASTER)),
        blocks=used,
    )


def _weighed(blocks: Sequence[Block], reference: str, name: str) -> list[weigh.WeighedMetric]:
    found = weigh.questions(blocks, reference, [reference, name], METRICS)
    return [weigh.weigh(one, 0, max(block.steal for block in blocks)) for one in found]


def _key(row: weigh.WeighedMetric) -> tuple[str, str]:
    return row.question.side, row.question.metric


def _others(setting: Setting, windows: Sequence[Sequence[Block]], reference: str, name: str) -> dict[str, float]:
    """How often the other tools' rules say that there is a change, on the same values of the same windows."""
    pairs: list[Pair] = [pooled(mine, reference, name, metric) for mine in windows for metric in METRICS]
    return {
        "asv's rule": sum(one == "slower" for one in judge_recorded(setting, pairs)) / len(pairs),
        "pyperf's": sum(pyperf_says(one) for one in pairs) / len(pairs),
        "randomisation": sum(randomisation_says(one) for one in pairs) / len(pairs),
    }
