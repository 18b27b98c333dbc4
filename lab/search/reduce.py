"""The smallest model that shows the same failure in the bad place and none in the good one, made of a user's own."""

import hashlib
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from lab.check import adopt
from lab.model.reduction import FILE, Reduced
from lab.model.search import Symptom
from lab.run import candidates
from lab.run.candidates import CandidateStarts
from lab.run.events import Event
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.trial import RunContext
from lab.search.reduce_request import ReduceRequest
from lab.search.reduce_search import ReduceSearch
from lab.search.reduce_slow import SlowMeter, SlowPair
from lab.search.slow_search import SlowSearch
from lab.search.slow_trials import ROUNDS
from lab.storage import store

SHOWN = 3
"""Operators that a list of runs names."""


def perform(request: ReduceRequest, laboratory: Laboratory) -> Generator[Event, None, Reduced]:
    """Reduce, telling what happens; every answer is on disk before it counts, so the same command goes on after a stop.

    EndsWrongError where nothing fails, or nothing answers; InconclusiveError where it fails now and then.
    """
    start = time.monotonic()
    words = adopt.text(request.given, request.material)
    run = RunRequest(
        name=adopt.named(request.given, adopt.Ask.REDUCE), command=request.command, whole=False, rounds=0, fresh=request.fresh,
        scenario_sha256=hashlib.sha256(words.encode()).hexdigest(), resume=request.resume,
    )  # fmt: skip
    with hold(run, laboratory) as held:
        environments = [one.place.environment for side in request.failing for one in (side, *request.right(side))]
        context = yield from held.context({one.key: one for one in environments})
        found = yield from (
            _slower(request, request.symptom, held, context) if request.symptom else _found(request, held, context)
        )
        found = replace(found, seconds=round(time.monotonic() - start, 1))
        store.write(held.folder / FILE, store.pretty(found))
        held.finish(replace(held.run, notes=(told(found), f"the answer is in {FILE}")))
    return found


def told(found: Reduced) -> str:
    """What came of it in one line, as lists of runs say it."""
    names = ", ".join(found.operators[:SHOWN]) + (", ..." if len(found.operators) > SHOWN else "")
    return f"left {len(found.operators)} of {found.operators_before} operators: {names}"


def _found(
    request: ReduceRequest, held: RunSession, context: RunContext, slow: SlowPair | None = None
) -> Generator[Event, None, Reduced]:
    """The whole search; one worker asks everything."""
    room = held.folder / "candidates"
    with candidates.opened(context.runner, context.images, room) as starts, held.workers(1) as worker:
        search = _search(request, held, starts, room / "files", slow)
        (found,) = yield from held.pump([worker.submit(search.found)])
    return found


def _search(
    request: ReduceRequest, held: RunSession, starts: CandidateStarts, room: Path, slow: SlowPair | None
) -> ReduceSearch:
    if slow is None or request.symptom is None:
        return ReduceSearch(request=request, held=held, starts=starts, room=room)
    return SlowSearch(
        request=request, held=held, starts=starts, room=room, pair=slow, share=slow.share(request.symptom)
    )  # fmt: skip


def _slower(
    request: ReduceRequest, symptom: Symptom, held: RunSession, context: RunContext
) -> Generator[Event, None, Reduced]:
    """The same for a model that is slow: nothing else works while the whole, and at last what is left, is measured."""
    meter = SlowMeter(request=request, symptom=symptom, held=held, context=context)
    pair = yield from meter.whole()
    found = yield from _found(request, held, context, pair)
    return (yield from meter.left(found, pair, ROUNDS))
