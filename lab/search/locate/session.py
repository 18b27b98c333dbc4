"""A location while it works: the run it holds, the starts in both places, the model taken apart, and what is known so far."""

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lab.cut import edges
from lab.cut.edges import CannotCutError
from lab.model import Outcome
from lab.model.cutting import Anatomy, Slice
from lab.model.location import CutSeen, CutSort
from lab.run.candidates import CandidateAnswer, CandidateModel, CandidateStarts
from lab.run.events import Event
from lab.run.session import RunSession
from lab.search.locate import numbers
from lab.search.locate.cuts import AskedCut, CutMaker, NotRecordedError
from lab.search.locate.request import LocateRequest, LocateSide

CHUNK = 64
"""Cuts made and asked at a time: what they are fed lies on the disk meanwhile."""


@dataclass(kw_only=True)
class LocateSession:
    """What the steps of one location share; `failure` is what the whole model does in the bad place, once that is known.

    `among` are the operators that are asked about, where it is not all of them.
    """

    request: LocateRequest
    held: RunSession
    starts: CandidateStarts
    cuts: CutMaker
    pool: ThreadPoolExecutor
    good: LocateSide
    bad: LocateSide
    failure: Outcome | None = None
    notes: list[str] = field(default_factory=list)
    among: frozenset[int] | None = None

    @property
    def anatomy(self) -> Anatomy:
        """The model's operators and values."""
        return self.cuts.body.anatomy

    @property
    def silent(self) -> bool:
        """Whether the fault is in the numbers."""
        return self.failure is None or self.failure.kind.answered

    def ask(
        self, side: LocateSide, models: Sequence[CandidateModel], *, together: int = 32, trust: bool = True
    ) -> Generator[Event, None, tuple[CandidateAnswer, ...]]:
        """What candidates do in one place."""
        (found,) = yield from self.asked([(side, models, together, trust)])
        return found

    def asked(
        self, questions: Sequence[tuple[LocateSide, Sequence[CandidateModel], int, bool]]
    ) -> Generator[Event, None, list[tuple[CandidateAnswer, ...]]]:
        """Several such questions at once, each with how many candidates share a process and whether a fork is believed."""
        works = [
            self.pool.submit(self.starts.ask, side.place, side.route, models, together=together, trust=trust)
            for side, models, together, trust in questions
        ]
        return (yield from self.held.pump(works))

    def at_once(
        self, questions: Sequence[tuple[LocateSide, Sequence[AskedCut]]], apart: CandidateModel
    ) -> Generator[Event, None, tuple[list[tuple[CandidateAnswer, ...]], CandidateAnswer]]:
        """What several cuts do in their places, each in a process of its own; and what one does in a start of its own in the bad place."""
        ask = partial(self.starts.ask, together=1)
        works: list[Future[Any]] = [
            self.pool.submit(ask, side.place, side.route, [one.model for one in cuts]) for side, cuts in questions
        ]
        works.append(self.pool.submit(self.starts.alone, self.bad.place, self.bad.route, apart))
        *answers, last = yield from self.held.pump(works)
        return answers, last

    def made(self, chosen: Sequence[int], fetches: Sequence[str] | None = None) -> AskedCut | CutSeen:
        """The cut of some operators, fed with good values; why there is none, as what is seen of it."""
        try:
            part = self.part(chosen, fetches)
            if not part.feeds:
                return CutSeen(
                    sort=CutSort.UNKNOWN, why="it hangs on no input, and no model without inputs is opened everywhere"
                )
            return self.cuts.asked(part)
        except (CannotCutError, NotRecordedError) as error:
            return CutSeen(sort=CutSort.UNKNOWN, why=str(error))

    def part(self, chosen: Sequence[int], fetches: Sequence[str] | None = None) -> Slice:
        """The slice of some operators; CannotCutError where there is none."""
        return edges.sliced(self.anatomy, chosen, fetches)

    def judged(self, cut: AskedCut, answer: CandidateAnswer) -> CutSeen:
        """What one answered cut shows; of a model that fails, a cut that answers has not failed, whatever its numbers are."""
        if answer.outputs is None:
            return numbers.failing(answer.outcome, self.failure)
        kinds = [self.anatomy.values[name].dtype for name in cut.part.fetches]
        found = numbers.worst(numbers.seen(cut.expected, answer.outputs, kinds))
        if not self.silent and found.sort is CutSort.PARTS:
            return CutSeen(
                sort=CutSort.OTHER,
                grade=found.grade,
                largest=found.largest,
                relative=found.relative,
                why="it answers other numbers, and does not fail",
            )
        return found

    def tried(
        self, cuts: Sequence[AskedCut | CutSeen], side: LocateSide, *, together: int = 32
    ) -> Generator[Event, None, list[CutSeen]]:
        """What each of several cuts shows in one place, in their order; those that could not be made say why."""
        asked = [one for one in cuts if isinstance(one, AskedCut)]
        answers = yield from self.ask(side, [one.model for one in asked], together=together)
        shown = iter([self.judged(cut, answer) for cut, answer in zip(asked, answers, strict=True)])
        return [one if isinstance(one, CutSeen) else next(shown) for one in cuts]
