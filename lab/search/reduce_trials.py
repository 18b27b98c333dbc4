"""Smaller models as files, and what each of them does in both places: the one thing a reduction asks of Paddle.

Every answer is written down before it counts, so a reduction that was interrupted takes the same way again without asking.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from lab import documents
from lab.check import sample_inputs
from lab.compare import Outputs
from lab.cut import edges, filling
from lab.cut.body import ModelBody
from lab.cut.filling import Array
from lab.cut.plain import plain
from lab.formats import graph_program
from lab.formats.source import MemorySource
from lab.model import Kind, Outcome
from lab.model.cutting import CutModel, Slice
from lab.model.reduction import Filling, FillKind, Sketch
from lab.model.search import ProbeVerdict
from lab.run.candidates import PLACES, CandidateAnswer, CandidateModel, CandidateStarts
from lab.search.candidate_answers import arrays_of, compared, refuse_lost, says
from lab.search.judge import Judge
from lab.search.reduce_request import CutSide
from lab.storage import cleared, store
from lab.storage.outbox import GuestFile

LOG = "answers.jsonl"
PATIENCE = 8.0
"""How many times longer what seems to hang may take, where no hang is looked for."""


@dataclass(frozen=True, kw_only=True)
class RecordedValues:
    """The values of the whole model in the good place, each read where it lies when it is asked for; the model's inputs among them."""

    inputs: Mapping[str, Array]
    files: Mapping[str, tuple[GuestFile, str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a value is known."""
        return name in self.inputs or name in self.files

    def of(self, name: str) -> Array:
        """One value."""
        if name in self.inputs:
            return self.inputs[name]
        file, output = self.files[name]
        with Outputs(file) as opened:
            one = opened.arrays[output]
            return one.read(0, one.size).reshape(one.shape)


@dataclass(frozen=True, kw_only=True)
class MadeCut:
    """A sketch as a model: what was cut, and the arrays it is fed."""

    part: Slice
    cut: CutModel
    arrays: Mapping[str, Array]
    weights: Mapping[str, Filling]


class _Answered(msgspec.Struct):
    key: str
    verdict: str
    why: str = ""
    tried: bool = True


@dataclass(kw_only=True)
class ReduceTrials:
    """What a reduction asks with: the open model, its values, both sides, what counts as the failure in a fork and `alone`, and what was answered so far.

    `telling` says that the whole model answers something in the good place; then a part that answers nothing but zeros shows nothing.
    """

    body: ModelBody
    recorded: RecordedValues
    starts: CandidateStarts
    good: CutSide
    bad: CutSide
    judge: Judge
    alone: Judge
    folder: Path
    log: Path
    telling: bool = False
    asked: int = 0
    _known: dict[str, _Answered] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Take over what an interrupted search was told."""
        if self.log.is_file():
            told = documents.lines(self.log.read_bytes(), lambda line: documents.json(line, _Answered))
            self._known = {one.key: one for one in told.found}

    @property
    def cheap(self) -> bool:
        """Whether a candidate costs little: none has to hang before it counts."""
        return self.judge.reference is None or self.judge.reference.kind is not Kind.TIMEOUT

    def made(self, sketch: Sketch) -> MadeCut:
        """A sketch as a model; CannotCutError where it is none, or needs a value that nobody recorded."""
        part = edges.sliced(self.body.anatomy, sketch.kept)
        if missing := [one.name for one in part.feeds if not self.recorded.has(one.name)]:
            raise edges.CannotCutError(f"{missing[0]} was not recorded")
        arrays = {one.name: self._array(sketch, one.name) for one in part.feeds}
        shaped = tuple(
            replace(one, shape=_declared(one.shape or (), arrays[one.name].shape, cropped=one.name in sketch.lengths))
            for one in part.feeds
        )
        part = replace(part, feeds=shaped)
        cut = self.body.cut(part, anchored=sketch.anchored, shapes=sketch.shapes)
        cut = plain(cut) if sketch.plain else cut
        weights = {name: sketch.weights.get(name, Filling()) for name, _ in cut.parameters}
        return MadeCut(part=part, cut=cut, arrays={called: arrays[name] for name, called in cut.feeds}, weights=weights)

    def _array(self, sketch: Sketch, name: str) -> Array:
        array = self.recorded.of(name)
        lengths = sketch.lengths.get(name, array.shape)
        array = array[tuple(slice(0, length) for length in lengths)] if array.shape else array
        one = sketch.inputs.get(name, Filling())
        return array if one.kind is FillKind.KEPT else filling.filled(one, array.dtype.name, array.shape)

    def write(self, made: MadeCut, folder: Path) -> None:
        """The files of a candidate: its model, its inputs, and the order in which jit.load gives its outputs."""
        folder.mkdir(parents=True, exist_ok=True)
        instead = {
            name: filling.tensor(one, stored.dtype, stored.shape)
            for name, one in made.weights.items()
            if one.kind is not FillKind.KEPT and (stored := self.body.stored[name].tensor)
        }
        self.body.write(made.cut, folder, instead)
        sample_inputs.keep(dict(made.arrays), folder, "inputs")
        if made.cut.ending == ".pdmodel":
            places = graph_program.jit_places(graph_program.read(MemorySource(data=made.cut.program)))
            if places:
                store.write(folder / PLACES, store.pretty(places), lasting=False)

    def holds(self, sketches: Sequence[Sketch]) -> tuple[bool, ...]:
        """For each sketch whether it shows the failure in the bad place and none in the good one."""
        self._ask(list(map(_frozen, sketches)), once=False)
        return tuple(self._known[_frozen(one).key].verdict == ProbeVerdict.BAD for one in sketches)

    def again(self, sketch: Sketch, times: int) -> int:
        """How often of `times` it shows the failure again, each time in processes of its own."""
        repeats = [replace(_frozen(sketch), repeat=number + 1) for number in range(times)]
        self._ask(repeats, once=True)
        return sum(self._known[one.key].verdict == ProbeVerdict.BAD for one in repeats)

    def skipped(self, sketch: Sketch) -> bool:
        """Whether a sketch that was asked about could not be tried, or shows nothing in the good place."""
        return self._known[_frozen(sketch).key].verdict == ProbeVerdict.SKIP

    def look(self, sketch: Sketch) -> None:
        """See whether the good place answers something with it: from then on every part has to."""
        home = self.folder / f"candidate-{next(self._numbers)}"
        try:
            self.write(self.made(sketch), home)
            answer = self._answer(self.good, CandidateModel(name=home.name, folder=home), alone=False)
            self.telling = says(answer)
        finally:
            cleared.remove(home)

    def outcomes(self, sketch: Sketch, *, alone: bool = False) -> tuple[Outcome, Outcome]:
        """What the good and the bad place do with it, the bad one's numbers held against the good one's."""
        home = self.folder / f"candidate-{next(self._numbers)}"
        try:
            self.write(self.made(sketch), home)
            model = CandidateModel(name=home.name, folder=home)
            with ThreadPoolExecutor(max_workers=2) as pool:
                sides = [pool.submit(self._answer, side, model, alone=alone) for side in (self.good, self.bad)]
                answers = [one.result() for one in sides]
        finally:
            cleared.remove(home)
        return answers[0].outcome, compared(*answers)

    def steady(self, sketch: Sketch) -> bool:
        """Whether the good place gives the same numbers in two starts of its own: what is drawn anew each time is no reference."""
        home = self.folder / f"candidate-{next(self._numbers)}"
        try:
            self.write(self.made(sketch), home)
            model = CandidateModel(name=home.name, folder=home)
            first, second = (self._answer(self.good, model, alone=True) for _ in range(2))
        finally:
            cleared.remove(home)
        refuse_lost(first, second)
        return first.outcome.ok and not compared(first, second).kind.differs

    def values(self, parts: Sequence[Slice]) -> list[Array | None]:
        """The first result of each part in the good place, fed with the model's own inputs; None where it gives none."""
        models = []
        for part in parts:
            home = self.folder / f"candidate-{next(self._numbers)}"
            cut = self.body.cut(part)
            arrays = {called: self.recorded.of(name) for name, called in cut.feeds}
            weights = {name: Filling() for name, _ in cut.parameters}
            self.write(MadeCut(part=part, cut=cut, arrays=arrays, weights=weights), home)
            models.append(CandidateModel(name=home.name, folder=home))
        try:
            answers = self._tried(self.good, models, once=False)
            return [None if one.outputs is None else arrays_of(one.outputs)["out0"] for one in answers]
        finally:
            for one in models:
                cleared.remove(one.folder)

    def _answer(self, side: CutSide, model: CandidateModel, *, alone: bool) -> CandidateAnswer:
        if alone:
            return self.starts.alone(side.place, side.route, model)
        return self._tried(side, [model], once=True)[0]

    def _tried(self, side: CutSide, models: Sequence[CandidateModel], *, once: bool) -> tuple[CandidateAnswer, ...]:
        """What each does in one place; a fork that only hung, where no hang is looked for, is tried once more, with patience: this machine may be busy."""
        together = {"together": 1} if once else {}
        answers = list(self.starts.ask(side.place, side.route, models, trust=True, **together))
        sought = self.judge.reference is None or self.judge.reference.kind is Kind.TIMEOUT
        hung = [place for place, one in enumerate(answers) if one.outcome.kind is Kind.TIMEOUT and not sought]
        again = self.starts.ask(
            side.place, side.route, [models[place] for place in hung], trust=True, together=1, patience=PATIENCE
        )
        for place, one in zip(hung, again, strict=True):
            answers[place] = one
        return tuple(answers)

    def _ask(self, asked: Sequence["_Question"], *, once: bool) -> None:
        """Ask about those of these that were never answered, side by side in both places, and write down what each showed.

        A candidate counts when it is first asked about here, also where an interrupted search tried it.
        """
        models: dict[_Question, CandidateModel] = {}
        for one in dict.fromkeys(one for one in asked if one.key not in self._known):
            home = self.folder / f"candidate-{next(self._numbers)}"
            try:
                self.write(self.made(one.sketch), home)
            except edges.CannotCutError as error:
                self._note(one, ProbeVerdict.SKIP, str(error), tried=False)
                continue
            models[one] = CandidateModel(name=home.name, folder=home)
        shown = self._shown(list(models.values()), once=once)
        for one, seen in zip(models, shown, strict=True):
            self._note(one, *seen)
            cleared.remove(models[one].folder)
        fresh = {one.key for one in asked if self._known[one.key].tried} - self._counted
        self._counted.update(fresh)
        self.asked += len(fresh)

    def _shown(self, models: Sequence[CandidateModel], *, once: bool) -> list[tuple[ProbeVerdict, str]]:
        """What each of them shows, and why, with both places asked side by side."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            sides = [pool.submit(self._tried, side, models, once=once) for side in (self.good, self.bad)]
            answers = [one.result() for one in sides]
        return [self._verdict(good, bad) for good, bad in zip(*answers, strict=True)]

    def _verdict(self, good: CandidateAnswer, bad: CandidateAnswer) -> tuple[ProbeVerdict, str]:
        refuse_lost(good, bad)
        if not good.outcome.ok:
            return ProbeVerdict.SKIP, f"the good place does not run it: {good.outcome.message}"
        if self.telling and not says(good):
            return ProbeVerdict.SKIP, "the good place answers nothing that could show anything"
        seen = self.judge.seen(compared(good, bad))
        return seen.sort, seen.why

    def _note(self, one: "_Question", verdict: ProbeVerdict, why: str, *, tried: bool = True) -> None:
        answer = _Answered(key=one.key, verdict=verdict.value, why=why[:300], tried=tried)
        self._known[one.key] = answer
        store.append(self.log, documents.written(answer))


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A sketch with the number of its repeat."""

    key_of: str
    sketch: Sketch = field(compare=False)
    repeat: int = 0

    @property
    def key(self) -> str:
        return f"{self.key_of}-{self.repeat}"


def _frozen(sketch: Sketch) -> _Question:
    return _Question(key_of=store.key_of({"sketch": msgspec.to_builtins(sketch)}), sketch=sketch)


def _declared(declared: Sequence[int], shape: Sequence[int], *, cropped: bool) -> tuple[int, ...]:
    """The dimensions the program says of an input: open ones stay open, others are those of the array where it was cropped."""
    if not cropped or len(declared) != len(shape):
        return tuple(declared)
    return tuple(said if said < 0 else length for said, length in zip(declared, shape, strict=True))
