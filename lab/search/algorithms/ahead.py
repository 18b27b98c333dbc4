"""What a search may ask next, whatever it is told: items that can be tried side by side before they are asked for.

The search itself is run again with what is known and with answers that are supposed. So it is never asked otherwise than it would
have asked, and its answer is the same however many items are tried at once.
"""

from collections import deque
from collections.abc import Callable, Mapping

from lab.model.search import ProbeVerdict
from lab.search.algorithms.bisect import NextProbe, ProbeAnswer, Search

LOOKS = 4
"""How many supposed courses are followed for each item that is wanted: many of them lead to the same items."""


def likely(begin: Callable[[], Search], known: Mapping[int, ProbeAnswer], count: int) -> tuple[int, ...]:
    """Up to `count` items that may be asked for, the one that is waited for first; what is nearer in the search comes before.

    `begin` starts the search anew, the same each time; `known` is what was seen so far.
    """
    found: dict[int, None] = {}
    courses: deque[Mapping[int, ProbeAnswer]] = deque([{}])
    for _ in range(LOOKS * count):
        if not courses or len(found) >= count:
            break
        supposed = courses.popleft()
        ask = _next(begin(), known, supposed)
        if ask is not None:
            found[ask.index] = None
            courses.extend({**supposed, ask.index: ProbeAnswer(sort=sort)} for sort in _supposed(ask))
    return tuple(found)


def _next(search: Search, known: Mapping[int, ProbeAnswer], supposed: Mapping[int, ProbeAnswer]) -> NextProbe | None:
    """What a search asks for that nobody has an answer to; None where it is over before."""
    try:
        ask = next(search)
        while (answer := known.get(ask.index) or supposed.get(ask.index)) is not None:
            ask = search.send(answer)
    except StopIteration:
        return None
    return ask


def _supposed(ask: NextProbe) -> tuple[ProbeVerdict, ...]:
    """What may be seen of an item, as far as the search goes on otherwise for it: an end is as claimed, or nothing goes on."""
    if ask.purpose == "end":
        return (ask.claimed,)
    return (ProbeVerdict.GOOD, ProbeVerdict.BAD) if ask.purpose == "search" else (ProbeVerdict.GOOD,)
