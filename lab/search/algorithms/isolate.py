"""Which of the differences between a place that works and one that fails is to blame: a coroutine over sets of axes.

It says which axes to change at once in the good place, and is told what was seen. A set that cannot be tested, or that
fails in another way, never counts as a failure, and stays visible in the answer.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from lab.model.isolation import BAD_END, GOOD_END, Blame
from lab.model.search import ProbeVerdict
from lab.search.algorithms.bisect import ProbeAnswer
from lab.search.algorithms.ddmin import ddmin

Axes = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AxisChange:
    """The axes to change in the good place, and what for: an end, the search, one alone, or one changed back."""

    axes: Axes
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Isolated:
    """What turns good into bad, and what was shown of every axis.

    `cause` is a set that turns good into bad while no smaller part of it does, with the axes of `given` changed on both
    sides (because they cannot be told apart from it otherwise). `entangled` are axes of the cause that could not be
    left out one by one. `seen` holds every set that was tried. `wrong` names ends that are not what was claimed.
    """

    seen: Mapping[Axes, ProbeAnswer]
    wrong: tuple[str, ...] = ()
    cause: Axes = ()
    given: Axes = ()
    entangled: Axes = ()
    blame: Mapping[str, Blame]

    @property
    def flaky(self) -> tuple[Axes, ...]:
        """Sets whose repeats disagreed."""
        return tuple(axes for axes, one in self.seen.items() if one.sort is ProbeVerdict.FLAKY)

    @property
    def certain(self) -> bool:
        """Whether the cause is proved: every part of it needed, nothing flaky, and nothing that contradicts it."""
        odd = any(one in (Blame.ALSO, Blame.MIXED) for one in self.blame.values())
        return bool(self.cause) and not self.entangled and not self.flaky and not odd


Isolating = Generator[AxisChange, ProbeAnswer, Isolated]
Asking = Generator[AxisChange, ProbeAnswer, ProbeAnswer]


def isolate(names: Sequence[str]) -> Isolating:
    """Find the axes to blame among `names`: ends, the smallest set by delta debugging, then each other axis both ways.

    The good place is the empty set, the bad one has all axes changed.
    """
    everything = tuple(names)
    seen: dict[Axes, ProbeAnswer] = {}
    yield from _asked(seen, (), GOOD_END)
    yield from _asked(seen, everything, BAD_END)
    wrong = [
        name
        for name, axes, sort in (("good", (), ProbeVerdict.GOOD), ("bad", everything, ProbeVerdict.BAD))
        if seen[axes].sort is not sort
    ]
    if wrong:
        return Isolated(seen=seen, wrong=tuple(wrong), blame={})
    parts = yield from _smallest(seen, everything)
    cause, given, entangled = yield from _separated(seen, parts)
    blame = dict.fromkeys(cause, Blame.MATTERS) | dict.fromkeys(entangled, Blame.UNKNOWN)
    blame |= dict.fromkeys(given, Blame.GIVEN)
    for name in everything:
        if name not in parts:
            alone = yield from _asked(seen, (name,), "alone")
            back = yield from _asked(seen, tuple(one for one in everything if one != name), "back")
            blame[name] = blamed(alone.sort, back.sort)
    return Isolated(
        seen=seen, cause=cause, given=given, entangled=entangled, blame={name: blame[name] for name in everything}
    )


def blamed(alone: ProbeVerdict, back: ProbeVerdict) -> Blame:
    """What an axis outside the cause is shown to be: changed alone in the good place, changed back in the bad one."""
    if alone is ProbeVerdict.BAD:
        return Blame.ALSO
    if back is ProbeVerdict.GOOD or ProbeVerdict.OTHER in (alone, back):
        return Blame.MIXED
    stays = (alone is ProbeVerdict.GOOD, back is ProbeVerdict.BAD)
    return Blame.HARMLESS if all(stays) else Blame.HALF if any(stays) else Blame.UNKNOWN


def _asked(seen: dict[Axes, ProbeAnswer], axes: Axes, purpose: str) -> Asking:
    """One set, remembered: what is known already costs nothing."""
    if axes not in seen:
        seen[axes] = yield AxisChange(axes=axes, purpose=purpose)
    return seen[axes]


def _smallest(seen: dict[Axes, ProbeAnswer], everything: Axes) -> Generator[AxisChange, ProbeAnswer, Axes]:
    """Delta debugging from all axes down."""
    search = ddmin(everything)
    asked = next(search)
    while True:
        one = yield from _asked(seen, asked, "search")
        try:
            asked = search.send(one.sort is ProbeVerdict.BAD)
        except StopIteration as ended:
            return tuple(ended.value.parts)


def _separated(
    seen: dict[Axes, ProbeAnswer], parts: Axes
) -> Generator[AxisChange, ProbeAnswer, tuple[Axes, Axes, Axes]]:
    """Tell the parts that are needed from those that only could not be left out: cause, given, entangled."""
    if len(parts) == 1:
        return parts, (), ()
    proved: list[str] = []
    stuck: list[str] = []
    for name in parts:
        without = yield from _asked(seen, tuple(one for one in parts if one != name), "search")
        (proved if without.sort is ProbeVerdict.GOOD else stuck).append(name)
    if not stuck or not proved:
        return parts, (), tuple(stuck)
    alone = yield from _asked(seen, tuple(stuck), "given")
    if alone.sort is ProbeVerdict.GOOD:
        return tuple(proved), tuple(stuck), ()
    return parts, (), tuple(stuck)
