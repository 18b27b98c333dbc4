"""What cures it: every reviewed cure tried alone, together where none helps, and believed only where it is proved."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from lab.errors import BuildError, EndsWrongError, InconclusiveError
from lab.model import Outcome
from lab.model.cure import Cure, Cured, CureStatus, TriedCure, route_words
from lab.model.search import Axis, ProbeVerdict
from lab.outcome.exits import Ending
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.run.session import Laboratory
from lab.search import cure_lines, ways
from lab.search.cure_request import CureRequest
from lab.search.cure_trials import CureTrials
from lab.search.judge import ANY, Judge, beside, identify, not_lost, refuse_lost, same
from lab.search.price import price
from lab.search.probes import SearchSession, asking, opened

SCHEMA = 2
"""2: when and by which way each cure was tried, replacements and placebos apart from what is proved, no good release needed."""


def perform(
    request: CureRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Cured]:
    """Confirm the failure, try every cure, prove and price what helps.

    EndsWrongError where it does not fail, or fails in a release that the user called good; InconclusiveError where it
    only fails now and then, or where the control helped.
    """
    start = time.monotonic()
    for release in filter(None, (request.good, request.at)):
        request.trial(release)  # wrong words are said before anything runs
    with opened(
        asking(request.scenario, request.command, fresh=fresh, rounds=request.rounds, resume=resume),
        laboratory,
        request.adopted,
    ) as session:
        found = yield from (_by_ways(request, session) if request.ways else within(request, session))
        run = session.close()
    return replace(found, run=run.id, trials=run.trials, seconds=round(time.monotonic() - start, 1))


def _by_ways(request: CureRequest, session: SearchSession) -> Generator[Event, None, Cured]:
    """Each way that fails with its cures; EndsWrongError, with what each way did, where none fails."""
    seen = yield from ways.survey(request.at, lambda way: request.by(way).trial(request.at), request.ways, session)
    failing = ways.failing(seen)
    if not failing:
        raise EndsWrongError(
            f"{request.at} does not fail with {request.about_model}: {ways.told(seen)}; no other way was tried",
            "name the release that fails: --at RELEASE, or another way of opening it: --route",
        )
    answers, reasons = yield from ways.each(
        [one.route for one in failing], lambda way: within(request.by(way), session)
    )
    first, *others = answers.values()
    tried = tuple(replace(one, open=reasons.get(one.route, "")) for one in seen)
    return replace(first, ways=tried, others=tuple(others))


@dataclass(frozen=True, kw_only=True)
class GoodEnd:
    """What a search for cures has beside the release that fails: one that does it right, or why there is none."""

    release: str = ""
    beside: str = ""


def within(request: CureRequest, session: SearchSession) -> Generator[Event, None, Cured]:
    """The search inside a session that others may share."""
    good = yield from _good(request, session)
    failure = yield from _confirmed(request, session)
    trials = CureTrials(request=request, session=session, failure=failure)
    tried = yield from trials.alone()
    if not any(one.status.works for one in tried):
        tried += yield from trials.together(tried)
    trial = request.trial(request.at).trial
    files = cure_lines.at_hand(session, trial, request.path) if trial is not None else None
    cures = tuple(files.fitted(one) for one in request.cures) if files is not None else request.cures
    tried = yield from cure_lines.proved(request, session, tried, cures)
    cures = tuple(files.placed(one) for one in cures) if files is not None else cures
    if good.release:
        tried = yield from price(request, session, tried)
    held = session.reference() if trial is not None else ""
    return _found(request, failure, good, tried, cures, f"what {held} answers" if held else request.held)


def _found(
    request: CureRequest,
    failure: Outcome,
    good: GoodEnd,
    tried: Sequence[TriedCure],
    cures: tuple[Cure, ...],
    held: str,
) -> Cured:
    return Cured(
        schema=SCHEMA,
        run="",
        command=request.command,
        scenario=request.scenario.name,
        issue=request.scenario.issue,
        at=request.at,
        saver=request.saver,
        good=good.release,
        signature=identify(failure),
        message=failure.message,
        times=request.times,
        cures=cures,
        tried=tuple(tried),
        about=request.about,
        route=request.words.route,
        held=held,
        beside=good.beside,
    )


def _good(request: CureRequest, session: SearchSession) -> Generator[Event, None, GoodEnd]:
    """The release that does it right, seen to do so; without one the saver's own numbers still say what is right.

    EndsWrongError where the user named it, and it does not.
    """
    if request.same:
        return GoodEnd()
    outcome = not_lost(
        f"the good release {request.good}", (yield from session.trial(request.trial(request.good))).outcome
    )
    if outcome.ok:
        return GoodEnd(release=request.good)
    for_files = f" for files of {request.saver}" if request.axis is Axis.LOADER and request.model is None else ""
    if request.claimed:
        raise EndsWrongError(
            f"{request.good} is no good release{for_files}: {describe(outcome)}",
            "name another one: --good RELEASE, or none: the numbers of what saved are enough",
        )
    return GoodEnd(beside=beside(request.good, outcome))


def _confirmed(request: CureRequest, session: SearchSession) -> Generator[Event, None, Outcome]:
    """The failure, seen every time with one signature."""
    on_files = f" on files of {request.saver}" if request.axis is Axis.LOADER and request.model is None else ""
    results = yield from session.repeats(request.trial(request.at), request.times)
    outcomes = [one.outcome for one in results]
    seen = refuse_lost(request.at, Judge(words=ANY).together(outcomes))
    outcomes = [one for one in outcomes if one.kind.tested] or outcomes
    if seen.sort is ProbeVerdict.FLAKY:
        raise InconclusiveError(
            f"{request.at} {seen.why}: a cure could not be told from luck",
            "lab bisect SCENARIO --good R --bad R --repeat 5 shows since when",
        )
    if seen.sort is ProbeVerdict.SKIP:
        raise BuildError(f"{request.at} could not be tested: {seen.why}", "lab doctor, or another release")
    if seen.sort is not ProbeVerdict.BAD:
        raise EndsWrongError(
            f"{request.at} does not fail{on_files} by {route_words(request.words.route)}: {describe(outcomes[0])} {seen.why}".rstrip(),
            "name the release that fails: --at RELEASE"
            + ("" if request.model else ", and what saved the files: --saver RELEASE"),
        )
    if not all(same(outcomes[0], one) for one in outcomes):
        raise InconclusiveError(
            f"{request.at} fails in different ways: {', '.join(sorted({identify(one) for one in outcomes}))}",
            "a cure is proved against one failure; find out first why there are several",
        )
    yield Told(text=f"confirmed {len(outcomes)} of {len(outcomes)} times: {describe(outcomes[0])}")
    return outcomes[0]


def ending(found: Cured) -> Ending:
    """Whether something works again; nothing is known where the lab could not try all of it."""
    if found.accepted or found.replacements:
        return Ending.FOUND
    return Ending.UNKNOWN if any(one.status is CureStatus.UNTESTED for one in found.tried) else Ending.NOTHING
