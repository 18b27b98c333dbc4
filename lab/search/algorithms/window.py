"""The smallest stretch of a row that still shows something the whole row shows, several stretches asked at a time."""

from collections.abc import Generator, Sequence

Stretch = tuple[int, int]
"""The first and the last place of a stretch, both inside."""
Asking = Generator[tuple[Stretch, ...], Sequence[bool], Stretch]
FANOUT = 7
"""Stretches asked together: their starts cost more than they do."""


def window(count: int, *, head: bool = True) -> Asking:
    """Cut a row of `count` places, which shows it as a whole, from its ends; gives a stretch that was seen to show it.

    Asks for stretches and is sent, for each, whether it shows it; what cannot be tried does not. No stretch that lacks one
    more place at an end showed it. With `head` False only the tail is cut.
    """
    if count < 1:
        raise ValueError("a row has at least one place")
    found = (0, count - 1)
    while True:
        before = found
        found = yield from _cut(found, tail=True)
        if head:
            found = yield from _cut(found, tail=False)
        if found == before:
            return found


def _cut(found: Stretch, *, tail: bool) -> Asking:
    """Move one end inwards as far as it goes: between the last place that shows it and the next one that does not."""
    first, last = found
    shows, beyond = (last, first - 1) if tail else (first, last + 1)
    while abs(shows - beyond) > 1:
        places = between(shows, beyond)
        answers = yield tuple((first, place) if tail else (place, last) for place in places)
        shows = [shows, *(place for place, answer in zip(places, answers, strict=True) if answer)][-1]
        further = places[places.index(shows) + 1 :] if shows in places else places
        beyond = next(iter(further), beyond)
    return (first, shows) if tail else (shows, last)


def between(shows: int, not_: int, most: int = FANOUT) -> tuple[int, ...]:
    """Up to `most` places strictly between two, evenly spread, from the first towards the second."""
    gap = abs(not_ - shows)
    step = 1 if not_ > shows else -1
    offsets = sorted({gap * part // (most + 1) for part in range(1, most + 1)} - {0})
    return tuple(shows + step * one for one in (offsets or [1])[:most] if one < gap)
