"""Since when it fails: bisection over releases, on the loading side, the saving side, or both."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.errors import BuildError, EndsWrongError
from lab.model import Outcome
from lab.model.search import Axis, Bisected, BisectedAxis, Probed, ProbeVerdict
from lab.outcome.exits import Ending
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.run.session import Laboratory
from lab.search.algorithms import BisectionResult, ProbeAnswer, Search, bisect
from lab.search.bisect_failing import Failing, Prober
from lab.search.judge import AUTO, Judge, identify, refuse_lost
from lab.search.probes import SearchSession, asking, opened
from lab.search.row import BisectRequest, ReleaseRow, line_up

Asking = Callable[[BisectRequest, SearchSession], Generator[Event, None, Bisected]]
"""How a question is asked in an open session."""
SCHEMA = 2
"""2: of a given model what each way of opening it did, and an answer for each way that fails."""


@dataclass(frozen=True, kw_only=True)
class Searched:
    """One finished row: where it turns, and the outcome that served as *the* failure."""

    bisected: BisectedAxis
    failure: Outcome | None


def perform(
    question: BisectRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = "", ask: Asking | None = None
) -> Generator[Event, None, Bisected]:
    """Bisect, telling what happens; every trial is on disk before it is told, so the same command goes on after a stop.

    UsageError, before anything runs, for ends that make no row.
    """
    lined_up(question)
    start = time.monotonic()
    request = asking(question.scenario, question.command, fresh=fresh, seed=question.seed, resume=resume)
    with opened(request, laboratory, question.adopted) as session:
        found = yield from (ask or within)(question, session)
        run = session.close()
    return replace(found, run=run.id, trials=run.trials, seconds=round(time.monotonic() - start, 1))


def lined_up(question: BisectRequest) -> list[ReleaseRow]:
    """The rows known before anything runs; none where both sides are asked, because they depend on what is seen."""
    return [] if question.axis is Axis.BOTH else [line_up(question, question.axis)]


def within(question: BisectRequest, session: SearchSession) -> Generator[Event, None, Bisected]:
    """The search inside a session that others may share."""
    corners = (yield from sides(question, session)) if question.axis is Axis.BOTH else None
    searched: list[Searched] = []
    for row in lined_up(question) if corners is None else corners.rows:
        failing = Failing(question=question, session=session, judge=Judge(words=question.signature))
        bisected = yield from search(question, row, session, failing)
        searched.append(Searched(bisected=bisected, failure=failing.judge.reference))
    found = _found(question, searched)
    return found if corners is None else replace(found, corners=corners.shown, side=corners.side)


def _found(question: BisectRequest, searched: Sequence[Searched]) -> Bisected:
    failure = next((one.failure for one in searched if one.failure is not None), None)
    return Bisected(
        schema=SCHEMA,
        run="",
        command=question.command,
        scenario=question.scenario.name,
        issue=question.scenario.issue,
        good=question.good,
        bad=question.bad,
        signature=identify(failure) if failure is not None else "",
        message=failure.message if failure is not None else "",
        strips=tuple(one.bisected for one in searched),
        route=question.words.route,
    )


WORST = (Ending.FOUND, Ending.NOTHING, Ending.DOUBTFUL)
"""How the answer of a search can end, the worst last."""


def ending(found: Bisected) -> Ending:
    """One answer, "not fixed", or a set, a row that is not monotonic, or a flaky release; of several ways the worst."""
    if found.others:
        return max((ending(one) for one in (replace(found, others=()), *found.others)), key=WORST.index)
    if any(bisected.fix and bisected.wrong for bisected in found.strips):
        return Ending.NOTHING
    return Ending.FOUND if all(bisected.certain for bisected in found.strips) else Ending.DOUBTFUL


def ends_wrong(found: Bisected) -> EndsWrongError | None:
    """The error for ends that are not what was claimed; a fix that was not found is an answer, not an error."""
    for bisected in found.strips:
        names = [name for name in bisected.wrong if not (bisected.fix and bisected.of(name).sort is ProbeVerdict.BAD)]
        if names:
            said = "; ".join(f"{name} is {bisected.of(name).sort} ({bisected.of(name).why or 'ok'})" for name in names)
            role = f"as the {bisected.axis}, with {bisected.fixed} on the other side" if bisected.fixed else "by itself"
            role = f"with {bisected.model}" if bisected.model else role
            return EndsWrongError(
                f"{names[0]} does not {_claimed(bisected, names[0])} {role}: {said}",
                f"look at the trials: lab runs show {found.run}; then name other ends, or another --axis",
            )
    return None


def _claimed(bisected: BisectedAxis, name: str) -> str:
    """What was said of an end that turned out otherwise."""
    sort = bisected.of(name).sort
    if sort is ProbeVerdict.GOOD:
        return "fail"
    if bisected.fix == (name == bisected.row[-1].release):
        return "work"
    return "fail in this way" if sort is ProbeVerdict.OTHER else "fail"


def search(
    question: BisectRequest, row: ReleaseRow, session: SearchSession, prober: Prober
) -> Generator[Event, None, BisectedAxis]:
    """Drive one bisection: prepare, try, judge, until it has its answer."""
    missing = {
        n: ProbeAnswer(sort=ProbeVerdict.SKIP, why=one.unsupported)
        for n, one in enumerate(row.planned)
        if one.trial is None
    }
    readiness = _readiness(row, session)

    def begin() -> Search:
        return bisect(
            len(row.names), low=row.low, high=row.high, untestable=missing, seed=question.seed, sweep=question.sweep,
            ready=readiness,
        )  # fmt: skip

    asking_next = begin()
    probed: dict[int, Probed] = {}
    known: dict[int, ProbeAnswer] = {}
    ask = next(asking_next)
    while True:
        session.prefetch([one for index in (ask.index, *ask.ahead) for one in row.environments(index)])
        yield from prober.ahead(row, begin, known)
        seen, probed[ask.index] = yield from prober.probe(row, ask)
        known[ask.index] = seen
        if ask.purpose == "end":
            refuse_lost(f"the end {row.names[ask.index]}", seen)
        yield Told(text=f"{row.names[ask.index]} is {seen.sort} ({ask.purpose})" + _because(seen, probed[ask.index]))
        try:
            ask = asking_next.send(seen)
        except StopIteration as ended:
            yield from session.forget()
            return _turn(row, ended.value, probed)


def _readiness(row: ReleaseRow, session: SearchSession) -> Callable[[int], int]:
    """How ready each release is: as it becomes here, as it was before the search where several are tried at once.

    For then what a search asks next must not hang on what happened to be done first.
    """
    if session.held.laboratory.executor.here:
        return lambda index: session.readiness(row.planned[index])
    return [session.readiness(one) for one in row.planned].__getitem__


def _because(seen: ProbeAnswer, probed: Probed) -> str:
    return f": {seen.why}" if not seen.sort.sure or probed.reading is not None else ""


def _turn(row: ReleaseRow, answer: BisectionResult, probed: dict[int, Probed]) -> BisectedAxis:
    """The answer in the words of releases."""

    def named(indices: Sequence[int]) -> tuple[str, ...]:
        return tuple(row.names[index] for index in indices)

    def one(index: int, name: str) -> Probed:
        seen = answer.seen.get(index)
        return probed.get(index) or Probed(
            release=name, sort=seen.sort if seen else ProbeVerdict.UNSEEN, why=seen.why if seen else ""
        )

    return BisectedAxis(
        axis=row.axis,
        fixed=row.fixed,
        model=row.model,
        row=tuple(one(index, name) for index, name in enumerate(row.names)),
        fix=row.low is ProbeVerdict.BAD,
        last="" if answer.wrong else row.names[answer.last],
        suspects=named(answer.suspects),
        wrong=named(answer.wrong),
        violations=named(answer.violations),
        flaky=named(answer.flaky),
        probes=answer.probes,
        budget=row.budget,
    )


@dataclass(frozen=True, kw_only=True)
class Corners:
    """Both releases in both roles, by saver and loader; on which side the fault is, and the rows worth a search."""

    outcomes: Mapping[tuple[str, str], Outcome]
    side: str
    rows: tuple[ReleaseRow, ...]

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """Each pair with its outcome, in words."""
        return shown(self.outcomes)


def shown(outcomes: Mapping[tuple[str, str], Outcome]) -> tuple[tuple[str, str], ...]:
    """Pairs with their outcomes, in words."""
    return tuple((f"{saver} -> {loader}", describe(outcome)) for (saver, loader), outcome in outcomes.items())


def sides(question: BisectRequest, session: SearchSession) -> Generator[Event, None, Corners]:
    """Try both releases in both roles; EndsWrongError where that shows no fault between them."""
    ends = (question.good, question.bad)
    outcomes: dict[tuple[str, str], Outcome] = {}
    for saver in ends:
        for loader in ends:
            outcomes[saver, loader] = (yield from session.trial(question.pair(saver, loader))).outcome
    judge = Judge(words=question.signature if question.signature != AUTO else "any")
    works = {pair: _decided(pair, judge.seen(outcome)) for pair, outcome in outcomes.items()}
    good, bad = ends
    if not works[good, good] or all(works.values()):
        what = f"{good} does not read its own files" if not works[good, good] else "all four pairs work"
        said = "; ".join(f"{pair} {outcome}" for pair, outcome in shown(outcomes))
        raise EndsWrongError(f"{what}: {said}", "name other ends")
    rows = []
    if not works[good, bad]:
        rows.append(line_up(question, Axis.LOADER, good))
    if not works[bad, good]:
        rows.append(line_up(question, Axis.SAVER, good))
    elif works[good, bad] and not works[bad, bad]:
        rows.append(line_up(question, Axis.SAVER, bad))
    side = sided(works[good, bad], works[bad, good], works[bad, bad])
    return Corners(outcomes=outcomes, side=side, rows=tuple(rows))


def _decided(pair: tuple[str, str], seen: ProbeAnswer) -> bool:
    """Whether a corner works; one that could not be tested says nothing of sides: InfraError or BuildError."""
    label = " -> ".join(pair)
    if refuse_lost(label, seen).sort is ProbeVerdict.SKIP:
        raise BuildError(f"{label} could not be tested: {seen.why}", "lab doctor, or name another release")
    return seen.sort is ProbeVerdict.GOOD


def sided(good_to_bad: bool, bad_to_good: bool, bad_to_bad: bool) -> str:  # noqa: FBT001 - three corners of a square
    """Which side the fault is on, from the pairs that work, where the good release reads its own files."""
    if good_to_bad:
        return "written wrong" if not bad_to_bad else "written so that the older release cannot read it"
    if bad_to_bad:
        return "read wrong" if bad_to_good else "read wrong; and what the newer one writes the older cannot read either"
    return "read wrong, whoever wrote it" if bad_to_good else "read wrong and written wrong, or both at once"
