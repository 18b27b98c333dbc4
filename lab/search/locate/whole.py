"""The model as it is in both places: whose answers are the good ones, by which way it goes wrong, and whether it always does."""

from collections.abc import Generator
from dataclasses import dataclass

from lab.check import sample_inputs
from lab.compare import OutputsFile, UnreadableOutputsError, compare
from lab.errors import EndsWrongError
from lab.model import Kind, Outcome, Phase
from lab.model.location import CutSeen
from lab.outcome.classify import unreadable, with_diffs
from lab.outcome.stacks import native_names
from lab.outcome.verdict import describe
from lab.outcome.words import brief
from lab.run.candidates import CandidateAnswer, CandidateModel
from lab.run.events import Event, Told
from lab.search.judge import Judge, not_lost, resembles
from lab.search.locate import numbers
from lab.search.locate.session import LocateSession

REPEATS = 3
"""How often the fault of the whole model is asked for, each time in a process of its own."""


@dataclass(frozen=True, kw_only=True)
class WholeSeen:
    """The model in both places: what it does in the bad one, how its outputs stand to the good ones, and how often."""

    model: CandidateModel
    failure: Outcome
    outputs: CutSeen | None
    flaky: str = ""


def settle(session: LocateSession) -> Generator[Event, None, WholeSeen]:
    """Choose the way of each place and see the fault; EndsWrongError where the good place does not run it, or the bad one does.

    What the user expects takes the place of the good answers, and the good place has to give it.
    """
    model = session.cuts.own()
    session.starts.begin(session.good.place)
    session.starts.begin(session.bad.place)
    answer = yield from _good(session, model)
    reference = _expected(session, answer)
    chosen, first = yield from _bad(session, model, reference)
    session.bad = session.bad.by(chosen)
    session.failure = first
    again = yield from session.ask(session.bad, _copies(model), together=1)
    outcomes = [first, *(_judged(one, reference) for one in again)]
    alike = sum(resembles(first, one) for one in outcomes)
    session.failure = _fullest(first, outcomes)
    flaky = "" if alike == len(outcomes) else f"{alike} of {len(outcomes)}"
    return WholeSeen(model=model, failure=session.failure, outputs=_outputs(session, again, reference), flaky=flaky)


def _copies(model: CandidateModel) -> list[CandidateModel]:
    return [CandidateModel(name=f"again{number}", folder=model.folder) for number in range(REPEATS - 1)]


def _fullest(first: Outcome, outcomes: list[Outcome]) -> Outcome:
    """Of the same crash the one that tells its stack."""
    alike = [one for one in outcomes if resembles(first, one)]
    return max(alike, key=lambda one: bool(native_names(one.detail)))


def _good(session: LocateSession, model: CandidateModel) -> Generator[Event, None, CandidateAnswer]:
    """The answer of the first way that works in the good place."""
    said: list[str] = []
    for route in session.good.routes:
        side = session.good.by(route)
        (found,) = yield from session.ask(side, [model], together=1, trust=False)
        outcome = not_lost(f"the reference by {route}", found.outcome)
        if outcome.ok:
            session.good = side
            yield Told(text=f"good: {_label(session, 'good')} answers")
            return found
        said.append(f"by {route} {describe(outcome)}: {brief(outcome.message)}".rstrip(": "))
    raise EndsWrongError(
        f"the good place, {session.good.place.label}, does not run {session.request.name}, so there are no values to hold others against: "
        f"{'; '.join(said)}",
        "name another release: --good RELEASE",
    )


def _label(session: LocateSession, end: str) -> str:
    side = session.good if end == "good" else session.bad
    return f"{side.place.label} by {side.route}"


def _expected(session: LocateSession, answer: CandidateAnswer) -> OutputsFile:
    """The outputs that are right: the user's, which the good place has to give, or the good place's own."""
    if answer.outputs is None:
        raise EndsWrongError("the good place answered nothing", "name another release: --good RELEASE")
    if session.request.expected is None:
        return answer.outputs
    folder = session.cuts.folder / "expected"
    arrays = session.request.expected
    sample_inputs.keep({f"out{place}": one for place, one in enumerate(arrays.values())}, folder, "outputs")
    reference = folder / "outputs.npz"
    outcome = _judged(answer, reference)
    if not outcome.kind.works:
        raise EndsWrongError(
            f"the good place, {_label(session, 'good')}, does not give what --expect says is right: {describe(outcome)}",
            "name a release that does: --good RELEASE",
        )
    return reference


def _judged(answer: CandidateAnswer, reference: OutputsFile) -> Outcome:
    if answer.outputs is None:
        return answer.outcome
    try:
        return with_diffs(answer.outcome, compare(reference, answer.outputs))
    except UnreadableOutputsError as error:
        return unreadable(answer.outcome, error.what)


def _bad(
    session: LocateSession, model: CandidateModel, reference: OutputsFile
) -> Generator[Event, None, tuple[str, Outcome]]:
    """The way that shows the fault, and how: wrong numbers before what raises, what fails in running before what does in loading."""
    judge = Judge(words=session.request.signature)
    seen: dict[str, Outcome] = {}
    for route in session.bad.routes:
        side = session.bad.by(route)
        if (side.place, side.route) == (session.good.place, session.good.route):
            continue  # it cannot differ from itself
        (found,) = yield from session.ask(side, [model], together=1, trust=False)
        seen[route] = not_lost(f"{side.place.label} by {route}", _judged(found, reference))
        yield Told(text=f"bad: {side.place.label} by {route}: {describe(seen[route])}")
    wrong = {route: one for route, one in seen.items() if _faulty(one) and judge.seen(one).sort.name == "BAD"}
    if not wrong:
        told = "; ".join(f"by {route} {describe(one)}" for route, one in seen.items()) or "no other way was left to try"
        raise EndsWrongError(
            f"the bad place, {session.bad.place.label}, does not fail with {session.request.name}: {told}; "
            f"the good place, {_label(session, 'good')}, works",
            "name the way that fails: --route; or the release: --bad",
        )
    route = min(wrong, key=lambda one: _rank(wrong[one]))
    rest = [f"by {one} {describe(outcome)}" for one, outcome in seen.items() if one != route]
    session.notes += [f"in {session.bad.place.label} also tried: {'; '.join(rest)}"] if rest else []
    return route, wrong[route]


def _faulty(outcome: Outcome) -> bool:
    return outcome.kind.tested and not outcome.kind.works and outcome.kind is not Kind.UNDECIDED


def _rank(outcome: Outcome) -> tuple[bool, bool]:
    return not outcome.kind.answered, outcome.phase is Phase.LOAD


def _outputs(session: LocateSession, answers: tuple[CandidateAnswer, ...], reference: OutputsFile) -> CutSeen | None:
    """How far the model's own outputs are off, where it gives any."""
    found = next((one.outputs for one in answers if one.outputs is not None), None)
    if found is None:
        return None
    kinds = [session.anatomy.values[name].dtype for name in session.anatomy.fetches]
    return numbers.worst(numbers.seen(reference, found, kinds))
