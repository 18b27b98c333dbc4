"""What a found loop or branch holds: it is opened as the good place goes through it, and located in anew."""

from collections.abc import Callable, Generator
from dataclasses import replace

from lab.compare import Outputs
from lab.cut import blocks, edges
from lab.cut.blocks import BlockSort, OpenedBlock
from lab.cut.body import ModelBody
from lab.cut.edges import CannotCutError
from lab.model.location import Location, OpenedSeen
from lab.run.candidates import CandidateAnswer
from lab.run.events import Event, Told
from lab.search import block_words
from lab.search.locate import record
from lab.search.locate.record import MarkedValues
from lab.search.locate.session import LocateSession

TURNS = 16
"""Steps of a loop that are counted: one that goes on longer is tried as so many."""
Searching = Callable[[LocateSession, MarkedValues], Generator[Event, None, Location]]


def within(session: LocateSession, found: Location, search: Searching) -> Generator[Event, None, Location]:
    """The answer, where one of what was found holds operators also with what was found inside it, or why that is not known."""
    index = _holding(session, found)
    if index is None:
        return found
    node = session.anatomy.nodes[index]
    try:
        choices = yield from _choices(session, index)
        for choice in choices:
            body, made = session.cuts.body.opened(index, choice)
            seen = yield from _searched(session, body, made, search, choice)
            if seen.first is not None and set(range(seen.first, (seen.last or seen.first) + 1)) & set(made.inside()):
                what = block_words.told(node, made, choice)
                yield Told(text=f"{node.operator} is opened: {what}")
                return replace(found, inside=_inside(seen, made, what))
    except CannotCutError as error:
        return replace(found, notes=(*found.notes, f"{node.operator} is kept whole: {error}"))
    note = f"{node.operator} is kept whole: what it holds does not fail alike without it"
    return replace(found, notes=(*found.notes, note))


def _holding(session: LocateSession, found: Location) -> int | None:
    """The one operator among those that were found that holds others; a loop is often found together with what makes its condition."""
    if found.first is None or found.last is None:
        return None
    nodes = session.anatomy.nodes
    holding = [index for index in range(found.first, found.last + 1) if nodes[index].blocks]
    return holding[0] if len(holding) == 1 else None


def _searched(
    session: LocateSession, body: ModelBody, made: OpenedBlock, search: Searching, choice: int
) -> Generator[Event, None, Location]:
    inner = replace(
        session, cuts=session.cuts.of(body, f"opened{made.first}-{choice}"), notes=[], among=frozenset(made.inside())
    )  # fmt: skip
    marked = yield from record.recorded(inner)
    try:
        return (yield from search(inner, marked))
    finally:
        inner.cuts.close()


def _inside(seen: Location, made: OpenedBlock, what: str) -> OpenedSeen:
    inside = set(made.inside())
    return OpenedSeen(
        what=what, sort=seen.sort, first=seen.first or 0, last=seen.last or 0, confirmed=seen.confirmed, each=made.each,
        operators=tuple(one for one in seen.operators if one.index in inside), start=made.first, inside=seen.inside,
    )  # fmt: skip


def _choices(session: LocateSession, index: int) -> Generator[Event, None, list[int]]:
    """The branch that the good place takes; of a loop the first step, and all that it takes."""
    body = session.cuts.body
    if blocks.sort_of(body.anatomy.nodes[index]) is BlockSort.BRANCH:
        (told,) = yield from _true(session, body, [body.condition(index)])
        if told is None:
            raise CannotCutError("the good place does not say which way it goes")
        return [0 if told else 1]
    opened, made = body.opened(index, TURNS)
    names = [blocks.value_before(opened.anatomy, *one) for one in made.conditions]
    told_ = yield from _true(session, opened, names)
    count = next((place for place, one in enumerate(told_) if not one), len(told_))
    if not count:
        raise CannotCutError("the good place does not say that it takes a step at all")
    return [1, count] if count > 1 else [1]


def _true(session: LocateSession, body: ModelBody, names: list[str]) -> Generator[Event, None, list[bool | None]]:
    """What the good place has for conditions, from the model's own inputs on; None where it does not say."""
    cuts = session.cuts.of(body, f"conditions{len(names)}")
    models = [cuts.from_inputs(edges.reaching(body.anatomy, name)) for name in names]
    answers = yield from session.ask(session.good, models, trust=True)
    return [_said(one) for one in answers]


def _said(answer: CandidateAnswer) -> bool | None:
    if answer.outputs is None:
        return None
    with Outputs(answer.outputs) as outputs:
        one = outputs.arrays["out0"]
        return bool(one.read(0, 1).reshape(-1)[0]) if one.size == 1 else None
