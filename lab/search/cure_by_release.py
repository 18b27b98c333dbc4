"""Another release as a cure: the first one after the complaint in which a measured symptom is gone."""

from collections.abc import Generator

from lab.knowledge import upstream
from lab.model.cure import Cure, CureKind, CureStatus, Relief, TriedCure
from lab.model.search import Axis, BisectedAxis, ProbeVerdict, Symptom
from lab.outcome.verdict import describe
from lab.run.events import Event
from lab.search.bisect_measured import ReleaseMeter, search_measured
from lab.search.cure_request import CureRequest
from lab.search.probes import SearchSession
from lab.search.row import BisectRequest, line_up

NAME = "another release"
LAYER = 7


def ended(
    complaint: CureRequest, symptom: Symptom, session: SearchSession, meter: ReleaseMeter, *, comparable: bool
) -> Generator[Event, None, tuple[tuple[TriedCure, ...], tuple[Cure, ...]]]:
    """What was tried, and the cure it makes; nothing at all where there is no later release.

    `comparable` says that releases save the same weights here, so that their outputs must be equal too.
    """
    question = BisectRequest(
        scenario=complaint.scenario, catalogue=complaint.catalogue, command=complaint.command, good=complaint.good,
        bad=complaint.at, saver=complaint.saver, fix=True, words=complaint.words, symptom=symptom,
    )  # fmt: skip
    row = line_up(question, Axis.LOADER)
    if len(row.names) == 1:
        return (), ()
    strip = yield from search_measured(question, row, session, meter)
    if not strip.suspects:
        return (_unfixed(strip),), ()
    planned = row.planned[row.names.index(strip.first)]
    result = yield from session.trial(planned)
    wrong = "" if result.outcome.ok else describe(result.outcome)
    if comparable and not wrong:
        wrong = yield from meter.differs(planned, meter.good)
    tried = TriedCure(
        names=(strip.first,), status=CureStatus.WRONG if wrong else CureStatus.ACCEPTED, why=wrong or _how(strip), passed=1, times=1,
        relief=Relief(good=strip.of(strip.first).reading, uncured=None),
    )  # fmt: skip
    return (tried,), (_cure(complaint, strip),)


def _unfixed(strip: BisectedAxis) -> TriedCure:
    newest = strip.row[-1]
    if newest.sort is ProbeVerdict.BAD:
        return TriedCure(
            names=(NAME,), status=CureStatus.NOTHING, why=f"{newest.release}, the newest, still shows it: {newest.why}"
        )
    return TriedCure(names=(NAME,), status=CureStatus.UNTESTED, why=f"{newest.release} is {newest.sort}: {newest.why}")


def _how(strip: BisectedAxis) -> str:
    """What keeps the answer from being one release."""
    others = ", ".join(strip.suspects[:-1])
    return f"{others} could not be decided, and may be enough already" if others else ""


def _cure(complaint: CureRequest, strip: BisectedAxis) -> Cure:
    package = complaint.catalogue.environment(strip.first).wheel
    return Cure(
        name=strip.first, kind=CureKind.RELEASE, layer=LAYER, code=f'pip install "{package.package}=={package.version}"',
        does=f"is the first release after {complaint.at} in which it is gone",
        risk="everything else that changed between the two" + ("" if complaint.model else ", and its models are saved anew"),
        source=upstream.changes(strip.last, strip.first),
    )  # fmt: skip
