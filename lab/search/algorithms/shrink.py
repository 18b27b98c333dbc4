"""How far something can be shortened: coroutines that ask about several lengths at once, because many candidates cost little more than one."""

from collections.abc import Generator, Sequence

WIDTH = 4
"""Lengths that are asked about at once."""

Shortening = Generator[tuple[int, ...], tuple[bool, ...], int]


def shortest(low: int, high: int, width: int = WIDTH) -> Shortening:
    """The smallest length between `low` and `high` that still has the property, where `high` has it.

    Between two lengths asked about, the property is taken to begin once; whatever it does, the answer was seen to have it, or is `high`.
    """
    while low < high:
        span = high - low
        asked = tuple(sorted({low + span * number // (width + 1) for number in range(1, width + 1)} | {low} - {high}))
        held = yield asked
        first = next((place for place, has in enumerate(held) if has), None)
        if first is None:
            low = asked[-1] + 1
        else:
            high = asked[first]
            low = asked[first - 1] + 1 if first else high
    return high


def nearest(size: int, width: int = WIDTH) -> Shortening:
    """How many of the last of `size` items are needed, where all have the property: 1, 2, 4, ... first, then between."""
    doubled = [1 << number for number in range(size.bit_length()) if 1 << number < size]
    low = 1
    for start in range(0, len(doubled), width):
        asked = tuple(doubled[start : start + width])
        held = yield asked
        first = next((place for place, has in enumerate(held) if has), None)
        if first is not None:
            below = asked[first - 1] if first else low - 1
            return (yield from shortest(below + 1, asked[first], width))
        low = asked[-1] + 1
    return (yield from shortest(low, size, width))


def lengths(size: int) -> Sequence[int]:
    """Lengths below `size` that are worth asking about, the shortest first: 1, 2, 3, 4, and then doubled."""
    return [one for one in (1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512) if one < size]
