"""One reduction at work: the failure is made sure of, then everything that it does not need is cut away, and the rest is seen again."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.check.sample_inputs import Arrays
from lab.cut import body, edges
from lab.cut.body import ModelBody
from lab.cut.filling import Array
from lab.errors import EndsWrongError, InconclusiveError
from lab.formats.names import end_of
from lab.model import Outcome
from lab.model.cutting import Anatomy, Slice
from lab.model.reduction import Reduced, Sketch
from lab.model.search import ProbeVerdict
from lab.outcome.verdict import describe
from lab.run.candidates import CandidateModel, CandidateStarts
from lab.run.events import Told
from lab.run.forks import believed
from lab.run.session import RunSession
from lab.search import reduce_blocks
from lab.search.candidate_answers import holds
from lab.search.judge import ANY, Judge
from lab.search.reduce_files import handed_out
from lab.search.reduce_request import CutSide, ReduceRequest
from lab.search.reduce_steps import ReduceSteps
from lab.search.reduce_trials import LOG, RecordedValues, ReduceTrials
from lab.storage import cleared
from lab.storage.outbox import GuestFile

# History of the form that `lab reduce --json` prints, and that lies in reduced.json.
# 1 (2026-11): what is left, step by step, with the proof.
# 2 (2026-11): `inner` of an input, which the whole model has between two operators.
SCHEMA = 2
MARKED = 100
"""Values that are recorded in one start of the model."""
PASSING = 32
"""Values that are changed in place later and are recorded all the same."""
SEVERAL = 2
"""Other operators that must fail alike before it is no operator."""
PART_S, TIMES = 10.0, 4
"""How long a part of the model may take: so many times what the whole took, and not less than this."""


@dataclass(kw_only=True)
class ReduceSearch:
    """One reduction inside its run: it is done by one worker, which alone asks."""

    request: ReduceRequest
    held: RunSession
    starts: CandidateStarts
    room: Path
    notes: list[str] = field(default_factory=list)
    alike: int = 0

    def found(self) -> Reduced:
        """The whole search, from the model's files to those of the reduced one."""
        given = self.request.given
        program = next(path for path in given.paths if end_of(path.name) == given.format)
        weights = next((path for path in given.paths if end_of(path.name) == body.PARAMETERS), None)
        with body.taken_apart(program, weights) as opened:
            recorded = RecordedValues(inputs=_by_value(opened.anatomy, self.request.material.inputs))
            trials, seen = self._failing(opened, recorded)
            steps = self._reduced(trials)
            confirmed = self._confirmed(steps.trials, steps.best)
            self.notes += steps.notes
            return self._answer(opened.anatomy, steps, seen, confirmed)

    def say(self, text: str) -> None:
        """Tell something that is passed on by whoever waits."""
        self.held.say(Told(text=text))

    def _failing(self, opened: ModelBody, recorded: RecordedValues) -> tuple[ReduceTrials, Outcome]:
        """The first way that fails, with the first one that answers rightly, each seen as often as every later step."""
        whole = Sketch(kept=tuple(range(len(opened.anatomy.nodes))))
        said: list[str] = []
        alike = True
        for bad in self.request.failing:
            for good in self.request.right(bad):
                trials = self._trials(opened, recorded, good, bad)
                right, wrong = trials.outcomes(whole)
                told = f"bad {bad.label}: {describe(wrong)}; good {good.label}: {describe(right)}"
                said.append(told)
                alike = alike and right.ok and wrong.ok
                self.say(told)
                if not right.ok:
                    continue
                if Judge(words=ANY).seen(wrong).sort in (ProbeVerdict.BAD, ProbeVerdict.OTHER):
                    return trials, self._sure(trials, whole, wrong)
                break
        raise EndsWrongError(
            f"the model does not fail where it was looked for, or nothing answers rightly: {'; '.join(said)}",
            "where every way answers alike and wrongly it is the file: lab check MODEL --expect y.npz --inputs x.npz; else --bad RELEASE --route WAY"
            if alike
            else "name where it fails: --bad RELEASE --route WAY, and where it works: --good RELEASE",
        )

    def _trials(self, opened: ModelBody, recorded: RecordedValues, good: CutSide, bad: CutSide) -> ReduceTrials:
        return ReduceTrials(
            body=opened, recorded=recorded, starts=self.starts, good=good, bad=bad, folder=self.room,
            judge=Judge(words=self.request.signature), alone=Judge(words=self.request.signature), log=self.held.folder / LOG,
        )  # fmt: skip

    def _sure(self, trials: ReduceTrials, whole: Sketch, wrong: Outcome) -> Outcome:
        """The failure that is looked for, as a start of its own shows it; InconclusiveError where it comes and goes.

        How a fork dies may be told in other words than how a start of its own does, so each is held against its like.
        """
        began = time.monotonic()
        trials.look(whole)
        self.starts.seconds = max(PART_S, TIMES * (time.monotonic() - began))
        self._steady(trials, whole, wrong, "the whole model")
        seen = wrong if believed(wrong) else trials.outcomes(whole, alone=True)[1]
        trials.judge = Judge(words=self.request.signature, reference=wrong)
        trials.alone = Judge(words=self.request.signature, reference=seen)
        shown = trials.again(whole, self.request.times) if trials.alone.seen(seen).sort is ProbeVerdict.BAD else 0
        if shown < self.request.times:
            raise InconclusiveError(
                f"the whole model shows {describe(wrong)} by {trials.bad.label} {shown} of {self.request.times} times "
                f"({describe(seen)} in a start of its own): what comes and goes cannot be reduced",
                "look for what makes it come and go: --threads 1, --inputs with fixed numbers; or --signature any",
            )
        return seen

    def _steady(self, trials: ReduceTrials, sketch: Sketch, wrong: Outcome, what: str) -> None:
        """InconclusiveError where numbers are the failure, and those they are held against are other ones each time."""
        if wrong.kind.differs and not trials.steady(sketch):
            raise InconclusiveError(
                f"{what} gives other numbers each time by {trials.good.label}: no other numbers can be called wrong beside them",
                "save the model without what draws numbers, or use locate, which leaves out what differs each time",
            )

    def _reduced(self, trials: ReduceTrials) -> ReduceSteps:
        whole = Sketch(kept=tuple(range(len(trials.body.anatomy.nodes))))
        steps = ReduceSteps(
            trials=trials, say=self.say, times=self.request.times, seed=self.request.seed, best=whole
        )  # fmt: skip
        steps.tail()
        trials.recorded = self._recorded(trials, steps.best)
        steps.head()
        steps.rest()
        reduce_blocks.opened(steps, self._recorded)
        steps.every()
        self.alike = self._alike(steps)
        if not self.request.keep_inputs:
            steps.shapes()
        steps.numbers(inputs=not self.request.keep_inputs)
        steps.names()
        return steps

    def _alike(self, steps: ReduceSteps) -> int:
        """How many other operators, each alone, fail as the whole does, where every one that runs does; else 0.

        Then no operator is to blame, but the file or the way it is opened: a cut of it is a small file, and accuses nobody.
        """
        trials = steps.trials
        whole = Sketch(kept=tuple(range(len(trials.body.anatomy.nodes))), opened=steps.best.opened)
        recorded = trials.recorded
        trials.recorded = self._recorded(trials, whole)
        others = steps.others()
        shown = trials.holds(others)
        trials.recorded = recorded
        ran = [has for one, has in zip(others, shown, strict=True) if not trials.skipped(one)]
        return len(ran) if len(ran) >= SEVERAL and all(ran) else 0

    def _recorded(self, trials: ReduceTrials, best: Sketch) -> RecordedValues:
        """What the good place has between the operators that are left, each value recorded once."""
        anatomy = trials.body.anatomy
        last = edges.lasting(anatomy, best.kept)
        made = [name for name in edges.fetchable(anatomy) if anatomy.maker[name] in best.kept and name in last]
        files: dict[str, tuple[GuestFile, str]] = {}
        batches = [made[at : at + MARKED] for at in range(0, len(made), MARKED)]
        while batches:
            names = batches.pop()
            answer = self._marked(trials, best, names)
            if answer is not None:
                files |= {name: (answer, f"out{place}") for place, name in enumerate(names)}
            elif len(names) > 1:
                half = len(names) // 2
                batches += [names[:half], names[half:]]
        passing = [name for name in edges.passing(anatomy) if anatomy.maker[name] in best.kept][:PASSING]
        seen = {name: one for name, one in zip(passing, self._passed(trials, passing), strict=True) if one is not None}
        self.say(f"{len(files) + len(seen)} of {len(made) + len(passing)} values recorded by {trials.good.label}")
        return replace(trials.recorded, files=files, inputs={**trials.recorded.inputs, **seen})

    def _passed(self, trials: ReduceTrials, names: Sequence[str]) -> list[Array | None]:
        """What the good place has for values that are changed in place later: each is the end of a model of its own."""
        parts: dict[str, Slice] = {}
        for name in names:
            with contextlib.suppress(edges.CannotCutError):
                parts[name] = edges.reaching(trials.body.anatomy, name)
        told = dict(zip(parts, trials.values(list(parts.values())), strict=True)) if parts else {}
        return [told.get(name) for name in names]

    def _marked(self, trials: ReduceTrials, best: Sketch, names: Sequence[str]) -> GuestFile | None:
        """The good place's own values of these names, all as outputs of one model; None where it does not run like that."""
        part = edges.sliced(trials.body.anatomy, best.kept, names)
        made = trials.made(best)
        home = self.room / "marked"
        try:
            trials.write(replace(made, cut=trials.body.cut(part)), home)
            model = CandidateModel(name="marked", folder=home)
            side = trials.good
            (answer,) = self.starts.ask(side.place, side.route, [model])
        finally:
            cleared.remove(home)
        return (
            answer.outputs if answer.outcome.ok and holds(answer, [f"out{one}" for one in range(len(names))]) else None
        )

    def _confirmed(self, trials: ReduceTrials, best: Sketch) -> int:
        """How often the result shows the failure with both places in starts of their own."""
        found = 0
        for _ in range(self.request.times):
            good, bad = trials.outcomes(best, alone=True)
            found += good.ok and trials.alone.seen(bad).sort is ProbeVerdict.BAD
        self.say(f"in starts of their own: the same failure {found} of {self.request.times} times")
        if not found:
            raise InconclusiveError(
                "what was found shows the failure only in a fork, and never in a start of its own "
                f"(bad {trials.bad.label}: {describe(bad)}; good {trials.good.label}: {describe(good)})",
                "the same command again with --fresh; or --signature any",
            )
        self._steady(trials, best, bad, "what is left of the model")
        return found

    def _answer(self, whole: Anatomy, steps: ReduceSteps, seen: Outcome, confirmed: int) -> Reduced:
        trials = steps.trials
        made = trials.made(steps.best)
        anatomy = trials.body.anatomy
        fed = {called: steps.best.inputs[name] for name, called in made.cut.feeds if name in steps.best.inputs}
        _, shown = trials.outcomes(steps.best)
        written = handed_out(self.request, trials, made, fed, shown)
        operators = tuple(anatomy.nodes[one].operator for one in steps.operators)
        return Reduced(
            schema=SCHEMA, run=self.held.run.id, command=self.request.command, model=f"{self.request.given.prefix}{self.request.given.format}",
            good=trials.good.told, bad=trials.bad.told, seen=replace(seen, detail=""),
            operators_before=len(whole.nodes) - len(edges.preparing(whole)), operators=operators, constants=len(made.part.kept) - len(operators),
            along={anatomy.nodes[index].operator: why for index, why in made.part.along.items() if index in steps.operators},
            bytes_before=self.request.given.size, nbytes=written.nbytes, weights=written.weights, inputs=written.inputs,
            steps=tuple(steps.done), candidates=trials.asked, confirmed=confirmed, asked=self.request.times, proof=written.proof,
            folder=str(self.request.out), files=written.files, alike=self.alike, notes=tuple(self.notes),
        )  # fmt: skip


def _by_value(anatomy: Anatomy, inputs: Arrays) -> Arrays:
    """The model's inputs by the names of their values; those of other names in their order."""
    if set(anatomy.feeds.values()) == set(inputs):
        return {value: inputs[name] for value, name in anatomy.feeds.items()}
    if len(anatomy.feeds) != len(inputs):
        raise EndsWrongError(
            f"the model takes {', '.join(anatomy.feeds.values())}, and the inputs are {', '.join(inputs)}",
            "give one array for each input: --inputs x.npz",
        )
    return dict(zip(anatomy.feeds, inputs.values(), strict=True))
