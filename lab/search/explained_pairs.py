"""Which of several symptoms a page is about, what was seen of the others, and the release that does it right."""

import contextlib
from collections.abc import Generator
from dataclasses import replace

from lab.errors import UsageError
from lab.model import Outcome, TrialResult
from lab.model.explanation import PairSeen
from lab.model.search import ProbeVerdict
from lab.outcome.verdict import describe
from lab.run.events import Event
from lab.search import ways
from lab.search.explain_request import ExplainRequest
from lab.search.failing_pair import oldest
from lab.search.judge import ANY, Judge, not_lost, same
from lab.search.probes import SearchSession

Ways = tuple[ExplainRequest, tuple[PairSeen, ...]]


def by_way(request: ExplainRequest, session: SearchSession) -> Generator[Event, None, Ways]:
    """The request about the way that fails, silent ones first, or about the one that was chosen; nothing where none is asked."""
    if not request.ways:
        return request, ()
    bad = request.pair.bad
    tried = yield from ways.survey(bad, lambda way: request.by(way).trial(bad), request.ways, session)
    fails = ways.failing(tried)
    chosen = request.ways[request.number - 1] if request.number else (*fails, *tried)[0].route
    lines = tuple(
        PairSeen(
            number=number,
            label=f"{bad} by {one.route}",
            outcome=one.why,
            fails=one in fails,
            silent=one.silent,
            explained=one.route == chosen,
        )
        for number, one in enumerate(tried, 1)
    )
    return request.by(chosen), lines


def seen(
    request: ExplainRequest, session: SearchSession, explained: TrialResult
) -> Generator[Event, None, tuple[PairSeen, ...]]:
    """What every symptom of the header really does; a further pair that fails in the same manner is no further symptom."""
    found: list[PairSeen] = []
    results = [explained]
    for number, pair in enumerate(request.pairs, 1):
        planned = replace(request, pair=pair).trial(pair.bad)
        mine = planned.label == explained.label
        result = explained if mine else (yield from session.trial(planned))
        outcome = result.outcome
        if not mine and any(_twin(one, result) for one in results):
            continue
        results.append(result)
        fails = Judge(words=ANY).seen(outcome).sort not in (ProbeVerdict.GOOD, ProbeVerdict.SKIP)
        found.append(
            PairSeen(
                number=number,
                label=result.label,
                outcome=describe(outcome),
                fails=fails,
                silent=outcome.kind.differs and fails,
                explained=mine,
            )
        )
    return tuple(found)


def _twin(one: TrialResult, other: TrialResult) -> bool:
    """Whether two pairs show one symptom: the same failure by the same way under the same variables."""
    settings = [(result.route, dict(result.saver_env), dict(result.loader_env)) for result in (one, other)]
    failed = not one.outcome.ok and not other.outcome.ok
    return failed and settings[0] == settings[1] and same(one.outcome, other.outcome)


GoodEnd = tuple[ExplainRequest, Outcome, tuple[str, ...]]


def good_end(
    request: ExplainRequest, session: SearchSession, explained: TrialResult
) -> Generator[Event, None, GoodEnd]:
    """The request with a release that does it right, what that one did, and all that were looked at.

    Where the release that it is held against does no better, others are looked at before anything is said of all.
    """
    looked = [request.pair.bad]
    labels = {explained.label}
    first: Outcome | None = None
    works = explained.outcome.ok
    for name in (request.pair.good, *(() if works else _others(request))):
        moved = replace(request, pair=replace(request.pair, good=name))
        with contextlib.suppress(UsageError):  # a release that has no environment here is no witness
            planned = moved.trial(name)
            if planned.label in labels:
                continue
            labels.add(planned.label)
            outcome = not_lost(name, (yield from session.trial(planned)).outcome)
            looked += [name] if outcome.kind.tested else []
            if outcome.ok:
                return moved, outcome, tuple(looked)
            first = first or outcome
    return request, first or explained.outcome, tuple(looked)


def _others(request: ExplainRequest) -> tuple[str, ...]:
    """Releases that may do it right where the natural one does not: what saved, the newest one, and the oldest."""
    if request.good_named or request.model is not None:
        return ()
    return request.pair.saver, request.catalogue.newest.version, oldest(request.catalogue, request.pair.bad)
