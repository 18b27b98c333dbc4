"""Another release as a cure: the first one after the complaint in which a measured symptom is gone."""

from collections.abc import Generator

from lab.events import Event
from lab.model.search import Cure, Relief, Strip, Symptom, Tried
from lab.report.strip import compare_url
from lab.search import Sort
from lab.searching.complaint import Complaint
from lab.searching.curing import ACCEPTED, NOTHING, UNTESTED, WRONG
from lab.searching.measuring import Meter, search_measured
from lab.searching.rows import Axis, Question, line_up
from lab.searching.session import Session
from lab.verdict import describe

NAME = "another release"
LAYER = 7


def ended(
    complaint: Complaint, symptom: Symptom, session: Session, meter: Meter, *, comparable: bool
) -> Generator[Event, None, tuple[tuple[Tried, ...], tuple[Cure, ...]]]:
    """What was tried, and the cure it makes; nothing at all where there is no later release.

    `comparable` says that releases save the same weights here, so that their outputs must be equal too.
    """
    question = Question(
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
    tried = Tried(
        names=(strip.first,), status=WRONG if wrong else ACCEPTED, why=wrong or _how(strip), passed=1, times=1,
        relief=Relief(good=strip.of(strip.first).reading, uncured=None),
    )  # fmt: skip
    return (tried,), (_cure(complaint, strip),)


def _unfixed(strip: Strip) -> Tried:
    newest = strip.row[-1]
    if newest.sort == Sort.BAD:
        return Tried(names=(NAME,), status=NOTHING, why=f"{newest.release}, the newest, still shows it: {newest.why}")
    return Tried(names=(NAME,), status=UNTESTED, why=f"{newest.release} is {newest.sort}: {newest.why}")


def _how(strip: Strip) -> str:
    """What keeps the answer from being one release."""
    others = ", ".join(strip.suspects[:-1])
    return f"{others} could not be decided, and may be enough already" if others else ""


def _cure(complaint: Complaint, strip: Strip) -> Cure:
    package = complaint.catalogue.environment(strip.first).wheel
    return Cure(
        name=strip.first, kind="release", layer=LAYER, code=f'pip install "{package.package}=={package.version}"',
        does=f"is the first release after {complaint.at} in which it is gone",
        risk="everything else that changed between the two" + ("" if complaint.model else ", and its models are saved anew"),
        source=compare_url(strip),
    )  # fmt: skip
