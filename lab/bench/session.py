"""What one benchmark is asked and what it knows while it runs; opening one, and how much of the machine it takes."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.bench import block_files, weigh
from lab.bench.block import BlockSettings, FrozenLoops
from lab.bench.sides import TimedSide, label_of
from lab.engine.protocol import Image
from lab.errors import UsageError
from lab.machine import host
from lab.model import Block, Run, TrialResult
from lab.run import workflow
from lab.run.guest_files import guest_digest
from lab.run.plan import Planned, environments
from lab.run.step import Runner
from lab.run.trial import slug
from lab.run.workflow import Laboratory

SPARE = 1 << 30


@dataclass(frozen=True, kw_only=True)
class BenchRequest:
    """One benchmark to do; the first of `planned` is the reference. `blocks` 0 lets the budget (seconds) decide.

    `earlier` is a run whose blocks are gone on with; `seed` decides every order and every bootstrap.
    """

    name: str
    command: str
    planned: tuple[Planned, ...]
    scenario_sha256: str
    manner: BlockSettings
    seed: int
    budget_s: float = 180.0
    blocks: int = 0
    earlier: str = ""


@dataclass(kw_only=True)
class BenchSession:
    """What one benchmark knows while it runs."""

    request: BenchRequest
    runner: Runner
    home: Path
    frozen: FrozenLoops
    started: float
    sides: list[TimedSide]
    blocks: list[Block]
    notes: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """The side that all others are compared with."""
        return label_of(self.request.planned[0])

    @property
    def route(self) -> str:
        """How every side opens its model: times of two routes are never compared."""
        trial = self.request.planned[0].trial
        return trial.route if trial is not None else "own"

    @property
    def threads(self) -> int:
        """How many threads every side may use."""
        return self.sides[0].trial.loader.settings.threads

    def of(self, session: int) -> list[Block]:
        """The blocks of one session."""
        return [one for one in self.blocks if one.session == session]

    def weighed(self, blocks: Sequence[Block]) -> list[weigh.WeighedMetric]:
        """The rows that these blocks give, estimated but not judged."""
        names = [label_of(one) for one in self.request.planned]
        waits = any(one.trial.loader.environment.device.gpu for one in self.sides)  # on a GPU CPU time is only waiting
        steal = 0.0 if waits else max((one.steal for one in blocks), default=0.0)
        found = weigh.questions(blocks, self.reference, names, self.request.manner.metrics)
        return [weigh.weigh(one, self.request.seed, steal) for one in found]


def opened(request: BenchRequest, laboratory: Laboratory, run: Run) -> BenchSession:
    """The sides that work, with their images; UsageError where there is nothing to compare."""
    folder = laboratory.store.folder(run.id)
    recipes = {key: laboratory.preparer.recipe(one) for key, one in environments(request.planned).items()}
    images = {key: laboratory.engine.image(recipe) for key, recipe in recipes.items()}
    runner = Runner(engine=laboratory.engine, store=laboratory.store, run_id=run.id, guest_sha256=guest_digest())
    sides = []
    for planned, result in zip(request.planned, run.trials, strict=True):
        trial = planned.trial
        image = images.get(trial.loader.environment.key) if trial is not None else None
        if trial is None or not isinstance(image, Image) or not workflow.measurable(planned, result):
            continue
        saved = folder / "saves" / slug(trial.saver.label) / "out"
        digest = recipes[trial.loader.environment.key].digest
        sides.append(TimedSide(label=label_of(planned), trial=trial, image=image, digest=digest, saved=saved))
    _check(request, run, sides)
    home = folder / "bench"
    earlier = _earlier(request, laboratory, home)
    frozen = FrozenLoops(loops={one.side: dict(one.loops) for block in earlier for one in block.sides if one.loops})
    return BenchSession(
        request=request, runner=runner, home=home, frozen=frozen, started=time.monotonic(), sides=sides,
        blocks=list(earlier),
    )  # fmt: skip


def _check(request: BenchRequest, run: Run, sides: Sequence[TimedSide]) -> None:
    reference = label_of(request.planned[0])
    if not sides or sides[0].label != reference:
        said = _short(run.trials[0])
        raise UsageError(f"the reference {reference} cannot be timed: {said}", "name another one: --against RELEASE")
    if len(sides) < 2:  # noqa: PLR2004 - a comparison needs two
        said = "; ".join(_short(one) for one in run.trials[1:])
        raise UsageError(f"nothing is left to compare with {reference}: {said}", "see lab runs show for the failures")


def _short(result: TrialResult) -> str:
    outcome = result.outcome
    return f"{result.label}: {outcome.kind.value} in {outcome.phase.value} {outcome.type}".strip()


def left_out(request: BenchRequest, run: Run) -> tuple[str, ...]:
    """One sentence for every side that is not timed, or whose numbers are not those of its saver."""
    said = []
    for planned, result in zip(request.planned, run.trials, strict=True):
        if not workflow.measurable(planned, result):
            said.append(f"not timed, because it does not work: {_short(result)}")
        elif not result.outcome.ok:
            said.append(f"timed, but its numbers differ from its saver's: {_short(result)}")
    return tuple(said)


def _earlier(request: BenchRequest, laboratory: Laboratory, home: Path) -> tuple[Block, ...]:
    """The first session's blocks of the run that is gone on with, copied into this one."""
    if not request.earlier:
        return ()
    known = tuple(
        one for one in block_files.blocks(laboratory.store.folder(request.earlier) / "bench") if one.session == 1
    )
    for block in known:
        block_files.append(home, block)
    return known


def cores(threads: int) -> str:
    """The cores to measure on: the last ones, so that the lab itself and the system's own work keep the first."""
    mine = sorted(os.sched_getaffinity(0))
    return ",".join(str(one) for one in mine[-threads:])


def memory_cap(sides: int, limit: int) -> int:
    """Bytes one side may reach before it is stopped: below its limit, and so that all sides fit into this machine."""
    share = max(SPARE, (host.available() - SPARE) // max(1, sides))
    return int(min(limit * 0.75, share))
