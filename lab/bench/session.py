"""What one benchmark is asked and what it knows while it runs; opening one, and how much of the machine it takes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.bench import block_files, weigh
from lab.bench.block import BlockSettings
from lab.bench.blocks import MeasuredBlocks, awake
from lab.bench.sides import TimedSide, label_of, timed_side
from lab.engine.protocol import Image
from lab.errors import InfraError, UsageError
from lab.machine import host
from lab.model import Kind, Run, TrialResult
from lab.model.bench import Block
from lab.run.ownership import owned
from lab.run.plan import Planned
from lab.run.trial import RunContext
from lab.run.workflow import measurable
from lab.storage.store import Store

SPARE = 1 << 30
CONTROL_EVERY = 6


@dataclass(frozen=True, kw_only=True)
class BenchRequest:
    """One benchmark to do; the first of `planned` is the reference. `blocks` 0 lets the budget (seconds) decide.

    `earlier` is a run whose blocks are gone on with; `seed` decides every order and every bootstrap. `given` lays a model
    that was given as files where a saver would have left its own, before anything is loaded.
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
    given: Callable[[RunContext], object] | None = None


@dataclass(frozen=True, kw_only=True)
class BenchSession:
    """One benchmark at work: what is asked, and the blocks so far."""

    request: BenchRequest
    measured: MeasuredBlocks

    @property
    def reference(self) -> str:
        """The side that all others are compared with."""
        return self.measured.reference

    @property
    def route(self) -> str:
        """How every side opens its model: times of two routes are never compared."""
        return self.measured.sides[0].trial.route

    @property
    def threads(self) -> int:
        """How many threads every side may use."""
        return self.measured.sides[0].trial.loader.settings.threads

    def weighed(self, blocks: Sequence[Block]) -> list[weigh.WeighedMetric]:
        """The rows that these blocks give, estimated but not judged."""
        names = [label_of(one) for one in self.request.planned]
        steal = 0.0 if self.measured.waits else max((one.steal for one in blocks), default=0.0)
        found = weigh.questions(blocks, self.reference, names, self.request.manner.metrics)
        return [weigh.weigh(one, self.request.seed, steal) for one in found]


def opened(request: BenchRequest, context: RunContext, run: Run) -> BenchSession:
    """The sides that work, with their images; UsageError where there is nothing to compare."""
    sides = []
    for planned, result in zip(request.planned, run.trials, strict=True):
        trial = planned.trial
        image = context.images[trial.loader.environment.key] if trial is not None else None
        if trial is not None and isinstance(image, Image) and measurable(planned, result):
            sides.append(timed_side(label_of(planned), trial, image, context))
    _check(request, run, sides)
    home = context.folder / "bench"
    earlier, notes = _earlier(request, context.runner.store, home)
    measured = MeasuredBlocks(
        runner=context.runner, home=home, sides=tuple(sides), settings=request.manner, seed=request.seed,
        control_every=CONTROL_EVERY, blocks=earlier, notes=notes,
    )  # fmt: skip
    return BenchSession(request=request, measured=measured)


def _check(request: BenchRequest, run: Run, sides: Sequence[TimedSide]) -> None:
    reference = label_of(request.planned[0])
    if not sides or sides[0].label != reference:
        said = _short(run.trials[0])
        if (
            run.trials[0].outcome.kind is Kind.INFRA_ERROR
        ):  # what another try may mend is no reason for another reference
            raise InfraError(f"the reference {reference} could not be tested: {said}", "lab doctor")
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
        if not measurable(planned, result):
            why = "does not work" if result.outcome.kind.tested else "could not be tested"
            said.append(f"not timed, because it {why}: {_short(result)}")
        elif not result.outcome.ok:
            said.append(f"timed, but its numbers differ from its saver's: {_short(result)}")
    return tuple(said)


def _earlier(request: BenchRequest, kept: Store, home: Path) -> tuple[list[Block], list[str]]:
    """The first session's blocks of the run that is gone on with, copied into this one; and a note on those that are damaged.

    UsageError while that run measures.
    """
    if not request.earlier:
        return [], []
    folder = kept.folder(request.earlier)
    with owned(folder):
        known = [one for one in block_files.blocks(folder / "bench") if one.session == 1 and awake(one)]
        wrong = block_files.damage(folder / "bench")
    for block in known:
        block_files.append(home, block)
    return known, [f"measured again: {wrong}"] if wrong else []


def cores(threads: int) -> str:
    """The cores to measure on: the last ones, so that the lab itself and the system's own work keep the first."""
    mine = sorted(os.sched_getaffinity(0))
    return ",".join(str(one) for one in mine[-threads:])


def memory_cap(sides: int, limit: int) -> int:
    """Bytes one side may reach before it is stopped: below its limit, and so that all sides fit into this machine."""
    share = max(SPARE, (host.available() - SPARE) // max(1, sides))
    return int(min(limit * 0.75, share))
