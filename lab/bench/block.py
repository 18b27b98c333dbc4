"""One block: a fresh container a side, one working at a time, and who goes first drawn anew for every round."""

import contextlib
import math
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.bench.sides import TimedSide
from lab.bench.weigh import COLD
from lab.bench.worker import BlockWorker
from lab.machine import noise, timing_lock
from lab.model import Kind, Step
from lab.model.bench import Block, Sample, SideBlock
from lab.run.order import StepOrder, Turns
from lab.run.step import Runner
from lab.run.trial import slug

WARM = ("infer", "load")
TWIN = " (again)"
LONGEST = 2_000
LONG_VALUE_S = 2.0
# Equal work for all, unless a side would need this many times the time of the reference for it.
TOO_SLOW = 3.0


@dataclass(frozen=True, kw_only=True)
class BlockSettings:
    """How every block of a benchmark is measured; `value_s` is how long one value of the reference should take.

    A side that gives no value `within_s` seconds is ended; `threads` bounds those it may leave behind (3.0.0 leaves five
    with each call, and hangs where it may have no more). `least_calls` is how many calls a value has at least.
    """

    metrics: tuple[str, ...]
    pairs: int = 8
    value_s: float = 0.1
    wall_s: float = 900.0
    within_s: float = 45.0
    least_calls: int = 1
    memory_cap: int = 3 << 30
    cpuset: str = ""
    threads: int = 16_384

    @property
    def cold(self) -> tuple[str, ...]:
        """The metrics that are the time of a start, which nothing else may disturb."""
        return tuple(one for one in self.metrics if one in COLD)

    @property
    def warm(self) -> tuple[str, ...]:
        """The metrics measured in turns by processes that stay alive."""
        return tuple(one for one in WARM if one in self.metrics)


@dataclass(kw_only=True)
class FrozenLoops:
    """Loops by side and metric: calibrated once, in the first block a side is ready in, then the same to the end."""

    loops: dict[str, dict[str, int]] = field(default_factory=dict)

    def learn(self, reference: str, ready: Mapping[str, Mapping[str, float]], value_s: float, least: int = 1) -> None:
        """Take single-call seconds; a side keeps the loops of the reference unless they would take far too long.

        A value has `least` calls or more, unless these would take longer than LONG_VALUE_S.
        """
        for side in (reference, *ready):
            for metric, call in ready.get(side, {}).items():
                fewest = min(least, math.ceil(LONG_VALUE_S / max(call, 1e-9)))
                own = max(1, fewest, min(LONGEST, math.ceil(value_s / max(call, 1e-9))))
                shared = self.loops.get(reference, {}).get(metric, own)
                chosen = shared if shared * call <= TOO_SLOW * value_s else own
                self.loops.setdefault(side, {}).setdefault(metric, chosen)

    def of(self, side: str, metric: str) -> int:
        """How many calls make one value of this side."""
        return self.loops.get(side, {}).get(metric, 1)


@dataclass(frozen=True, kw_only=True)
class BlockDraw:
    """What decides one block: where it stands, its seed, and whether the reference also runs against itself."""

    session: int
    number: int
    seed: int
    control: bool


def run_block(
    runner: Runner,
    sides: Sequence[TimedSide],
    manner: BlockSettings,
    frozen: FrozenLoops,
    draw: BlockDraw,
    folder: Path,
) -> Block:
    """Measure one block; the first side is the reference. A side that ends early costs only its own later values."""
    chance = random.Random(f"{draw.seed}/{draw.session}/{draw.number}")  # noqa: S311 - an order, not a secret
    workers = [BlockWorker(one.label, _order(one, manner), one.image, folder / slug(one.label)) for one in sides]
    if draw.control:
        name = sides[0].label
        again = folder / f"{slug(name)}-again"
        workers.append(BlockWorker(name, _order(sides[0], manner), sides[0].image, again, twin=True))
    chance.shuffle(workers)
    threads = ThreadPoolExecutor(max_workers=len(workers))
    with timing_lock.alone(), aside(manner.cpuset), _pipes(workers), threads as pool:
        start, before, slept = time.monotonic(), noise.cpu_times(), noise.asleep()
        try:
            measured = _measured(workers, sides[0].label, runner, pool, manner, frozen, chance)
            for one in workers:
                one.let_go()  # all at once: their ends need not wait for each other
            ended = {id(one): one.end() for one in workers}
        except BaseException:
            runner.engine.stop(runner.run_id)
            raise
    digests = {one.label: one.digest for one in sides}
    told = [_closed(one, measured[id(one)], ended[id(one)], frozen, digests) for one in workers]
    return Block(
        session=draw.session,
        number=draw.number,
        seed=draw.seed,
        order=tuple(_name(one) for one in workers),
        sides=tuple(told),
        seconds=round(time.monotonic() - start, 3),
        steal=round(noise.steal(before, noise.cpu_times()), 5),
        slept=round(max(0.0, noise.asleep() - slept), 3),
    )


@contextlib.contextmanager
def _pipes(workers: Sequence[BlockWorker]) -> Iterator[None]:
    """Leave no pipe behind, whatever happens."""
    try:
        yield
    finally:
        for one in workers:
            one.close()


@contextlib.contextmanager
def aside(cpuset: str) -> Iterator[None]:
    """Keep the lab itself off the cores it measures on, where there are others."""
    mine = os.sched_getaffinity(0)
    others = mine - {int(one) for one in cpuset.split(",") if one}
    os.sched_setaffinity(0, others or mine)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def _name(worker: BlockWorker) -> str:
    return worker.side + (TWIN if worker.twin else "")


def _order(side: TimedSide, manner: BlockSettings) -> StepOrder:
    place = side.trial.loader
    limits = replace(place.settings.limits, wall_s=manner.wall_s, silent_s=manner.wall_s, pids=manner.threads)
    place = replace(place, settings=replace(place.settings, limits=limits))
    return StepOrder(
        mode="bench",
        key="",
        scenario=side.trial.scenario,
        place=place,
        route=side.trial.route,
        saved=side.saved,
        turns=Turns(metrics=manner.warm or ("infer",), memory_cap=manner.memory_cap, patience_s=manner.wall_s),
        cpuset=manner.cpuset,
    )


def _measured(
    workers: Sequence[BlockWorker],
    reference: str,
    runner: Runner,
    pool: ThreadPoolExecutor,
    manner: BlockSettings,
    frozen: FrozenLoops,
    chance: random.Random,
) -> dict[int, SideBlock]:
    """Start the sides, then let them take turns.

    They start one after the other where a start is measured, or where calls have yet to be calibrated; else all at once.
    """
    found = {id(one): SideBlock(side=one.side, twin=one.twin) for one in workers}
    calls: dict[str, Mapping[str, float]] = {}
    alive = []
    together = not manner.cold and all(one.side in frozen.loops for one in workers)
    for worker in workers if together else ():
        worker.start(runner, pool)
    for worker in workers:
        if not together:
            worker.start(runner, pool)
        ready = worker.ready()
        if ready is None:
            continue
        alive.append(worker)
        calls.setdefault(worker.side, _numbers(ready.get("calls")))
        found[id(worker)] = replace(found[id(worker)], cold=_cold(ready.get("cold")))
    frozen.learn(reference, calls, manner.value_s, manner.least_calls)
    for metric in manner.warm:
        for pair in range(manner.pairs):
            chance.shuffle(alive)
            for place, worker in enumerate(list(alive)):
                found[id(worker)] = _turn(worker, found[id(worker)], metric, pair, place, frozen, manner.within_s)
                if found[id(worker)].stopped:
                    alive.remove(worker)
    return found


def _turn(
    worker: BlockWorker, so_far: SideBlock, metric: str, pair: int, place: int, frozen: FrozenLoops, within_s: float
) -> SideBlock:
    """One value of one side, or why there is none any more."""
    start = time.monotonic()
    answer = worker.ask(metric, frozen.of(worker.side, metric), within_s)
    if answer is None:
        hung = time.monotonic() - start >= within_s
        how = f"hung (no value within {within_s:.0f} s)" if hung else "ended"
        return replace(so_far, stopped=f"{how} in round {pair + 1} of {metric}")
    if answer.get("refused"):
        return replace(so_far, stopped=f"stopped at the memory cap in round {pair + 1} of {metric}")
    read = _numbers(answer)
    wall, cpu = read.get("wall", 0.0), read.get("cpu", 0.0)
    if wall <= 0 or cpu < 0:
        return replace(so_far, stopped=f"gave a time of {wall} s in round {pair + 1} of {metric}: its clock went back")
    sample = Sample(
        metric=metric, pair=pair, order=place, wall=wall, cpu=cpu,
        rss=int(max(0, read.get("rss", 0))), calls=int(max(0, read.get("calls", 0))),
        threads=int(max(0, read.get("threads", 0))),
    )  # fmt: skip
    return replace(so_far, samples=(*so_far.samples, sample))


def _closed(
    worker: BlockWorker, found: SideBlock, step: Step, frozen: FrozenLoops, digests: Mapping[str, str]
) -> SideBlock:
    """The side's block with how its container ended."""
    stopped = found.stopped
    if step.outcome.kind is not Kind.OK:
        outcome = step.outcome
        said = f"{outcome.kind.value} in {outcome.phase.value}: {outcome.type or outcome.reason} {outcome.message}"
        stopped = f"{stopped} ({said[:300].strip()})" if stopped else said[:300].strip()
    return replace(
        found,
        stopped=stopped,
        peak=step.facts.peak_memory,
        digest=digests[worker.side],
        loops=dict(frozen.loops.get(worker.side, {})),
    )


def _numbers(value: object) -> dict[str, float]:
    """The plain finite numbers of a side's answer, which is hostile data."""
    if not isinstance(value, dict):
        return {}
    return {
        str(name): float(one)
        for name, one in value.items()
        if isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
    }


def _cold(value: object) -> dict[str, float]:
    """Seconds of what happens once in a process, under the names of the report."""
    names = {"import": "import", "load": "first_load", "infer": "first"}
    if not isinstance(value, dict):
        return {}
    read = {new: _numbers(value.get(old)).get("wall", 0.0) for old, new in names.items()}
    return {name: seconds for name, seconds in read.items() if seconds > 0}
