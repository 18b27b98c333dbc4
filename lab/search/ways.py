"""Every way of opening a given model, tried before anything is said of it: what one way does is no answer about the model."""

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from lab.errors import BuildError, EndsWrongError, InconclusiveError, LabError
from lab.model.search import ProbeVerdict, WayTried
from lab.outcome.verdict import describe
from lab.run.events import Event, Told
from lab.run.plan import Planned
from lab.search.judge import ANY, Judge, refuse_lost
from lab.search.probes import SearchSession

WAYS = ("jit", "static", "predictor")
"""The APIs of Paddle that open a saved model; the standard routes beside them are these with something switched."""
OPEN = (BuildError, EndsWrongError, InconclusiveError)
Answer = TypeVar("Answer")


def survey(
    release: str, planned: Callable[[str], Planned], ways: Sequence[str], session: SearchSession
) -> Generator[Event, None, tuple[WayTried, ...]]:
    """What a release does with the model by each way, as it was seen."""
    found: list[WayTried] = []
    for way in ways:
        outcome = (yield from session.trial(planned(way))).outcome
        seen = refuse_lost(f"{release} by {way}", Judge(words=ANY).seen(outcome))
        silent = outcome.kind.differs and not outcome.ok
        found.append(WayTried(route=way, release=release, sort=seen.sort, why=describe(outcome), silent=silent))
        yield Told(text=f"{release} by {way}: {describe(outcome)}")
    return tuple(found)


def failing(seen: Sequence[WayTried]) -> tuple[WayTried, ...]:
    """The ways that fail, the silent ones first: nobody hears of those otherwise."""
    found = [one for one in seen if one.sort not in (ProbeVerdict.GOOD, ProbeVerdict.SKIP)]
    return tuple(sorted(found, key=lambda one: not one.silent))


def told(seen: Sequence[WayTried]) -> str:
    """What each way did, so that nobody takes some ways for all."""
    return "; ".join(f"by {one.route} {one.why}" for one in seen)


def each(
    ways: Sequence[str], ask: Callable[[str], Generator[Event, None, Answer]]
) -> Generator[Event, None, tuple[dict[str, Answer], dict[str, str]]]:
    """The answers about ways, and why there is none about others; where there is none at all, the first reason is raised."""
    answers: dict[str, Answer] = {}
    reasons: dict[str, str] = {}
    raised: list[LabError] = []
    for way in ways:
        try:
            answers[way] = yield from ask(way)
        except OPEN as error:
            reasons[way] = error.what
            raised.append(error)
            yield Told(text=f"open: by {way}: {error.what}")
    if not answers:
        raise raised[0]
    return answers, reasons
