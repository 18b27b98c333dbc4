"""What cures slowness or a leak: every reviewed cure in the same blocks, beside the good release and beside no cure."""

import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace

from lab.bench import weigh
from lab.errors import EndsWrongError, InconclusiveError, UsageError
from lab.model import Kind, Outcome, Phase
from lab.model.cure import Cure, Cured, CureMoment, CureStatus, Relief, TriedCure, other_api
from lab.model.search import ProbeVerdict, Reading, Symptom
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.run.session import Laboratory
from lab.run.workflow import require_timed
from lab.search import cure_lines, cure_trials
from lab.search.bisect_measured import ReleaseMeter
from lab.search.cure import SCHEMA
from lab.search.cure_by_release import ended
from lab.search.cure_request import CureRequest
from lab.search.judge import not_lost, refuse_lost
from lab.search.measured_sides import MeasuredSides, measured_sides
from lab.search.probes import SearchSession, asking, opened
from lab.search.symptoms import NOISY, CuredSide, label
from lab.search.weigh import MeasuredVerdict

NO_CURE = "no cure"
RESAVED = "the model must be saved again with this set"
FINE = Outcome(kind=Kind.OK, phase=Phase.COMPARE)


@dataclass(kw_only=True)
class MeasuredCureSearch:
    """One search for what ends a measured symptom: the request, the meter, and what is tried with what was said of it."""

    request: CureRequest
    symptom: Symptom
    session: SearchSession
    meter: ReleaseMeter
    working: dict[str, Planned] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    base: Planned | None = None

    @property
    def by_name(self) -> dict[str, Cure]:
        """The catalogue by name."""
        return {one.name: one for one in self.request.cures}

    def reference(self, name: str) -> str:
        """The side a cure is held against: the good release, through the same API, because times of two do not compare."""
        route = self.by_name[name].route
        return f"{self.meter.name} by {route}" if self.other_api(name) else self.meter.name

    def other_api(self, name: str) -> bool:
        """Whether a cure opens the model with another API than the one that shows it."""
        asked = self.request.words.route
        return other_api(self.by_name[name].route or asked, asked)


def perform(
    request: CureRequest, symptom: Symptom, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Cured]:
    """Confirm the symptom, try every cure and every later release, and believe only what two sessions and the numbers say.

    EndsWrongError where the release does not show it, or the good one does; InconclusiveError where that could not be
    decided, or where the control helped.
    """
    require_timed(request.scenario)
    start = time.monotonic()
    good, uncured = request.trial(request.good), request.trial(request.at)
    if good.label == uncured.label:
        raise UsageError(f"--good {request.good} and --at {request.at} are the same release", "name two releases")
    with opened(
        asking(request.scenario, request.command, fresh=fresh, resume=resume), laboratory, request.adopted
    ) as session:
        meter = ReleaseMeter(session=session, symptom=symptom, name=request.good, good=good)
        search = MeasuredCureSearch(request=request, symptom=symptom, session=session, meter=meter)
        yield from meter.prove()
        seen = yield from _confirmed(search, uncured)
        # Two releases may save different weights from one seed: then a cure is held against the numbers without it.
        comparable = not (yield from meter.differs(uncured, good))
        search.base = good if comparable else uncured
        tried = yield from _tried(search, uncured)
        last, cure = yield from ended(request, symptom, session, meter, comparable=comparable)
        run = session.close([f"{' + '.join(one.names)}: {one.status}" for one in (*tried, *last)])
    return Cured(
        schema=SCHEMA, run=run.id, command=request.command, scenario=request.scenario.name,
        issue=request.scenario.issue, at=request.at, saver=request.saver, good=request.good, signature="",
        message="", times=request.times, cures=(*_fitting(search, uncured), *cure), tried=(*tried, *last),
        seconds=round(time.monotonic() - start, 1), trials=run.trials, symptom=symptom, seen=seen,
        about=request.about if request.model else "",
    )  # fmt: skip


def _fitting(search: MeasuredCureSearch, uncured: Planned) -> tuple[Cure, ...]:
    """The catalogue with the names of the files that really lie there in its lines of code: 3.x saves a .json."""
    trial, cures = uncured.trial, search.request.cures
    files = cure_lines.at_hand(search.session, trial, search.request.path) if trial is not None else None
    return tuple(files.placed(files.fitted(one)) for one in cures) if files is not None else cures


def _confirmed(search: MeasuredCureSearch, uncured: Planned) -> Generator[Event, None, Reading]:
    """The symptom, as measured beside the good release."""
    at, symptom = search.request.at, search.symptom
    found = yield from search.meter.measure(at, uncured)
    refuse_lost(at, found.seen)
    if found.seen.sort is ProbeVerdict.UNDECIDED:
        raise InconclusiveError(f"{at} could not be decided: {found.seen.why}", NOISY)
    if found.seen.sort is not ProbeVerdict.BAD:
        good = found.seen.sort is ProbeVerdict.GOOD
        what = f"{at} shows no {label(symptom)} beside {search.meter.name}" if good else f"{at} cannot be measured"
        raise EndsWrongError(f"{what}: {found.seen.why}", "name the release that shows it: --at RELEASE")
    yield Told(text=f"confirmed: {at} {found.seen.why}")
    return found.reading


def _tried(search: MeasuredCureSearch, uncured: Planned) -> Generator[Event, None, list[TriedCure]]:
    """Each cure by itself: those that work with the right numbers are measured together, in the same blocks."""
    said_of: dict[str, TriedCure] = {}
    for cure in search.request.cures:
        status, why = yield from _works(search, cure)
        said_of[cure.name] = TriedCure(names=(cure.name,), status=status, why=why)
        yield Told(
            text=f"{cure.name}: {'works' if status is CureStatus.ACCEPTED else status}" + (f" ({why})" if why else "")
        )
    if search.working:
        together = yield from _sides(search, uncured)
        winners = yield from _measured(search, together)
        for name in search.working:
            said_of[name] = _verdict(search, together, name)
            yield Told(text=f"{name}: {said_of[name].status}: {_finding(search, together, name).seen.why}")
        for name in winners:
            said_of[name] = yield from _proved(search, said_of[name])
    for cure in search.request.cures:
        cure_trials.refuse_control(cure, said_of[cure.name], search.session)
    return list(said_of.values())


def _works(search: MeasuredCureSearch, cure: Cure) -> Generator[Event, None, tuple[CureStatus, str]]:
    """Whether the model works with a cure, on its files as they are or saved again, with the good release's numbers."""
    request, session = search.request, search.session
    planned = request.trial(request.at, (cure,))
    hindered, why = cure_trials.hindrance(request, session, (cure,), planned)
    if hindered is not None:
        return hindered, why
    status, why = cure_trials.judge(FINE, (yield from session.trial(planned)), (cure,))
    if status is CureStatus.OTHER and cure.env and not request.saver:
        planned = request.trial(request.at, (cure,), CureMoment.BOTH)
        status, why = cure_trials.judge(FINE, (yield from session.trial(planned)), (cure,))
        search.notes[cure.name] = RESAVED
    if status is CureStatus.ACCEPTED:
        why = yield from search.meter.differs(planned, search.base or planned)
        status = CureStatus.WRONG if why else CureStatus.ACCEPTED
    if status is CureStatus.ACCEPTED:
        search.working[cure.name] = planned
    return status, why


def _sides(search: MeasuredCureSearch, uncured: Planned) -> Generator[Event, None, MeasuredSides]:
    """All that is measured together: the good release, by each API that a cure uses, no cure, and every cure that works."""
    sides = {search.meter.name: search.meter.good}
    for name in search.working:
        if search.other_api(name):
            planned = search.request.trial(search.request.good, [replace(search.by_name[name], env={})])
            result = yield from search.session.trial(planned)
            if not_lost(search.reference(name), result.outcome).ok:
                sides[search.reference(name)] = planned
    sides |= {NO_CURE: uncured, **search.working}
    return measured_sides(search.session, list(sides.items()), search.symptom)


def _measured(search: MeasuredCureSearch, together: MeasuredSides) -> Generator[Event, None, list[str]]:
    """Blocks until every cure is decided or the last look is reached; those that look good are measured once more.

    What is far from a cure after two blocks is measured no further: that can only lose a cure, never make one.
    """
    undecided = list(search.working)
    references = [one.label for one in together.measured.sides if one.label not in search.working]
    for look in search.meter.kind.cure_looks:
        yield from together.upto(look, only=(*references, *undecided))
        undecided = [name for name in undecided if _open(search, together, name)]
        if not undecided:
            break
    good = [name for name in search.working if _finding(search, together, name).seen.sort is ProbeVerdict.GOOD]
    if good and search.meter.kind.confirming:
        yield from together.upto(search.meter.kind.confirming, session=2, only=(*references, *good))
    return [name for name in good if _verdict(search, together, name).status is CureStatus.ACCEPTED]


def _open(search: MeasuredCureSearch, together: MeasuredSides, name: str) -> bool:
    """Whether more blocks could still make it a cure."""
    found = _finding(search, together, name)
    hopeless = search.meter.kind.hopeless(_cured(search, together, name), found)
    return found.seen.sort is ProbeVerdict.UNDECIDED and not hopeless


def _cured(search: MeasuredCureSearch, together: MeasuredSides, name: str) -> CuredSide:
    return CuredSide(
        rule=search.meter.rule(together), blocks=together.blocks, first=together.reference, good=search.reference(name),
        uncured=NO_CURE, side=name, same_api=not search.other_api(name),
    )  # fmt: skip


def _finding(search: MeasuredCureSearch, together: MeasuredSides, name: str) -> MeasuredVerdict:
    """What the blocks say of one cure beside the good release."""
    return search.meter.kind.finding(search.meter.rule(together), together.blocks, search.reference(name), name)


def _verdict(search: MeasuredCureSearch, together: MeasuredSides, name: str) -> TriedCure:
    """What a cure is by its blocks, and what it gains and costs."""
    found = _finding(search, together, name)
    status, why = search.meter.kind.relieved(_cured(search, together, name), found)
    why = "" if status is CureStatus.ACCEPTED else why  # its gain and its price say so
    notes = [why, search.notes.get(name, ""), together.stopped(name)]
    relief = _relief(search, together, name, found)
    return TriedCure(names=(name,), status=status, why="; ".join(one for one in notes if one), relief=relief)


def _relief(search: MeasuredCureSearch, together: MeasuredSides, name: str, found: MeasuredVerdict) -> Relief:
    kind, rule = search.meter.kind, search.meter.rule(together)
    beside = replace(rule, symptom=replace(search.symptom, metric=kind.timed(search.symptom)))
    good = beside.compared(together.blocks, search.reference(name), name).reading
    uncured = None if search.other_api(name) else beside.compared(together.blocks, NO_CURE, name).reading
    good = kind.price(good, found.reading)
    peaks = [_peak(together, one) for one in (name, search.reference(name), NO_CURE)]
    return Relief(good=good, uncured=uncured, peak=peaks[0], peak_good=peaks[1], peak_uncured=peaks[2])


def _peak(together: MeasuredSides, name: str) -> int:
    """The most memory one process of a side had, in bytes."""
    parts = [weigh.part(block, name) for block in together.blocks]
    return max((one.peak for one in parts if one is not None), default=0)


def _proved(search: MeasuredCureSearch, tried: TriedCure) -> Generator[Event, None, TriedCure]:
    """The right numbers as often as was asked, each time with a save and a process of its own."""
    results = yield from search.session.repeats(search.working[tried.names[0]], search.request.times)
    passed = sum(not_lost(tried.names[0], one.outcome).ok for one in results)
    if passed < len(results):
        return replace(
            tried, status=CureStatus.FLAKY, why=f"right numbers {passed} of {len(results)} times", passed=passed
        )
    # Times of two APIs do not compare, so the other one shows nothing of what is slow in the call that was asked about.
    status = CureStatus.REPLACEMENT if search.other_api(tried.names[0]) else tried.status
    return replace(tried, status=status, passed=passed, times=len(results))
