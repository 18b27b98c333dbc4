"""Shortening by asking about several lengths at once: what is answered was seen to hold, and is the shortest where lengths behave."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.search.algorithms.shrink import lengths, nearest, shortest


def driven(search: Any, holds: Callable[[int], bool]) -> tuple[int, list[int]]:
    """The answer of a search, and every length it asked about."""
    asked: list[int] = []
    try:
        now = next(search)
        while True:
            asked += now
            now = search.send(tuple(holds(one) for one in now))
    except StopIteration as ended:
        return int(ended.value), asked


@given(high=st.integers(1, 5000), data=st.data(), width=st.integers(1, 8))
def test_the_shortest_length_that_has_the_property_is_found(high: int, data: st.DataObject, width: int) -> None:
    turn = data.draw(st.integers(1, high))
    assert driven(shortest(1, high, width), lambda one: one >= turn)[0] == turn
    assert driven(nearest(high, width), lambda one: one >= turn)[0] == turn


@given(high=st.integers(1, 300), held=st.sets(st.integers(1, 300)), width=st.integers(1, 8))
def test_whatever_lengths_do_the_answer_was_seen_to_hold_or_is_the_whole(high: int, held: set[int], width: int) -> None:
    for search in (shortest(1, high, width), nearest(high, width)):
        found, asked = driven(search, lambda one: one in held)
        assert found == high or (found in held and found in asked)
        assert all(1 <= one < high for one in asked)


@given(high=st.integers(2, 100_000))
def test_few_questions_are_asked(high: int) -> None:
    for search in (shortest(1, high), nearest(high)):
        _, asked = driven(search, lambda one: one >= high // 2 + 1)
        assert len(asked) <= 60
        assert len(set(asked)) == len(asked)


def test_lengths_begin_with_one_and_stay_below_the_size() -> None:
    assert list(lengths(6)) == [1, 2, 3, 4]
    assert list(lengths(1)) == []
