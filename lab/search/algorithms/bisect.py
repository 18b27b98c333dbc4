"""Bisection as a coroutine: it says which item to probe next, and is told what was seen.

The caller may probe wherever it likes, answer from memory, and prepare the items of `NextProbe.ahead` meanwhile. An item that
cannot be tested or decided, or fails in another way, never decides: it widens the answer to a set.
"""

import random
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass

from lab.model.search import ProbeVerdict


@dataclass(frozen=True, kw_only=True)
class ProbeAnswer:
    """One verdict: its sort, the signature of a failure, and in words what was seen ("2 of 3", "no wheel").

    `lost` says that the lab itself failed: asked again, it may come out otherwise, so nothing may follow from it.
    `reworded` says that it is the failure that is looked for, in other words, `silent` that numbers are wrong and nothing
    is raised.
    """

    sort: ProbeVerdict
    signature: str = ""
    why: str = ""
    lost: bool = False
    reworded: bool = False
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class NextProbe:
    """The item to probe next, what for, and which items may come after it; of an end what it is claimed to be."""

    index: int
    purpose: str
    ahead: tuple[int, ...] = ()
    claimed: ProbeVerdict = ProbeVerdict.GOOD


@dataclass(frozen=True, kw_only=True)
class BisectionResult:
    """Where the row turns: the last item of the low sort, and the suspects, one of which is the first of the high sort.

    The newest suspect is `first`, the first item *seen* to be of the high sort. `wrong` are ends that are not what was
    claimed (then nothing else is known); `violations` are items on the wrong side of the turn; `flaky` disagreed with
    themselves. `probes` counts verdicts that cost a trial, so skips are left out.
    """

    seen: Mapping[int, ProbeAnswer]
    wrong: tuple[int, ...] = ()
    last: int = -1
    suspects: tuple[int, ...] = ()
    violations: tuple[int, ...] = ()

    @property
    def first(self) -> int:
        """The first item seen to be of the high sort; -1 where an end was wrong."""
        return self.suspects[-1] if self.suspects else -1

    @property
    def flaky(self) -> tuple[int, ...]:
        """Items whose repeats disagreed."""
        return tuple(sorted(index for index, one in self.seen.items() if one.sort is ProbeVerdict.FLAKY))

    @property
    def probes(self) -> int:
        """How many items were really tried."""
        return sum(one.sort is not ProbeVerdict.SKIP for one in self.seen.values())

    @property
    def certain(self) -> bool:
        """Whether there is one answer: a single suspect, a monotonic row, and nothing flaky."""
        return len(self.suspects) == 1 and not self.violations and not self.flaky


Search = Generator[NextProbe, ProbeAnswer, BisectionResult]
Asking = Generator[NextProbe, ProbeAnswer, ProbeAnswer]


def bisect(
    size: int,
    *,
    low: ProbeVerdict = ProbeVerdict.GOOD,
    high: ProbeVerdict = ProbeVerdict.BAD,
    ready: Callable[[int], int] = lambda _: 0,
    untestable: Mapping[int, ProbeAnswer] | None = None,
    seed: int = 0,
    sweep: bool = False,
) -> Search:
    """Search a row of `size` items that begins with `low` and ends with `high` for the place where it turns.

    Ends come first; then halves, where a `ready` item within a quarter of the middle (the readier the better; 0 is
    not) is preferred as long as that costs no further probe; then the nearest item on either side of the turn and one random item per half, of the
    readiest (`sweep`: all of them). Good and bad items cost at most ceil(log2 size) + 2 + 4 probes. `low=BAD, high=GOOD` finds a fix.
    """
    seen = dict(untestable or {})
    for end, sort in ((0, low), (size - 1, high)):
        ahead = _ahead_of_end(size, end, seen)
        yield from _asked(seen, NextProbe(index=end, purpose="end", ahead=ahead, claimed=sort))
    wrong = tuple(end for end, sort in ((0, low), (size - 1, high)) if seen[end].sort is not sort)
    if wrong:
        return BisectionResult(seen=seen, wrong=wrong)
    last, first = yield from _halves(seen, size, low, ready)
    below, above = range(last - 1, 0, -1), range(first + 1, size - 1)
    chance = random.Random(seed)  # noqa: S311 - a choice, not a secret
    yield from _confirm(seen, below, above, ready, chance, sweep=sweep)
    against = [index for index in below if seen.get(index, seen[0]).sort is high]
    against += [index for index in above if seen.get(index, seen[size - 1]).sort is low]
    suspects = tuple(range(last + 1, first + 1))
    return BisectionResult(seen=seen, last=last, suspects=suspects, violations=tuple(sorted(against)))


def _asked(seen: dict[int, ProbeAnswer], ask: NextProbe) -> Asking:
    """One probe, remembered; an item that is known already costs nothing."""
    if ask.index not in seen:
        seen[ask.index] = yield ask
    return seen[ask.index]


def _ahead_of_end(size: int, end: int, seen: Collection[int]) -> tuple[int, ...]:
    between = [index for index in range(1, size - 1) if index not in seen]
    middle = [between[len(between) // 2]] if between else []
    return (size - 1, *middle) if end == 0 and size > 1 else tuple(middle)


def _halves(
    seen: dict[int, ProbeAnswer], size: int, low: ProbeVerdict, ready: Callable[[int], int]
) -> Generator[NextProbe, ProbeAnswer, tuple[int, int]]:
    """Close in on the turn until no item between the two sides is left to try."""
    last, first = 0, size - 1
    open_items = [index for index in range(1, size - 1) if index not in seen]
    steps = len(open_items).bit_length()
    while open_items:
        index = pick(open_items, ready, steps)
        place = open_items.index(index)
        older, newer = open_items[:place], open_items[place + 1 :]
        ahead = tuple(pick(part, ready, steps - 1) for part in (newer, older) if part)
        one = yield from _asked(seen, NextProbe(index=index, purpose="search", ahead=ahead))
        if not one.sort.sure:
            open_items = older + newer
            continue
        steps -= 1
        if one.sort is low:
            last, open_items = index, newer
        else:
            first, open_items = index, older
    return last, first


def pick(open_items: Sequence[int], ready: Callable[[int], int], steps: int) -> int:
    """The item to try: the middle, or the readiest within a quarter of it from which `steps` probes still suffice."""
    count, middle = len(open_items), len(open_items) // 2
    near = [place for place in range(count) if abs(place - middle) <= count // 4]
    enough = [place for place in near if max(place, count - 1 - place).bit_length() <= steps - 1]
    best = min(enough, default=middle, key=lambda place: (-ready(open_items[place]), abs(place - middle), place))
    return open_items[best]


def _confirm(
    seen: dict[int, ProbeAnswer], below: Sequence[int], above: Sequence[int], ready: Callable[[int], int], chance: random.Random,
    *, sweep: bool,
) -> Generator[NextProbe, ProbeAnswer]:  # fmt: skip
    """Look beside the turn and somewhere in either half, because a row need not be monotonic."""
    drawn = [sorted(chance.sample(side, len(side)), key=ready, reverse=True) for side in (below, above)]
    for side, later in ((below, (above, *drawn)), (above, drawn)):
        yield from _first_of(seen, side, "neighbour", later)
    for place, order in enumerate(drawn):
        yield from _first_of(seen, [index for index in order if index not in seen], "random", drawn[place + 1 :])
    if sweep:
        rest = [index for index in sorted((*below, *above)) if index not in seen]
        for place, index in enumerate(rest):
            yield from _asked(seen, NextProbe(index=index, purpose="sweep", ahead=tuple(rest[place + 1 : place + 3])))


def _first_of(
    seen: dict[int, ProbeAnswer], side: Sequence[int], purpose: str, later: Sequence[Sequence[int]]
) -> Generator[NextProbe, ProbeAnswer]:
    """Try the items in their order until one can be tested; `later` are the lists from which is tried after it."""
    for index in side:
        fresh = [[other for other in some if other not in seen and other != index] for some in later]
        ahead = tuple(dict.fromkeys(some[0] for some in fresh if some))
        one = yield from _asked(seen, NextProbe(index=index, purpose=purpose, ahead=ahead))
        if one.sort is not ProbeVerdict.SKIP:
            return
