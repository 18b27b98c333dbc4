"""The smallest stretch of a row: what is given was seen to show it, and where more always shows it, none is smaller."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.search.algorithms.window import FANOUT, Stretch, between, window


def driven(count: int, shows: Callable[[Stretch], bool], *, head: bool = True) -> tuple[Stretch, set[Stretch], int]:
    """What a search gives, everything it saw showing it, and how often it asked."""
    search, seen, asked = window(count, head=head), {(0, count - 1)}, 0
    try:
        stretches = next(search)
        while True:
            asked += 1
            assert 0 < len(stretches) <= FANOUT
            assert all(0 <= first <= last < count for first, last in stretches)
            answers = [shows(one) for one in stretches]
            seen |= {one for one, answer in zip(stretches, answers, strict=True) if answer}
            stretches = search.send(answers)
    except StopIteration as ended:
        return ended.value, seen, asked


@given(st.integers(1, 300), st.data())
def test_where_everything_around_it_shows_it_too_exactly_the_stretch_is_found(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    found, _seen, asked = driven(count, lambda one: one[0] <= first and one[1] >= last)
    assert found == (first, last)
    assert asked <= 16, "with seven at a time a row of 300 takes three questions an end"


@given(st.integers(1, 60), st.integers())
def test_whatever_the_answers_are_what_is_given_was_seen_to_show_it_and_nothing_next_to_it_does(
    count: int, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - answers, not secrets
    answers: dict[Stretch, bool] = {}

    def shows(one: Stretch) -> bool:
        return one == (0, count - 1) or answers.setdefault(one, chance.random() < 0.5)

    (first, last), seen, _asked = driven(count, shows)
    assert (first, last) in seen
    for smaller in ((first + 1, last), (first, last - 1)):
        assert smaller[0] > smaller[1] or not answers.get(smaller, False)


@given(st.integers(1, 100), st.data())
def test_with_its_head_kept_only_the_tail_is_cut(count: int, data: st.DataObject) -> None:
    last = data.draw(st.integers(0, count - 1))
    assert driven(count, lambda one: one[1] >= last, head=False)[0] == (0, last)


def test_places_between_two_lie_strictly_between_them() -> None:
    assert between(0, 1) == ()
    assert between(3, 5) == (4,)
    assert between(10, 0) == (9, 8, 7, 5, 4, 3, 2)
    assert between(0, 100) == (12, 25, 37, 50, 62, 75, 87)


def test_an_empty_row_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one place"):
        next(window(0))
