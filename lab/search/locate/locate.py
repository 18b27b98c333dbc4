"""The location itself: the whole model, the values between its operators, each operator alone, and what follows from that."""

import contextlib
import hashlib
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from lab.check import adopt
from lab.cut.body import taken_apart
from lab.errors import BuildError
from lab.model import Step
from lab.model.location import FILE, CutSeen, CutSort, LocatedPlace, LocatedSort, Location, OperatorSeen
from lab.outcome.exits import Ending
from lab.run import candidates
from lab.run.events import Event
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.trial import RunContext
from lab.run.workflow import require_comparator
from lab.search.algorithms.window import Stretch
from lab.search.locate import opened, record, scan, whole
from lab.search.locate.cuts import CutMaker
from lab.search.locate.operators import described
from lab.search.locate.record import MarkedValues
from lab.search.locate.request import LocateRequest, LocateSide
from lab.search.locate.session import LocateSession
from lab.search.locate.whole import WholeSeen
from lab.storage import cleared, store
from lab.text import counted

SCHEMA = 1
WORKERS = 3


def perform(request: LocateRequest, laboratory: Laboratory) -> Generator[Event, None, Location]:
    """Find the operator; closing the generator stops its containers.

    EndsWrongError where the bad place does not fail or the good one does; BuildError where a place cannot be had.
    """
    require_comparator()
    begun = time.monotonic()
    with hold(_asking(request), laboratory) as held:
        needed = {one.place.environment.key: one.place.environment for one in (request.good, request.bad)}
        context = yield from held.context(needed)
        _refuse_unbuilt(context)
        found = yield from _held(request, held, context)
        found = replace(
            found, run=held.run.id, notes=(*found.notes, *_rounding(found)), seconds=round(time.monotonic() - begun, 1)
        )
        store.write(held.folder / FILE, store.pretty(found))
        held.finish(replace(held.run, notes=(told(found), f"every operator is in {FILE}")))
    return found


def told(found: Location) -> str:
    """What came of it in one line, as lists of runs say it."""
    if found.first is None or found.last is None:
        return str(found.sort)
    if found.sort is LocatedSort.OPERATOR:
        return f"operator {found.first}: {found.operator(found.first).operator}"
    return f"{found.sort}: operators {found.first} to {found.last}"


def _asking(request: LocateRequest) -> RunRequest:
    words = adopt.text(request.given, request.material, f"{request.good} {request.bad}")
    return RunRequest(
        name=adopt.named(request.given, adopt.Ask.LOCATE), command=request.command,
        scenario_sha256=hashlib.sha256(words.encode()).hexdigest(), whole=False, rounds=0, fresh=request.fresh,
        resume=request.resume,
    )  # fmt: skip


def _refuse_unbuilt(context: RunContext) -> None:
    for key, image in context.images.items():
        if isinstance(image, Step):
            raise BuildError(f"{key} cannot be had: {image.outcome.message}", "lab images build says more")


def _held(request: LocateRequest, held: RunSession, context: RunContext) -> Generator[Event, None, Location]:
    with working(request, held, context) as session:
        found = yield from within(session)
        return replace(found, candidates=session.starts.asked)


@contextlib.contextmanager
def working(request: LocateRequest, held: RunSession, context: RunContext) -> Iterator[LocateSession]:
    """A session inside a run, with everything that it takes open; its cuts are gone after it."""
    home = held.folder / "cuts"
    cleared.remove(home)
    starting = candidates.opened(context.runner, context.images, held.folder / "starts", request.seconds)
    try:
        with (
            taken_apart(request.program, request.file(".pdiparams")) as body,
            held.workers(WORKERS) as pool,
            starting as starts,
        ):
            cuts = CutMaker(request=request, body=body, folder=home)
            with contextlib.closing(cuts):
                yield LocateSession(
                    request=request, held=held, starts=starts, pool=pool, good=request.good, bad=request.bad,
                    cuts=cuts, notes=list(request.notes),
                )  # fmt: skip
    finally:
        cleared.remove(home)


def within(session: LocateSession) -> Generator[Event, None, Location]:
    """All steps in their order."""
    seen = yield from whole.settle(session)
    marked = yield from record.recorded(session)
    return (yield from searched(session, marked, seen))


def searched(session: LocateSession, marked: MarkedValues, seen: WholeSeen) -> Generator[Event, None, Location]:
    """From the recorded values to the answer; what holds operators is looked into."""
    found = yield from _answered(session, seen, marked)
    return (yield from opened.within(session, found, partial(searched, seen=seen)))


def _answered(session: LocateSession, seen: WholeSeen, marked: MarkedValues) -> Generator[Event, None, Location]:
    alone = yield from scan.alone(session)
    found = _drafted(session, seen, marked, alone)
    suspects = [index for index, one in alone.items() if one.sort.bad]
    if scan.everywhere(list(alone.values())):
        return replace(found, sort=LocatedSort.EVERYWHERE)
    for index in suspects:
        confirmed = yield from scan.confirmed(session, (index, index))
        if confirmed.certain:
            others = tuple(one for one in suspects if one != index)
            return replace(
                found, sort=LocatedSort.OPERATOR, first=index, last=index, others=others, confirmed=confirmed
            )
    stretch = yield from scan.smallest(session)
    if stretch is None:
        return found
    sort = yield from scan.looked_into(session, stretch)
    confirmed = yield from scan.confirmed(session, stretch)
    first, last = _ends(session, stretch)
    return replace(found, sort=sort, first=first, last=last, confirmed=confirmed)


def _ends(session: LocateSession, stretch: Stretch) -> Stretch:
    """The stretch from its first to its last operator that is no constant."""
    inside = [index for index in scan.needed(session) if stretch[0] <= index <= stretch[1]]
    return (inside[0], inside[-1]) if inside else stretch


def _drafted(session: LocateSession, seen: WholeSeen, marked: MarkedValues, alone: Mapping[int, CutSeen]) -> Location:
    """What is known before anything is concluded."""
    cumulative = _by_operator(session, marked.cumulative)
    shown = [marked.cumulative[name] for name in session.anatomy.fetches if name in marked.cumulative]
    return Location(
        schema=SCHEMA, run="", command=session.request.command, model=session.request.name,
        format=session.request.given.format, good=_place(session.good), bad=_place(session.bad), failure=seen.failure,
        sort=LocatedSort.NOWHERE, operators=_operators(session, cumulative, alone), flaky=seen.flaky,
        hidden=bool(shown) and session.silent and all(one.sort is CutSort.AGREES for one in shown),
        unsteady=len(marked.unsteady), outputs=seen.outputs, notes=(*session.notes, *_lost(marked)),
    )  # fmt: skip


def _by_operator(session: LocateSession, values: Mapping[str, CutSeen]) -> dict[int, CutSeen]:
    """Of each operator the value that is furthest off."""
    from lab.search.locate import numbers  # noqa: PLC0415

    found: dict[int, list[CutSeen]] = {}
    for name, one in values.items():
        found.setdefault(session.anatomy.maker[name], []).append(one)
    return {index: numbers.worst(several) for index, several in found.items()}


def _operators(
    session: LocateSession, cumulative: Mapping[int, CutSeen], alone: Mapping[int, CutSeen]
) -> tuple[OperatorSeen, ...]:
    told = described(session.cuts.program or session.request.program, session.anatomy)
    return tuple(
        replace(told[index], cumulative=cumulative.get(index), alone=alone.get(index)) for index in scan.needed(session)
    )


def _place(side: LocateSide) -> LocatedPlace:
    return LocatedPlace(environment=side.place.environment.key, route=side.route, env=dict(side.place.settings.env))


def _lost(marked: MarkedValues) -> Sequence[str]:
    if not marked.lost:
        return ()
    return (
        f"{counted(len(marked.lost), 'value')} cannot be looked at in the good place: {', '.join(marked.lost[:5])}",
    )


def _rounding(found: Location) -> Sequence[str]:
    """What keeps an answer from being found where only single elements are off, and by no more than rounding."""
    alike = found.outputs is not None and not found.outputs.sort.bad and found.failure.kind.answered
    said = (
        "the outputs are off by no more than rounding beside their largest value: so small a difference is not located"
    )
    return (said,) if alike else ()


def ending(found: Location) -> Ending:
    """One operator or cut that every repeat shows; one that something speaks against; or nothing."""
    if found.sort in (LocatedSort.NOWHERE, LocatedSort.EVERYWHERE):
        return Ending.NOTHING
    return Ending.FOUND if found.certain else Ending.DOUBTFUL
