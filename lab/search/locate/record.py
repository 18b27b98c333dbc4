"""The values between operators, recorded in the good place and, by the same marked models, seen in the bad one."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from lab.cut import edges
from lab.model.cutting import CutValue
from lab.model.location import CutSeen, CutSort
from lab.run.candidates import CandidateAnswer, CandidateModel
from lab.run.events import Event, Told
from lab.search.locate import numbers
from lab.search.locate.cuts import RecordedValue
from lab.search.locate.session import LocateSession
from lab.text import counted

MOST = 256
"""Values wanted of one marked model."""
BYTES = 256 << 20
"""About how many bytes they may have together."""


@dataclass(kw_only=True)
class MarkedValues:
    """What the marked models showed: of each value how the bad place's own one stands to the good one's.

    `unsteady` are values that the good place gives differently each time; `lost` those that could not be looked at there.
    """

    cumulative: dict[str, CutSeen] = field(default_factory=dict)
    unsteady: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MarkedBatch:
    """Some values and the whole model marked with them."""

    names: tuple[str, ...]
    model: CandidateModel


def recorded(session: LocateSession) -> Generator[Event, None, MarkedValues]:
    """Record every value of the good place twice, and where the bad place answers at all, see its own.

    A batch that the good place does not answer is halved, down to the single value that cannot be looked at.
    """
    found = MarkedValues()
    waiting = batches([session.anatomy.values[name] for name in edges.fetchable(session.anatomy)])
    while waiting:
        made = [MarkedBatch(names=names, model=session.cuts.marked(names)) for names in waiting]
        models = [one.model for one in made]
        questions = [(session.good, models, 1, True), (session.good, models, 1, True)]
        if session.silent:
            questions.append((session.bad, models, 1, True))
        first, second, *bad = yield from session.asked(questions)
        others = bad[0] if bad else (None,) * len(made)
        waiting = []
        for batch, one, two, other in zip(made, first, second, others, strict=True):
            if one.outputs is None or two.outputs is None:
                waiting += _halved(batch, found)
            else:
                _taken(session, batch, (one, two, other), found)
    yield Told(
        text=f"recorded {counted(len(session.cuts.recorded), 'value')} of {session.good.place.label} by {session.good.route}"
    )
    return found


def _halved(batch: MarkedBatch, found: MarkedValues) -> list[tuple[str, ...]]:
    if len(batch.names) == 1:
        found.lost += batch.names
        return []
    middle = len(batch.names) // 2
    return [batch.names[:middle], batch.names[middle:]]


def _taken(
    session: LocateSession,
    batch: MarkedBatch,
    answers: tuple[CandidateAnswer, CandidateAnswer, CandidateAnswer | None],
    found: MarkedValues,
) -> None:
    """Take the steady values of one batch, and what the bad place has in their place."""
    one, two, other = answers
    if one.outputs is None or two.outputs is None:
        return
    kinds = [session.anatomy.values[name].dtype for name in batch.names]
    steady = numbers.seen(one.outputs, two.outputs, kinds)
    shown = numbers.seen(one.outputs, other.outputs, kinds) if other is not None and other.outputs is not None else ()
    if len(steady) != len(batch.names):
        found.lost += batch.names
        return
    for place, name in enumerate(batch.names):
        if steady[place].sort is not CutSort.AGREES and steady[place].grade != "exact":
            found.unsteady.append(name)
            continue
        session.cuts.recorded[name] = RecordedValue(file=one.outputs, name=f"out{place}")
        if len(shown) == len(batch.names):
            found.cumulative[name] = shown[place]


def batches(values: Sequence[CutValue], most: int = MOST, size: int = BYTES) -> list[tuple[str, ...]]:
    """Values in their order, so many together as one start may hold; a dimension that is open counts as a small one."""
    found: list[list[str]] = []
    held = 0
    for one in values:
        own = 8 * math.prod(length if length > 0 else 2 for length in one.shape or ())
        if not found or len(found[-1]) == most or held + own > size:
            found.append([])
            held = 0
        found[-1].append(one.name)
        held += own
    return [tuple(names) for names in found]
