"""Another release as a cure: the first one after the one that shows it, in which a measured symptom is gone."""

from collections.abc import Generator

from lab.knowledge import upstream
from lab.model.cure import Cure, CureKind, CureStatus, Relief, TriedCure
from lab.model.search import Axis, BisectedAxis, ProbeVerdict, Symptom
from lab.outcome.verdict import describe
from lab.run.events import Event
from lab.search.bisect_measured import ReleaseMeter, search_measured
from lab.search.cure_request import CureRequest
from lab.search.judge import not_lost
from lab.search.probes import SearchSession
from lab.search.row import BisectRequest, line_up

NAME = "another release"
LAYER = 7


def ended(
    request: CureRequest, symptom: Symptom, session: SearchSession, meter: ReleaseMeter, *, comparable: bool
) -> Generator[Event, None, tuple[tuple[TriedCure, ...], tuple[Cure, ...]]]:
    """What was tried, and the cure it makes; nothing at all where there is no later release.

    `comparable` says that releases save the same weights here, so that their outputs must be equal too.
    """
    question = BisectRequest(
        scenario=request.scenario, catalogue=request.catalogue, command=request.command, good=request.good,
        bad=request.at, saver=request.saver, fix=True, words=request.words, symptom=symptom,
    )  # fmt: skip
    row = line_up(question, Axis.LOADER)
    if len(row.names) == 1:
        return (), ()
    bisected = yield from search_measured(question, row, session, meter)
    if not bisected.suspects:
        return (_unfixed(bisected),), ()
    planned = row.planned[row.names.index(bisected.first)]
    result = yield from session.trial(planned)
    wrong = "" if not_lost(bisected.first, result.outcome).ok else describe(result.outcome)
    if comparable and not wrong:
        wrong = yield from meter.differs(planned, meter.good)
    tried = TriedCure(
        names=(bisected.first,), status=CureStatus.WRONG if wrong else CureStatus.ACCEPTED, why=wrong or _how(bisected), passed=1, times=1,
        relief=Relief(good=bisected.of(bisected.first).reading, uncured=None),
    )  # fmt: skip
    return (tried,), (_cure(request, bisected),)


def _unfixed(bisected: BisectedAxis) -> TriedCure:
    newest = bisected.row[-1]
    if newest.sort is ProbeVerdict.BAD:
        return TriedCure(
            names=(NAME,), status=CureStatus.NOTHING, why=f"{newest.release}, the newest, still shows it: {newest.why}"
        )
    return TriedCure(names=(NAME,), status=CureStatus.UNTESTED, why=f"{newest.release} is {newest.sort}: {newest.why}")


def _how(bisected: BisectedAxis) -> str:
    """What keeps the answer from being one release."""
    others = ", ".join(bisected.suspects[:-1])
    return f"{others} could not be decided, and may be enough already" if others else ""


def _cure(request: CureRequest, bisected: BisectedAxis) -> Cure:
    environment = request.catalogue.environment(bisected.first)
    package, build = environment.wheel, environment.release.build
    what = build.name if build is not None else f"{package.package}=={package.version}"
    return Cure(
        name=bisected.first, kind=CureKind.RELEASE, layer=LAYER, code=f'pip install "{what}"',
        does=f"is the first release after {request.at} in which it is gone",
        risk="everything else that changed between the two" + ("" if request.model else ", and its models are saved anew"),
        source=upstream.changes(bisected.last, bisected.first),
    )  # fmt: skip
