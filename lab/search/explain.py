"""One page about one problem: since when, on which side, what matters, what cures it, where it was reported."""

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeVar

from lab.errors import BuildError, EndsWrongError, InconclusiveError, UsageError
from lab.knowledge import problems
from lab.machine import host
from lab.model import Outcome, Phase, Selector, TrialResult
from lab.model.cure import Cured
from lab.model.explanation import PAGE, Explained, PageQuestion, Standing
from lab.model.isolation import Isolation
from lab.model.search import Axis, Bisected, ProbeVerdict
from lab.outcome.exits import Ending
from lab.outcome.verdict import describe
from lab.outcome.words import message_line
from lab.run import saved_files
from lab.run.events import Event, Told
from lab.run.session import Laboratory
from lab.search import axes, bisect, cure, explained_pairs, isolate, switches
from lab.search.axes import IsolateRequest
from lab.search.bisect import Corners
from lab.search.cure_request import CureRequest, of_header
from lab.search.explain_request import ExplainRequest
from lab.search.judge import ANY, Judge, beside, identify, refuse_lost, same
from lab.search.probes import SearchSession, asking, opened
from lab.storage import handover

SCHEMA = 2
CHEAP_CAP = "avx2"
Part = TypeVar("Part")
# What ends one question of several without ending the page.
OPEN = (BuildError, EndsWrongError, InconclusiveError, UsageError)


def perform(
    request: ExplainRequest,
    laboratory: Laboratory,
    page: Callable[[Explained], str],
    *,
    fresh: bool = False,
    resume: str = "",
) -> Generator[Event, None, Explained]:
    """Explain, telling what happens; a question that has no answer is left open on the page, with the reason.

    What `page` makes of the answer is kept beside the run. BuildError where the pair itself cannot be tested.
    """
    start = time.monotonic()
    for release in (request.pair.bad, request.pair.good):
        request.trial(release)  # wrong words are said before anything runs
    run_request = asking(request.scenario, request.command, fresh=fresh, rounds=request.rounds, resume=resume)
    with opened(run_request, laboratory, request.adopted) as session:
        found = yield from _explained(request, session)
        run = session.close()
        found = replace(found, run=run.id, trials=run.trials, seconds=round(time.monotonic() - start, 1))
        handover.write(session.held.folder / PAGE, page(found))
    return found


def _explained(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Explained]:
    """The questions in the order in which one answer makes the next one worth asking."""
    request, ways = yield from explained_pairs.by_way(request, session)
    bad = yield from session.trial(request.trial(request.pair.bad))
    seen = refuse_lost(request.pair.bad, Judge(words=ANY).seen(bad.outcome))
    if seen.sort is ProbeVerdict.SKIP:
        raise BuildError(
            f"{request.pair.bad} could not be tested: {seen.why}", "lab doctor, or name another release: --at"
        )
    pairs = ways or (yield from explained_pairs.seen(request, session, bad))
    request, good, looked = yield from explained_pairs.good_end(request, session, bad)
    page = replace(_page(request, bad, good), pairs=pairs, looked=looked)
    if page.status is Standing.WORKS:
        return page
    page = replace(page, switches=(yield from switches.tried(request, session)))
    if page.status is Standing.NEVER_WORKED:
        page = yield from _cured_at_least(request, session, page)
    else:
        page = yield from _regression(request, session, page, bad.outcome)
    return replace(page, known=_reported(request, session, bad))  # last, when it is known whether its cure helps here


def _page(request: ExplainRequest, bad: TrialResult, good: Outcome) -> Explained:
    """What is known after one look at either end."""
    one = request.pair
    fails = Judge(words=ANY).seen(bad.outcome).sort is not ProbeVerdict.GOOD
    status = Standing.WORKS if not fails else Standing.FAILS if good.ok else Standing.NEVER_WORKED
    return Explained(
        schema=SCHEMA, run="", command=request.command, scenario=request.scenario.name, summary=request.scenario.summary,
        issue=request.scenario.issue, status=status, symptom=bad.label, seen=describe(bad.outcome),
        line=message_line(bad.outcome), message=bad.outcome.message, signature=identify(bad.outcome), good=one.good, bad=one.bad,
        expected=one.expected,
        open_points=_left(one.good, good, fails=fails, alone=one.good == one.bad),
    )  # fmt: skip


def _left(name: str, good: Outcome, *, fails: bool, alone: bool) -> tuple[str, ...]:
    """What one look at either end leaves open."""
    if not fails:
        return ("speed and memory are not looked at here: `lab bench`, or `lab bisect` with --symptom slower or leak",)
    return () if good.ok or alone else (beside(name, good),)


def _reported(request: ExplainRequest, session: SearchSession, bad: TrialResult) -> tuple[str, ...]:
    """The report of which this failure has the signs."""
    entry = problems.find(bad, request.known, saved_files.of_run(session.held.folder))
    if entry is None:
        return ()
    refuted = problems.refuted(entry, [bad], tuple(session.results.values()))
    return (problems.about(entry, request.language, refuted),)


def _cured_at_least(
    request: ExplainRequest, session: SearchSession, page: Explained
) -> Generator[Event, None, Explained]:
    """What never worked has no "since"; what ends it is told by the numbers of what saved."""
    unanswered: dict[PageQuestion, str] = {}
    cured = yield from _tolerant(_cured(request, session), PageQuestion.CURES, unanswered)
    points = tuple(f"{question}: {why}" for question, why in unanswered.items())
    return replace(page, cured=cured, open_points=(*page.open_points, *points), left_open=tuple(unanswered))


def _regression(
    request: ExplainRequest, session: SearchSession, page: Explained, failure: Outcome
) -> Generator[Event, None, Explained]:
    """Since when, until when, which side, what matters, what cures: each asked even where another stays open."""
    unanswered: dict[PageQuestion, str] = {}
    one = request.pair
    older = request.catalogue.place(one.good) < request.catalogue.place(one.bad)
    if older:
        since = yield from _tolerant(_since(request, session), PageQuestion.SINCE, unanswered)
        page = replace(page, since=since)
    else:
        unanswered[PageQuestion.SINCE] = f"no older release is known to work; {one.good} is newer"
    fixed = yield from _tolerant(_fixed(request, session), PageQuestion.UNTIL, unanswered)
    page = replace(page, fixed=fixed)
    if request.model is not None:
        page = replace(page, side="loading: the model was given as files, and nothing is saved")
    elif one.axis is not Axis.SAME:
        square = yield from _tolerant(_sides(request, session), PageQuestion.SIDE, unanswered)
        if square is not None:
            page = replace(page, corners=square.shown, side=square.side + _apart(failure, square))
    else:
        page = replace(page, side=_own_side(failure))
    isolation = yield from _tolerant(_isolated(request, session), PageQuestion.MATTERS, unanswered)
    cured = yield from _tolerant(_cured(request, session), PageQuestion.CURES, unanswered)
    page = replace(page, isolation=isolation, cured=cured)
    points = tuple(f"{question}: {why}" for question, why in unanswered.items())
    return replace(page, open_points=(*page.open_points, *points), left_open=tuple(unanswered))


def _apart(failure: Outcome, square: Corners) -> str:
    """Which of the four pairs fail in a way that is not the symptom's, so that they say little of its side."""
    apart = {pair: one for pair, one in square.outcomes.items() if not one.ok and not same(failure, one)}
    others = [f"{pair} ({said})" for pair, said in bisect.shown(apart)]
    return f"; but this is another failure: {', '.join(others)}" if others else ""


def _own_side(failure: Outcome) -> str:
    """The side of a failure that one release shows by itself."""
    if failure.phase is Phase.SAVE:
        return "saving: the save itself fails"
    return f"one release by itself, while it does this: {failure.phase}"


def _tolerant(
    asked: Generator[Event, None, Part | None], what: PageQuestion, unanswered: dict[PageQuestion, str]
) -> Generator[Event, None, Part | None]:
    """The answer to one question, or None with the reason kept as an open point."""
    yield Told(text=f"asking: {what}")
    try:
        return (yield from asked)
    except OPEN as error:
        unanswered[what] = error.what
        yield Told(text=f"open: {what}: {error.what}")
        return None


def _since(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Bisected]:
    found = yield from bisect.within(request.question(), session)
    return _answered(found)


def _fixed(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Bisected | None]:
    """From the failing release on; nothing to search where that one is the newest."""
    if request.catalogue.named(request.pair.bad) == request.catalogue.newest:
        return None
    found = yield from bisect.within(request.question(fix=True), session)
    return _answered(found)


def _answered(found: Bisected) -> Bisected:
    wrong = bisect.ends_wrong(found)
    if wrong is not None:
        raise wrong
    return found


def _sides(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Corners]:
    return (yield from bisect.sides(replace(request.question(), axis=Axis.BOTH), session))


def _isolated(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Isolation | None]:
    """Beside the release what costs no new image: threads, a cap on instructions, another Python that is ready."""
    one = request.pair
    if one.axis is not Axis.LOADER:
        raise InconclusiveError("threads and processor are compared only where the loading side moves", "")
    variables = dict(one.loader_env)
    good = {**_place(one.good), **variables}
    bad = {**_place(one.bad), **variables}
    bad |= {"threads": "2"} if host.cores() > 1 else {}
    bad |= {"cpu": CHEAP_CAP} if CHEAP_CAP in request.caps else {}
    works, fails = axes.completed(good, bad, request.catalogue)
    places = IsolateRequest(
        scenario=request.scenario, catalogue=request.catalogue, command=request.command, good=works, bad=fails,
        saver=one.saver, saver_env=one.saver_env, route=one.route, caps=request.caps,
    )  # fmt: skip
    places = _other_python(places, session)
    found = yield from isolate.within(places, session)
    wrong = isolate.ends_wrong(found)
    if wrong is not None:
        raise wrong
    return found


def _place(selector: str) -> dict[str, str]:
    """A selector as a place of a comparison."""
    said = Selector.of(selector)
    return {"release": said.release} | ({"device": said.rest} if said.rest else {})


def _other_python(places: IsolateRequest, session: SearchSession) -> IsolateRequest:
    """The places with another Python in the bad place, where its images are there already."""
    for python in places.catalogue.known.pythons:
        if python == places.bad["python"]:
            continue
        moved = replace(places, bad={**places.bad, "python": python})
        trials = [moved.planned(place).trial for place in (moved.bad, {**moved.good, "python": python})]
        if all(one is not None and session.held.laboratory.preparer.ready(one.loader.environment) for one in trials):
            return moved
    return places


def _cured(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Cured]:
    one = request.pair
    header = (
        () if request.model else of_header(request.scenario, request.catalogue, one.saver, one.loader, request.cures)
    )
    sought = CureRequest(
        scenario=request.scenario, catalogue=request.catalogue, command=request.command, at=one.bad, saver=one.saver,
        good=one.good, cures=(*header, *request.cures), times=request.times, rounds=request.rounds, words=request.words, axis=one.axis,
        loader=one.loader, model=request.model,
    )  # fmt: skip
    return (yield from cure.within(sought, session))


def ending(found: Explained) -> Ending:
    """Explained, or healthy as the header says, or with doubts; gone where what should fail works."""
    if found.status is Standing.WORKS:
        return Ending.GONE if found.expected else Ending.HEALTHY
    doubtful = found.since is not None and any(not strip.certain for strip in found.since.strips)
    return Ending.DOUBTFUL if doubtful else Ending.FOUND
