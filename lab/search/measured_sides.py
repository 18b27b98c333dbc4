"""Sides that are measured together: every block is kept under what decided it, so none is ever measured twice."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab import stats
from lab.bench import BlockSettings, block_files, cores, memory_cap
from lab.bench.blocks import MeasuredBlocks, awake, confirming
from lab.bench.sides import TimedSide, timed_side
from lab.errors import InfraError
from lab.model import Step, Trial
from lab.model.bench import Block
from lab.model.search import ProbeVerdict, Symptom
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.run.trial import slug
from lab.search.algorithms import ProbeAnswer
from lab.search.probes import SearchSession
from lab.search.symptoms import kind_of
from lab.search.weigh import ComparisonRule, MeasuredVerdict, itself
from lab.storage import history, store


@dataclass(frozen=True, kw_only=True)
class MeasuredSides:
    """Sides measured in turns inside a search, the first is the reference; nothing is built beside them."""

    session: SearchSession
    measured: MeasuredBlocks

    @property
    def blocks(self) -> list[Block]:
        """Every block so far, of earlier runs too."""
        return self.measured.blocks

    @property
    def reference(self) -> str:
        """The side that the others are compared with."""
        return self.measured.reference

    def upto(self, count: int, *, session: int = 1, only: Sequence[str] = ()) -> Generator[Event]:
        """Measure until there are `count` blocks of a session; ends early where no side is left to compare."""
        yield from self.session.still()
        yield from self.measured.upto(count, session=session, only=only)

    def stopped(self, label: str) -> str:
        """Why a side is measured no more; empty where it may go on."""
        return self.measured.stopped(label)


def measured_sides(
    session: SearchSession,
    sides: Sequence[tuple[str, Planned]],
    symptom: Symptom,
    *,
    seed: int = 0,
    control: bool = False,
) -> MeasuredSides:
    """The sides by name, each of which was tried already, with all blocks of them that any run measured before.

    InfraError for a side whose trial has no image: its trial says why.
    """
    made = tuple(_side(session, name, planned.trial) for name, planned in sides)
    trial, kind = made[0].trial, kind_of(symptom.metric)
    settings = BlockSettings(
        metrics=kind.metrics(symptom), least_calls=kind.least_calls, cpuset=cores(trial.loader.settings.threads),
        memory_cap=memory_cap(len(made) + 1, trial.scenario.limits.memory),
    )  # fmt: skip
    parts = {
        "mode": "blocks", "sides": [(one.label, _key(session, one.trial)) for one in made], "control": control,
        "manner": (
            settings.warm, bool(settings.cold), settings.pairs, settings.value_s, settings.within_s, settings.least_calls,
        ),
        "machine": history.machine(session.held.run.machine),
    }  # fmt: skip
    key, runner = store.key_of(parts), session.held.runner()
    home = session.held.folder / "perf" / slug(f"{'-'.join(one.label for one in made)[:60]}-{key[:8]}")
    measured = MeasuredBlocks(
        runner=runner, home=home, sides=made, settings=settings, seed=seed, control_every=1 if control else 0,
        blocks=_kept(session, key, home), notes=session.notes, remember=lambda: runner.store.remember(key, home),
    )  # fmt: skip
    return MeasuredSides(session=session, measured=measured)


def _side(session: SearchSession, name: str, trial: Trial | None) -> TimedSide:
    if trial is None:
        raise InfraError(f"{name} cannot be measured: it was never tried", "report this as a bug of the lab")
    context = session.context([trial])
    image = context.images[trial.loader.environment.key]
    if isinstance(image, Step):
        raise InfraError(f"{name} has no image: {image.outcome.message}", "lab runs show last")
    return timed_side(name, trial, image, context)


def _key(session: SearchSession, trial: Trial) -> str:
    """What decides a side: the load of its model, with the save it reads."""
    context = session.context([trial])
    saved = context.runner.save_key(trial.scenario, trial.saver, context.digest(trial.saver))
    return context.runner.load_key(trial, context.digest(trial.loader), saved)


def _kept(session: SearchSession, key: str, home: Path) -> list[Block]:
    """The blocks that were measured before, copied into this run; with --fresh only those this run measured itself.

    One during which the machine slept is never taken over: an older lab may have kept it.
    """
    if (home / block_files.BLOCKS).is_file():
        return [one for one in _whole(session, home) if awake(one)]
    where = session.held.laboratory.store.known(key, block_files.BLOCKS)
    if where is None or session.held.request.fresh:
        return []
    found = [one for one in _whole(session, where) if awake(one)]
    for block in found:
        block_files.append(home, block)
    return found


def _whole(session: SearchSession, home: Path) -> tuple[Block, ...]:
    """The blocks that can be read; the others are named and measured again."""
    if wrong := block_files.damage(home):
        session.held.say(Told(text=f"measured again: {wrong}"))
    return block_files.blocks(home)


class MeasuredTogether(Protocol):
    """Sides that are measured together, whoever chose them: the blocks so far, and more of them."""

    @property
    def blocks(self) -> list[Block]:
        """Every block so far."""

    @property
    def reference(self) -> str:
        """The side that the others are compared with."""

    def upto(self, count: int, *, session: int = 1, only: Sequence[str] = ()) -> Generator[Event]:
        """Measure until there are so many blocks of a session."""

    def stopped(self, label: str) -> str:
        """Why a side is measured no more."""


def looked(together: MeasuredTogether, side: str, rule: ComparisonRule) -> Generator[Event, None, MeasuredVerdict]:
    """One side, with more blocks at each look until it is decided; an alarm needs a second session."""
    kind, found = kind_of(rule.symptom.metric), None
    for look in kind.looks:
        yield from together.upto(look, only=(together.reference, side))
        found = kind.finding(rule, together.blocks, together.reference, side)
        if found.alarm is not None and not found.decided:
            yield from together.upto(confirming(look), session=2, only=(together.reference, side))
            found = kind.finding(rule, together.blocks, together.reference, side)
        if found.decided or together.stopped(side) or together.stopped(together.reference):
            break
    return _ended(together, side, found)


def against_itself(together: MeasuredSides, rule: ComparisonRule) -> Generator[Event, None, MeasuredVerdict]:
    """The reference against itself: of this the truth is known."""
    found: MeasuredVerdict | None = None
    twin = itself(together.blocks)
    for look in stats.LOOKS:
        yield from together.upto(look)
        twin = itself(together.blocks)
        name = next((one.side for block in twin for one in block.sides if one.side != together.reference), "")
        found = rule.compared(twin, together.reference, name)
        if found.decided or together.stopped(together.reference):
            break
    return _ended(together, together.reference, found)


def _ended(together: MeasuredTogether, side: str, found: MeasuredVerdict | None) -> MeasuredVerdict:
    """The finding, or that the side could not be measured."""
    if found is None:
        raise InfraError(f"{side} was never measured", "report this as a bug of the lab")
    why = together.stopped(side) or together.stopped(together.reference)
    if why and not found.decided:
        return MeasuredVerdict(
            seen=ProbeAnswer(sort=ProbeVerdict.SKIP, why=f"could not be measured: {why}"), reading=found.reading
        )
    return found
