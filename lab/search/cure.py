"""What cures it: every reviewed cure tried alone, together where none helps, and believed only where it is proved."""

import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from lab.errors import BuildError, EndsWrongError, InconclusiveError
from lab.model import Outcome, TrialResult
from lab.model.cure import Cure, Cured, CureKind, CureStatus, TriedCure
from lab.model.search import Axis, ProbeVerdict
from lab.outcome.exits import Ending
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.run.session import Laboratory
from lab.search.algorithms import Minimal, ddmin
from lab.search.cure_request import CureRequest
from lab.search.judge import ANY, Judge, identify, not_lost, refuse_lost, same
from lab.search.price import price
from lab.search.probes import SearchSession, asking, opened
from lab.storage.outbox import GuestFile

SCHEMA = 1
MODEL_FILES = ("net.json", "net.pdmodel")
SHOWN = 160


def perform(
    request: CureRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Cured]:
    """Confirm the failure, try every cure, prove and price what helps.

    EndsWrongError where it does not fail, or fails in the good release too; InconclusiveError where it only fails now
    and then, or where the control helped.
    """
    start = time.monotonic()
    for release in (request.good, request.at):
        request.trial(release)  # wrong words are said before anything runs
    with opened(
        asking(request.scenario, request.command, fresh=fresh, rounds=request.rounds, resume=resume),
        laboratory,
        request.adopted,
    ) as session:
        found = yield from within(request, session)
        run = session.close()
    return replace(found, run=run.id, trials=run.trials, seconds=round(time.monotonic() - start, 1))


def within(request: CureRequest, session: SearchSession) -> Generator[Event, None, Cured]:
    """The search inside a session that others may share."""
    failure = yield from _confirmed(request, session)
    tried = yield from _alone(request, session, failure)
    if not any(one.status is CureStatus.ACCEPTED for one in tried):
        tried += yield from _together(request, session, failure, tried)
    tried = yield from price(request, session, tried)
    return _found(request, failure, tried)


def _found(request: CureRequest, failure: Outcome, tried: Sequence[TriedCure]) -> Cured:
    return Cured(
        schema=SCHEMA,
        run="",
        command=request.command,
        scenario=request.scenario.name,
        issue=request.scenario.issue,
        at=request.at,
        saver=request.saver,
        good=request.good,
        signature=identify(failure),
        message=failure.message,
        times=request.times,
        cures=request.cures,
        tried=tuple(tried),
        about=request.about,
    )


def _confirmed(request: CureRequest, session: SearchSession) -> Generator[Event, None, Outcome]:
    """The failure, seen every time with one signature, and the good release seen to be good."""
    good = yield from session.trial(request.trial(request.good))
    for_files, on_files = "", ""
    if request.axis is Axis.LOADER and request.model is None:
        for_files, on_files = f" for files of {request.saver}", f" on files of {request.saver}"
    if not not_lost(f"the good release {request.good}", good.outcome).ok:
        raise EndsWrongError(
            f"{request.good} is no good release{for_files}: {describe(good.outcome)}",
            "name another one: --good RELEASE",
        )
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
            f"{request.at} does not fail{on_files}: {describe(outcomes[0])} {seen.why}".rstrip(),
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


def _alone(request: CureRequest, session: SearchSession, failure: Outcome) -> Generator[Event, None, list[TriedCure]]:
    """Each cure by itself, outer layers first."""
    tried: list[TriedCure] = []
    for cure in request.cures:
        one = yield from _try(request, session, failure, (cure,))
        yield Told(text=f"{cure.name}: {one.status}" + (f" ({one.why})" if one.why else ""))
        refuse_control(cure, one, session)
        tried.append(one)
    return tried


def refuse_control(cure: Cure, tried: TriedCure, session: SearchSession) -> None:
    """InconclusiveError where what cannot help did: then nothing that seems to help can be believed."""
    if cure.control and tried.status is CureStatus.ACCEPTED:
        raise InconclusiveError(
            f"the control {cure.name!r} seemed to help, so nothing here can be believed",
            f"look at the trials: lab runs show {session.held.run.id}",
        )


def _together(
    request: CureRequest, session: SearchSession, failure: Outcome, tried: Sequence[TriedCure]
) -> Generator[Event, None, list[TriedCure]]:
    """Where none helps alone: all that the build knows at once, and if that helps, the smallest part that does."""
    usable = {
        name
        for one in tried
        for name in one.names
        if one.status in (CureStatus.NOTHING, CureStatus.OTHER, CureStatus.WRONG)
    }
    found: dict[str, Cure] = {}
    for cure in request.cures:
        taken = {name for one in found.values() for name in one.env}
        if cure.name in usable and cure.env and not cure.control and not taken & set(cure.env):
            found[cure.name] = cure
    if len(found) < 2:  # noqa: PLR2004 - one cure was tried alone already
        return []
    search = ddmin(tuple(found))
    answers: dict[tuple[str, ...], TriedCure] = {}
    names = next(search)
    while True:
        answers[names] = yield from _try(request, session, failure, [found[name] for name in names])
        yield Told(text=f"{' + '.join(names)}: {answers[names].status}")
        try:
            names = search.send(answers[names].status is CureStatus.ACCEPTED)
        except StopIteration as ended:
            return _combined(ended.value, answers)


def _combined(minimal: Minimal, answers: dict[tuple[str, ...], TriedCure]) -> list[TriedCure]:
    """The smallest set, believed only if the failure itself comes back whichever part is left out."""
    if not minimal.parts:
        everything = next(iter(answers.values()))
        return [replace(everything, why=f"all together: {everything.why}".rstrip(": "))]
    found = answers[minimal.parts]
    less = {left: tuple(part for part in minimal.parts if part != left) for left in minimal.parts}
    others = [f"without {left}: {answers[rest].status}" for left, rest in less.items() if _differs(answers.get(rest))]
    if others:
        return [replace(found, status=CureStatus.UNPROVED, why=f"it works together, but {'; '.join(others)}")]
    return [replace(found, why="only together: without any part of it the same failure is back")]


def _differs(tried: TriedCure | None) -> bool:
    return tried is not None and tried.status is not CureStatus.NOTHING


def _try(
    request: CureRequest, session: SearchSession, failure: Outcome, cures: Sequence[Cure]
) -> Generator[Event, None, TriedCure]:
    """One cure, or several at once: once, and as often as the failure was confirmed if it helps."""
    names = tuple(one.name for one in cures)
    planned = request.trial(request.at, cures)
    hindered, why = hindrance(request, session, cures, planned)
    if hindered is not None:
        return TriedCure(names=names, status=hindered, why=why)
    status = CureStatus.UNTESTED
    results: list[TrialResult] = []
    for repeat in range(request.times):
        results += [(yield from session.trial(planned, repeat))]
        status, why = judge(failure, results[-1], cures)
        if status is not CureStatus.ACCEPTED:
            break
    passed = sum(one.outcome.ok for one in results)
    if passed and status not in (CureStatus.ACCEPTED, CureStatus.UNSUPPORTED, CureStatus.UNTESTED):
        status, why = CureStatus.FLAKY, f"helped {passed} of {len(results)} times, then {status}"
    return TriedCure(names=names, status=status, why=why, passed=passed, times=len(results))


def hindrance(
    request: CureRequest, session: SearchSession, cures: Sequence[Cure], planned: Planned
) -> tuple[CureStatus | None, str]:
    """Why a cure is not tried at all, as its status and a reason; None where it is."""
    release = request.catalogue.named(request.at)
    for cure in cures:
        if cure.releases and release not in request.catalogue.releases_in(cure.releases):
            return CureStatus.UNSUPPORTED, f"only for {cure.releases}"
        if cure.kind is CureKind.ADVICE:
            return CureStatus.ADVICE, cure.does
        if cure.route and planned.trial is not None:
            out = session.context([planned.trial]).saver_folder(planned.trial) / "out"
            if not any(GuestFile(out=out, name=f"model/{name}").plain for name in MODEL_FILES):
                return CureStatus.UNSUPPORTED, "the scenario saves no model that a standard route could open"
    return None, ""


def judge(failure: Outcome, result: TrialResult, cures: Sequence[Cure]) -> tuple[CureStatus, str]:
    """What one trial says of the cures in it, as status and reason; a flag the build lacks outranks everything."""
    outcome = result.outcome
    asked = {name for cure in cures for name in cure.env}
    unknown = {name for facts in (result.save, result.load) if facts is not None for name in facts.flags_missing}
    missing = sorted(asked & unknown)
    if missing:
        return CureStatus.UNSUPPORTED, f"{', '.join(missing)} is not registered in this build"
    if outcome.ok:
        return CureStatus.ACCEPTED, ""
    if not outcome.kind.tested:
        return CureStatus.UNTESTED, f"{describe(outcome)}: {outcome.message[:SHOWN]}"
    if outcome.kind.differs and not failure.kind.differs:
        return CureStatus.WRONG, outcome.message[:SHOWN]
    if same(failure, outcome):
        return CureStatus.NOTHING, ""
    return CureStatus.OTHER, f"{describe(outcome)}: {outcome.message[:SHOWN]}"


def ending(found: Cured) -> Ending:
    """Whether something is proved to cure; nothing is known where the lab could not try all of them."""
    if found.accepted:
        return Ending.FOUND
    return Ending.UNKNOWN if any(one.status is CureStatus.UNTESTED for one in found.tried) else Ending.NOTHING
