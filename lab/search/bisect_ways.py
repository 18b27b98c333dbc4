"""Since when a given model fails, by each way of opening it: what one way does is no answer about the model."""

from collections.abc import Callable, Generator
from dataclasses import replace

from lab.errors import EndsWrongError
from lab.model.search import Bisected, ProbeVerdict
from lab.run.events import Event
from lab.run.plan import Planned
from lab.run.session import Laboratory
from lab.search import bisect, ways
from lab.search.probes import SearchSession
from lab.search.row import BisectRequest


def perform(
    question: BisectRequest, laboratory: Laboratory, *, fresh: bool = False, resume: str = ""
) -> Generator[Event, None, Bisected]:
    """Bisect by each way that turns between the two ends, in one run."""
    return (yield from bisect.perform(question, laboratory, fresh=fresh, resume=resume, ask=within))


def within(question: BisectRequest, session: SearchSession) -> Generator[Event, None, Bisected]:
    """Each way that works at the good end and fails at the bad one; EndsWrongError, with what each did, where none does."""

    def planned(end: str) -> Callable[[str], Planned]:
        return lambda way: question.by(way).pair(question.saver, end)

    good = yield from ways.survey(question.good, planned(question.good), question.ways, session)
    bad = yield from ways.survey(question.bad, planned(question.bad), question.ways, session)
    works = {one.route for one in good if one.sort is ProbeVerdict.GOOD}
    turned = [one.route for one in ways.failing(bad) if one.route in works]
    if not turned:
        model = question.model.name if question.model is not None else ""
        claim = (
            f"{question.bad} does not fail" if not ways.failing(bad) else f"no way that works in {question.good} fails"
        )
        raise EndsWrongError(
            f"{claim} with {model}: {question.good} {ways.told(good)}; {question.bad} {ways.told(bad)}; no other way was tried",
            "name other ends, or another way of opening it: --route",
        )
    answers, reasons = yield from ways.each(turned, lambda way: bisect.within(question.by(way), session))
    first, *others = answers.values()
    tried = tuple(replace(one, open=reasons.get(one.route, "")) for one in (*good, *bad))
    return replace(first, ways=tried, others=tuple(others))
