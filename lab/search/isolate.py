"""What changed between a place that works and one that fails, and which of the changes is to blame."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from lab.errors import EndsWrongError, InconclusiveError
from lab.model import Environment
from lab.model.isolation import BAD_END, GOOD_END, AxisFound, Blame, Isolation, Stepped
from lab.model.search import ProbeVerdict
from lab.outcome.exits import Ending
from lab.run.events import Event, Told
from lab.run.session import Laboratory
from lab.search.algorithms import AxisChange, Isolated, ProbeAnswer, isolate
from lab.search.available_axes import IsolateWork, available, believed, on_real, stood_in, without_emulator
from lab.search.axes import AS_LOCKED, PACKAGES, IsolateRequest, Values
from lab.search.judge import Judge, identify, refuse_lost
from lab.search.probes import SearchSession, asking, opened

SCHEMA = 1
END_REPEATS = 2


def perform(
    request: IsolateRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Isolation]:
    """Find the axes to blame, telling what happens; every trial is on disk before it is told.

    InconclusiveError where nothing of what differs can be tested here; BuildError where an end cannot be had at all.
    """
    start = time.monotonic()
    asked = asking(request.scenario, request.command, fresh=fresh, resume=resume)
    with opened(asked, laboratory, request.adopted) as session:
        found = yield from within(request, session)
        run = session.close()
    return replace(found, run=run.id, trials=run.trials, seconds=round(time.monotonic() - start, 1))


def within(request: IsolateRequest, session: SearchSession) -> Generator[Event, None, Isolation]:
    """The request inside a session that others may share."""
    work = IsolateWork(request=request, session=session, judge=Judge(words=request.signature))
    asked = request
    on_real(work)
    without_emulator(work)
    yield from available(work)
    yield from stood_in(work)
    if not work.request.differing:
        said = "; ".join(f"{name}: {why}" for name, why in work.untested.items())
        raise InconclusiveError(
            f"nothing of what differs can be tested here: {said}", "mend that, or name other places"
        )
    answer = yield from _driven(work)
    return _answer(work, asked, answer)


def _driven(work: IsolateWork) -> Generator[Event, None, Isolated]:
    """Drive the search: try each place it asks for, judge it, tell it."""
    search = isolate(work.request.differing)
    change = next(search)
    while True:
        seen = yield from _seen(work, change)
        try:
            change = search.send(seen)
        except StopIteration as ended:
            found: Isolated = ended.value
            return found


def _seen(work: IsolateWork, change: AxisChange) -> Generator[Event, None, ProbeAnswer]:
    """The verdict on one place; a failure on an emulated processor counts only where the good release works on it."""
    request = work.request
    values = request.values(change.axes)
    planned = request.planned(values)
    if planned.trial is not None:
        work.session.prefetch(_environments(work, change))
    is_end = change.purpose in (GOOD_END, BAD_END)
    results = yield from work.session.repeats(planned, max(request.repeat, END_REPEATS if is_end else 1))
    outcomes = [one.outcome for one in results]
    if change.purpose == BAD_END:
        failures = (one for one in outcomes if one.kind.tested and not one.ok)
        work.judge = replace(work.judge, reference=next(failures, None))
    seen = yield from believed(work, values, work.judge.together(outcomes))
    if is_end:
        refuse_lost(f"the {change.purpose}", seen)
    work.steps[change.axes] = Stepped(
        changed=change.axes,
        values=values,
        purpose=change.purpose,
        sort=seen.sort,
        why=seen.why,
        signature=seen.signature,
        emulated=request.emulated(values),
        real=values["cpu"] in request.real,
        device=next((one.load.device for one in results if one.load is not None), ""),
        on=tuple(dict.fromkeys(said for one in results if (said := one.host))),
        reused=all(one.reused for one in results),
        seconds=round(sum(one.seconds for one in results), 1),
    )
    what = " ".join(f"{name}={values[name]}" for name in change.axes) or "nothing"
    yield Told(text=f"changing {what}: {seen.sort} ({change.purpose})" + (f": {seen.why}" if seen.why else ""))
    return seen


def _environments(work: IsolateWork, change: AxisChange) -> Sequence[Environment]:
    """The images to make ahead: of this place, and of the ends, which are always needed."""
    request = work.request
    places = [request.values(change.axes), request.good, request.bad]
    trials = [one.trial for place in places if (one := request.planned(place)).trial is not None]
    found: dict[str, Environment] = {}
    for trial in trials:
        if trial is not None:
            found |= {one.key: one for one in (trial.saver.environment, trial.loader.environment)}
    return tuple(found.values())


def _answer(work: IsolateWork, asked: IsolateRequest, answer: Isolated) -> Isolation:
    request, failure = work.request, work.judge.reference
    return Isolation(
        schema=SCHEMA,
        run="",
        command=request.command,
        scenario=request.scenario.name,
        issue=request.scenario.issue,
        saver=request.saver,
        good=asked.good,
        bad=asked.bad,
        signature=identify(failure) if failure is not None else "",
        message=failure.message if failure is not None else "",
        axes=tuple(_axis(work, asked, answer, name) for name in asked.differing),
        steps=tuple(work.steps.values()),
        cause=answer.cause,
        given=answer.given,
        entangled=answer.entangled,
        stand_in=work.stand_in,
        notes=(*work.notes, *_carried(work)),
        wrong=answer.wrong,
        certain=answer.certain,
    )


def _carried(work: IsolateWork) -> tuple[str, ...]:
    """What changes together with the release although nobody asked, and what "as locked" stands for."""
    request = work.request
    ends = (request.good, request.bad)
    if "release" in request.differing and "numpy" not in request.differing:
        found = [_version(work, place, "numpy") for place in ends]
        if not all(found) or found[0] == found[1]:
            return ()
        apart = f"with numpy={found[0]} in --good and numpy={found[1]} in --bad it is an axis of its own"
        return (
            f"numpy comes with the release: {found[0]} beside the good one, {found[1]} beside the bad one; {apart}",
        )
    named = ((name, place) for name in PACKAGES if name in request.differing for place in ends)
    return tuple(
        f"{name} {AS_LOCKED} is {version} in {place['release']}"
        for name, place in named
        if place[name] == AS_LOCKED and (version := _version(work, place, name))
    )


def _version(work: IsolateWork, place: Values, package: str) -> str:
    """The version of a package that a place had when it was tried; empty where it did not come so far."""
    result = work.session.results.get((work.request.planned(place).label, 0))
    return result.load.versions.get(package, "") if result is not None and result.load is not None else ""


def _axis(work: IsolateWork, asked: IsolateRequest, answer: Isolated, name: str) -> AxisFound:
    """One difference with what was shown of it, in words."""
    values = (asked.good[name], asked.bad[name])
    if name in work.untested:
        status, why = Blame.UNKNOWN, work.untested[name]
    elif answer.wrong:
        status, why = Blame.UNKNOWN, "an end is not what was claimed"
    else:
        status, why = answer.blame[name], _shown(work, answer, name)
    return AxisFound(name=name, good=values[0], bad=values[1], status=status, why=why)


def _shown(work: IsolateWork, answer: Isolated, name: str) -> str:
    """By what an axis was found to be what it is."""
    everything = work.request.differing
    if name in answer.cause or name in answer.given:
        together = (*answer.cause, *answer.given)
        without = _said(answer.seen, tuple(one for one in everything if one in together and one != name))
        if name in answer.given:
            return f"changed alone: {_said(answer.seen, answer.given)}; changed back: {without}"
        return f"without it: {without}"
    rest = tuple(one for one in everything if one != name)
    return f"changed alone: {_said(answer.seen, (name,))}; changed back: {_said(answer.seen, rest)}"


def _said(seen: Mapping[tuple[str, ...], ProbeAnswer], axes: tuple[str, ...]) -> str:
    one = seen[axes]
    return (
        f"{one.sort} ({one.why})"
        if one.sort in (ProbeVerdict.SKIP, ProbeVerdict.OTHER, ProbeVerdict.FLAKY)
        else one.sort
    )


def ends_wrong(found: Isolation) -> EndsWrongError | None:
    """The error for ends that are not what was claimed."""
    if not found.wrong:
        return None
    by_purpose = {one.purpose: one for one in found.steps}
    good, bad = by_purpose[GOOD_END], by_purpose[BAD_END]
    said = f"the good place is {_end_words(good)}, the bad one is {_end_words(bad)}"
    swapped = bad.sort is ProbeVerdict.GOOD and good.sort in (ProbeVerdict.BAD, ProbeVerdict.OTHER)
    remedy = "swap --good and --bad" if swapped else f"look at the trials: lab runs show {found.run}; name other places"
    if found.wrong == ("good", "bad"):
        return EndsWrongError(
            f"the ends are the wrong way round: {said}" if swapped else f"neither end is as said: {said}", remedy
        )
    both = (
        "both ends work"
        if good.sort is bad.sort is ProbeVerdict.GOOD
        else "both ends fail"
        if bad.sort is ProbeVerdict.BAD
        else "an end is not as said"
    )
    return EndsWrongError(f"{both}: {said}", remedy)


def _end_words(step: Stepped) -> str:
    return f"{step.sort} ({step.why})" if step.why else step.sort


def ending(found: Isolation) -> Ending:
    """A cause whose every part is proved, or one whose parts cannot be told apart, or that something contradicts."""
    return Ending.FOUND if found.certain else Ending.DOUBTFUL
