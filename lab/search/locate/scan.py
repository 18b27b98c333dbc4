"""Every operator by itself, fed with good values, and the smallest cut that still shows the fault where none does."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from lab.cut import edges
from lab.model.location import CutConfirmed, CutSeen, CutSort, LocatedSort
from lab.run.events import Event, Told
from lab.search.algorithms.window import Stretch, window
from lab.search.locate.cuts import AskedCut
from lab.search.locate.session import CHUNK, LocateSession
from lab.text import counted

REPEATS = 3
LEAST = 3
"""Operators that have to fail alike, all of them, before it is said that every cut does."""


def needed(session: LocateSession) -> tuple[int, ...]:
    """The operators that the outputs hang on, but for constants, which nothing computes."""
    nodes, among = session.anatomy.nodes, session.among
    wanted = edges.before(session.anatomy, session.anatomy.fetches)
    return tuple(one for one in wanted if not nodes[one].constant and (among is None or one in among))


def alone(session: LocateSession) -> Generator[Event, None, dict[int, CutSeen]]:
    """What each operator does by itself in the bad place; what it shows there counts where the good place does not show it."""
    found: dict[int, CutSeen] = {}
    indexes = needed(session)
    for start in range(0, len(indexes), CHUNK):
        some = indexes[start : start + CHUNK]
        cuts = [session.made([index]) for index in some]
        seen = yield from session.tried(cuts, session.bad)
        suspects = [place for place, one in enumerate(seen) if one.sort.bad]
        controls = yield from session.tried([cuts[place] for place in suspects], session.good)
        for place, control in zip(suspects, controls, strict=True):
            if control.sort is not CutSort.AGREES:
                why = "the good place itself answers this cut otherwise than in the whole"
                seen[place] = CutSeen(sort=CutSort.UNKNOWN, why=f"{why} ({control.why or control.grade})")
        found |= dict(zip(some, seen, strict=True))
    count = sum(one.sort.bad for one in found.values())
    yield Told(text=f"alone, fed with good values: {counted(count, 'operator')} of {len(found)} as the whole")
    return found


def everywhere(seen: Sequence[CutSeen]) -> bool:
    """Whether everything that could be asked fails alike, so that no operator is to blame."""
    known = [one for one in seen if one.sort is not CutSort.UNKNOWN]
    return len(known) >= LEAST and all(one.sort.bad for one in known)


def smallest(session: LocateSession) -> Generator[Event, None, Stretch | None]:
    """The smallest stretch of operators that shows the fault while only its ends are looked at; None where not even all do."""
    last = len(session.anatomy.nodes) - 1
    (whole,) = yield from _shown(session, [(0, last)])
    if not whole:
        return None
    search = window(last + 1)
    stretches = next(search)
    while True:
        answers = yield from _shown(session, stretches)
        try:
            stretches = search.send(answers)
        except StopIteration as ended:
            found: Stretch = ended.value
            yield Told(text=f"the smallest cut that shows it: operators {found[0]} to {found[1]}")
            return found


def _shown(session: LocateSession, stretches: Sequence[Stretch]) -> Generator[Event, None, list[bool]]:
    """Whether each stretch shows the fault in the bad place, and not in the good one."""
    cuts = [session.made(_inside(session, stretch)) for stretch in stretches]
    seen = yield from session.tried(cuts, session.bad, together=1)
    bad = [place for place, one in enumerate(seen) if one.sort.bad]
    controls = yield from session.tried([cuts[place] for place in bad], session.good, together=1)
    agreed = {place for place, one in zip(bad, controls, strict=True) if one.sort is CutSort.AGREES}
    return [place in agreed for place in range(len(seen))]


def _inside(session: LocateSession, stretch: Stretch) -> list[int]:
    """The operators of a stretch that the outputs hang on, or all of it where none does."""
    wanted = set(edges.before(session.anatomy, session.anatomy.fetches))
    every = range(stretch[0], stretch[1] + 1)
    return [index for index in every if index in wanted] or list(every)


def looked_into(session: LocateSession, stretch: Stretch) -> Generator[Event, None, LocatedSort]:
    """Whether a stretch shows the fault also while every value inside it is wanted too: then nobody fused anything."""
    chosen = _inside(session, stretch)
    part = session.made(chosen)
    if not isinstance(part, AskedCut):
        return LocatedSort.FUSED
    made = [name for index in part.part.kept for name in session.anatomy.nodes[index].makes]
    inner = [name for name in made if name in session.cuts.recorded and name not in part.part.fetches]
    marked = session.made(chosen, (*part.part.fetches, *inner))
    (seen,) = yield from session.tried([marked], session.bad, together=1)
    return LocatedSort.TOGETHER if seen.sort.bad else LocatedSort.FUSED


def confirmed(session: LocateSession, stretch: Stretch) -> Generator[Event, None, CutConfirmed]:
    """Ask the found cut again, each time in a process of its own, and once in a start of its own; and the good place as well.

    Only its own outputs are wanted, so that nothing is looked at that the whole model would not give. It is also asked behind its own
    head, from the model's inputs on. All of that is asked at once.
    """
    cut = session.made(_inside(session, stretch))
    if not isinstance(cut, AskedCut):
        return CutConfirmed(bad=0, asked=0, good=0, controls=0)
    copies = [replace(cut, model=replace(cut.model, name=f"repeat{number}")) for number in range(REPEATS)]
    head = session.made(edges.before(session.anatomy, cut.part.fetches), cut.part.fetches)
    heads = [head] if isinstance(head, AskedCut) else []
    (repeats, controls, whole), alone_ = yield from session.at_once(
        [(session.bad, copies), (session.good, copies), (session.bad, heads)], cut.model
    )
    bad = [session.judged(cut, one) for one in repeats]
    good = [session.judged(cut, one) for one in controls]
    within = [session.judged(one, answer).sort for one, answer in zip(heads, whole, strict=True)]
    return CutConfirmed(
        bad=sum(one.sort.bad for one in bad), asked=len(bad),
        good=sum(one.sort is CutSort.AGREES for one in good), controls=len(good),
        within=within[0] if within else CutSort.UNKNOWN, apart=session.judged(cut, alone_).sort.bad,
    )  # fmt: skip
