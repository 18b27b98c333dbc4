"""Since when it is slower, or leaks: the same search over releases, where a probe is a measurement beside the good end."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace

from lab.errors import EndsWrongError, UsageError
from lab.model import Outcome
from lab.model.bench import Block
from lab.model.search import Axis, Bisected, BisectedAxis, Probed, ProbeVerdict, Reading, Symptom
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.run.session import Laboratory
from lab.run.workflow import measurable, require_timed
from lab.search.algorithms import NextProbe, ProbeAnswer, Search
from lab.search.bisect import SCHEMA, search
from lab.search.bisect_failing import told_of
from lab.search.judge import ANY, Judge, not_lost
from lab.search.measured_sides import MeasuredSides, against_itself, looked, measured_sides
from lab.search.probes import SearchSession, asking, opened
from lab.search.row import BisectRequest, ReleaseRow, line_up
from lab.search.symptoms import NOISY, SymptomKind, kind_of, label, said
from lab.search.weigh import ComparisonRule, MeasuredVerdict
from lab.storage import outbox


@dataclass(kw_only=True)
class ReleaseMeter:
    """Measures releases beside the good one; `control` are the blocks in which that one ran against itself."""

    session: SearchSession
    symptom: Symptom
    name: str
    good: Planned
    seed: int = 0
    control: tuple[Block, ...] = ()
    known: dict[str, MeasuredVerdict] = field(default_factory=dict)

    def prove(self) -> Generator[Event]:
        """See that the good release is good: steady, or the same as itself. EndsWrongError where it is not."""
        result = yield from self.session.trial(self.good)
        if not measurable(self.good, result):
            not_lost(self.name, result.outcome)
            raise EndsWrongError(
                f"{self.name} cannot be measured, because it does not work: {describe(result.outcome)}",
                "name another one: --good RELEASE",
            )
        found = yield from self._proof()
        self.known[self.good.label] = found
        if found.seen.sort is not ProbeVerdict.GOOD:
            raise EndsWrongError(
                f"{self.name} {self.kind.unproved}, so nothing can be measured against it: {found.seen.sort}, "
                f"{said(found.reading)}",
                self.kind.remedy,
            )
        yield Told(text=f"{self.name} {self.kind.proved}: {said(found.reading)}")

    @property
    def kind(self) -> SymptomKind:
        """What is measured, and how."""
        return kind_of(self.symptom.metric)

    def _proof(self) -> Generator[Event, None, MeasuredVerdict]:
        """The good release by itself, or against itself where sides are measured beside it."""
        sides = [(self.name, self.good)]
        alone = measured_sides(self.session, sides, self.symptom, seed=self.seed, control=self.kind.beside)
        if not self.kind.beside:
            return (yield from looked(alone, self.name, self.rule(alone)))
        found = yield from against_itself(alone, self.rule(alone))
        self.control = tuple(alone.blocks)
        return found

    def rule(self, some: MeasuredSides) -> ComparisonRule:
        """How sides are compared; the noise of the good release against itself is known by now."""
        control = self.control if some.reference == self.name else ()
        return ComparisonRule(symptom=self.symptom, seed=self.seed, control=control, waits=some.measured.waits)

    def measure(self, name: str, planned: Planned) -> Generator[Event, None, MeasuredVerdict]:
        """One release beside the good one; what does not work cannot be measured and decides nothing."""
        result = yield from self.session.trial(planned)
        if planned.label in self.known:
            return self.known[planned.label]
        if not measurable(planned, result):
            return _unmeasured(result.outcome, self.symptom)
        reference = (self.name, self.good) if self.kind.beside else (name, planned)
        found = yield from self.against(reference, (name, planned))
        self.known[planned.label] = found
        return found

    def against(
        self, reference: tuple[str, Planned], side: tuple[str, Planned]
    ) -> Generator[Event, None, MeasuredVerdict]:
        """One side beside another one, or by itself, all of which work."""
        sides = list(dict((reference, side)).items())
        together = measured_sides(self.session, sides, self.symptom, seed=self.seed)
        return (yield from looked(together, side[0], self.rule(together)))

    def differs(self, planned: Planned, reference: Planned) -> Generator[Event, None, str]:
        """What is not equal to another side's outputs at grade close or better, in words; empty where all is."""
        from lab.compare import UnreadableOutputsError, compare  # noqa: PLC0415 - numpy is loaded only where arrays are compared

        theirs = yield from self.session.trial(reference)
        ours = yield from self.session.trial(planned)
        left = [outbox.outputs(self.session.held.folder / one.folder / "out") for one in (theirs, ours)]
        tolerances = planned.trial.scenario.tolerances if planned.trial is not None else ()
        try:
            diffs = compare(left[0], left[1], tolerances)
        except UnreadableOutputsError as error:
            return error.what
        wrong = [one for one in diffs if not one.grade.agrees]
        return "; ".join(
            f"{one.output} is not as from {theirs.loader}: {one.reason or one.grade.value}" for one in wrong
        )

    def ahead(self, row: ReleaseRow, begin: Callable[[], Search], known: Mapping[int, ProbeAnswer]) -> Generator[Event]:
        """Nothing: what is measured is alone on its machine."""
        del row, begin, known
        yield from ()

    def probe(self, row: ReleaseRow, ask: NextProbe) -> Generator[Event, None, tuple[ProbeAnswer, Probed]]:
        """What a search asks for."""
        start = time.monotonic()
        known = row.planned[ask.index].label in self.known
        found = yield from self.measure(row.names[ask.index], row.planned[ask.index])
        probed = replace(
            told_of(row, ask, found.seen),
            reading=found.reading,
            seconds=0.0 if known else round(time.monotonic() - start, 1),
        )
        return found.seen, probed


def _unmeasured(outcome: Outcome, symptom: Symptom) -> MeasuredVerdict:
    seen = Judge(words=ANY).seen(outcome)
    if seen.sort is not ProbeVerdict.SKIP:
        seen = ProbeAnswer(
            sort=ProbeVerdict.OTHER, signature=seen.signature, why=f"does not work, so it was not measured: {seen.why}"
        )
    return MeasuredVerdict(seen=seen, reading=Reading(metric=symptom.metric))


def perform(
    question: BisectRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Bisected]:
    """Bisect by measuring, telling what happens; every block is on disk before it is told.

    UsageError, before anything runs, for ends that make no row or a scenario that has nothing to time; EndsWrongError
    where the good end cannot be told from itself.
    """
    if question.symptom is None:
        raise UsageError("this search has nothing to measure", "--perf infer:10%, or --symptom leak")
    require_timed(question.scenario)
    row = line_up(question, Axis.LOADER)
    start = time.monotonic()
    request = asking(question.scenario, question.command, fresh=fresh, seed=question.seed, resume=resume)
    with opened(request, laboratory, question.adopted) as session:
        good = question.pair(question.saver, question.good)
        meter = ReleaseMeter(
            session=session, symptom=question.symptom, name=question.good, good=good, seed=question.seed
        )
        session.prefetch(row.environments(row.bad_end))
        yield from meter.prove()
        bisected = yield from search_measured(question, row, session, meter)
        run = session.close([f"{one.release} {one.sort}: {said(one.reading)}" for one in bisected.row if one.reading])
    return Bisected(
        schema=SCHEMA, run=run.id, command=question.command, scenario=question.scenario.name,
        issue=question.scenario.issue, good=question.good, bad=question.bad, signature="", message="",
        strips=(bisected,), seconds=round(time.monotonic() - start, 1), trials=run.trials, symptom=question.symptom,
    )  # fmt: skip


def search_measured(
    question: BisectRequest, row: ReleaseRow, session: SearchSession, meter: ReleaseMeter
) -> Generator[Event, None, BisectedAxis]:
    """One row searched by measuring; at its end the two neighbours of the turn are measured against each other."""
    bisected = yield from search(question, row, session, meter)
    bisected = replace(bisected, symptom=meter.symptom)
    if not bisected.suspects or not meter.kind.beside:
        return bisected
    better, worse = (bisected.first, bisected.last) if bisected.fix else (bisected.last, bisected.first)
    planned = {name: row.planned[row.names.index(name)] for name in (better, worse)}
    if planned[better].label == meter.good.label:
        found = meter.known[planned[worse].label]
    else:
        found = yield from meter.against((better, planned[better]), (worse, planned[worse]))
    yield Told(text=f"{worse} beside {better}: {found.seen.sort}, {said(found.reading)}")
    edge = Probed(release=worse, sort=found.seen.sort, why=found.seen.why, purpose="edge", reading=found.reading)
    return replace(bisected, edge=edge)


def ends_wrong(found: Bisected) -> EndsWrongError | None:
    """The error for an end that is not what was claimed; "no regression" and "not fixed" are answers as well."""
    (bisected,), symptom = found.strips, found.symptom
    names = [name for name in bisected.wrong if not (bisected.fix and bisected.of(name).sort is ProbeVerdict.BAD)]
    if not names or symptom is None:
        return None
    one = bisected.of(names[0])
    if one.sort is ProbeVerdict.GOOD:
        what = f"no regression in this range: {one.release} shows no {label(symptom)} beside {found.good}: {one.why}"
        return EndsWrongError(what, "a release between may still show one: name it with --bad")
    if one.sort is ProbeVerdict.BAD:
        return EndsWrongError(f"{one.release} shows the symptom itself: {one.why}", "name another --good")
    remedy = NOISY if one.sort is ProbeVerdict.UNDECIDED else f"lab runs show {found.run}; or name another release"
    return EndsWrongError(f"{one.release} is {one.sort}: {one.why}", remedy)
