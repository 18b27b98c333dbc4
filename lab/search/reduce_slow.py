"""What is slow, seen before a reduction and after it: in fresh processes of both places, in two sessions."""

import shutil
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.bench import BlockSettings, block_files, cores, memory_cap
from lab.bench.blocks import MeasuredBlocks, awake
from lab.bench.sides import TimedSide
from lab.check import sample_inputs
from lab.cut.body import NET
from lab.errors import EndsWrongError, InconclusiveError
from lab.formats.names import end_of
from lab.model import Step, Trial
from lab.model.reduction import Reduced, SlowSeen
from lab.model.search import ProbeVerdict, Symptom
from lab.run import candidates
from lab.run.candidates import CandidateModel
from lab.run.events import Event, Told
from lab.run.session import RunSession
from lab.run.trial import RunContext
from lab.search.measured_sides import looked
from lab.search.reduce_request import CutSide, ReduceRequest
from lab.search.symptoms import NOISY, label
from lab.search.weigh import ComparisonRule, MeasuredVerdict
from lab.storage import cleared

WHOLE, LEFT = "whole", "left"
HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class SlowPair:
    """Both places with the way in which the model is slow, and what was measured of the whole."""

    good: CutSide
    bad: CutSide
    seen: MeasuredVerdict

    def share(self, symptom: Symptom) -> float:
        """How much longer a part must take: half of what the whole takes too long, and never less than was asked for."""
        return max(symptom.share, (self.seen.reading.ratio - 1) * HALF)


@dataclass(kw_only=True)
class SlowMeter:
    """What measures models of one reduction; nothing else of it may work meanwhile, its starts neither."""

    request: ReduceRequest
    symptom: Symptom
    held: RunSession
    context: RunContext
    notes: list[str] = field(default_factory=list)

    def pairs(self) -> list[tuple[CutSide, CutSide]]:
        """Both places by each way: times of two ways are never compared."""
        request = self.request
        sides = [(request.side(request.good, one.route, request.good_env), one) for one in request.failing]
        found = [(good, bad) for good, bad in sides if good.label != bad.label]
        if not found:
            raise EndsWrongError(
                f"{request.good} and {request.bad} are the same place with the same settings",
                "name two releases: --good RELEASE --bad RELEASE; or what is set in the bad one: --flag NAME=VALUE",
            )
        return found

    def whole(self) -> Generator[Event, None, SlowPair]:
        """The first way in which the whole model is slow; EndsWrongError where there is none, InconclusiveError where nobody can tell."""
        home, said, doubtful = self._laid_out(), [], False
        for good, bad in self.pairs():
            seen = yield from self.measured(home, WHOLE, good, bad)
            said.append(f"{bad.label}: {seen.seen.why}")
            yield Told(text=said[-1])
            if seen.seen.sort is ProbeVerdict.BAD:
                return SlowPair(good=good, bad=bad, seen=seen)
            doubtful = doubtful or seen.seen.sort is ProbeVerdict.UNDECIDED
        if doubtful:
            raise InconclusiveError(f"whether it is slower could not be decided: {'; '.join(said)}", NOISY)
        raise EndsWrongError(
            f"the whole model is not {label(self.symptom)}: {'; '.join(said)}",
            "name where it is slow: --bad RELEASE --route WAY, and where it is not: --good RELEASE",
        )

    def left(self, found: Reduced, pair: SlowPair, rounds: int) -> Generator[Event, None, Reduced]:
        """The answer with what fresh processes say of the model that is left."""
        seen = yield from self.measured(self.held.folder / LEFT, LEFT, pair.good, pair.bad)
        slow = seen.seen.sort is ProbeVerdict.BAD
        yield Told(text=f"what is left: {seen.seen.why}")
        told = SlowSeen(
            whole=pair.seen.reading, left=seen.reading, share=pair.share(self.symptom), rounds=rounds, certain=slow
        )
        return replace(found, slow=told, confirmed=found.asked if slow else 0, notes=(*found.notes, *self.notes))

    def measured(self, model: Path, name: str, good: CutSide, bad: CutSide) -> Generator[Event, None, MeasuredVerdict]:
        """One model in both places, in blocks: at each look more, and what is slow in two sessions."""
        home = self.held.folder / "perf" / f"{name}-{bad.route}"
        sides = tuple(self._side(one, CandidateModel(name=name, folder=model), home) for one in (good, bad))
        limits = good.place.settings.limits
        settings = BlockSettings(
            metrics=(self.symptom.metric,), cpuset=cores(self.request.threads),
            memory_cap=memory_cap(len(sides) + 1, limits.memory),
        )  # fmt: skip
        kept = block_files.blocks(home) if (home / block_files.BLOCKS).is_file() else ()
        blocks = MeasuredBlocks(
            runner=self.held.runner(), home=home, sides=sides, settings=settings, seed=self.request.seed,
            blocks=[one for one in kept if awake(one)], notes=self.notes,
        )  # fmt: skip
        rule = ComparisonRule(symptom=self.symptom, seed=self.request.seed, waits=blocks.waits)
        return (yield from looked(blocks, bad.label, rule))

    def _side(self, side: CutSide, model: CandidateModel, home: Path) -> TimedSide:
        image = self.context.images[side.place.environment.key]
        if isinstance(image, Step):
            raise EndsWrongError(f"{side.label} has no image: {image.outcome.message}", "lab images build says more")
        about = candidates.as_scenario(home)
        trial = Trial(scenario=about, saver=side.place, loader=side.place, route=side.route)
        saved = home / "saved"
        if not saved.is_dir():
            candidates.as_saved(model, saved)
        return TimedSide(
            label=side.label, trial=trial, image=image, digest=self.context.digest(side.place), saved=saved
        )  # fmt: skip

    def _laid_out(self) -> Path:
        """The user's own model with its inputs, as a candidate lies."""
        home = self.held.folder / WHOLE
        cleared.remove(home)
        sample_inputs.keep(dict(self.request.material.inputs), home, candidates.INPUTS)
        for path in self.request.given.paths:  # never a link: whoever the container runs as must be able to read it
            shutil.copyfile(path, home / f"{NET}{end_of(path.name)}")
        return home
