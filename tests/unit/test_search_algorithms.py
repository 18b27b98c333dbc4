"""What the two searches promise for every row and every set of parts."""

import math
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.model.search import ProbeVerdict
from lab.search.algorithms import BisectionResult, Minimal, NextProbe, ProbeAnswer, bisect, ddmin
from lab.search.algorithms.bisect import pick

GOOD, BAD, SKIP = (
    ProbeAnswer(sort=ProbeVerdict.GOOD),
    ProbeAnswer(sort=ProbeVerdict.BAD),
    ProbeAnswer(sort=ProbeVerdict.SKIP),
)
NAMES = {
    "g": ProbeVerdict.GOOD,
    "b": ProbeVerdict.BAD,
    "s": ProbeVerdict.SKIP,
    "f": ProbeVerdict.FLAKY,
    "o": ProbeVerdict.OTHER,
    "u": ProbeVerdict.UNDECIDED,
}


def driven(search: Generator[Any, Any, Any], reply: Callable[[Any], Any]) -> Any:
    """Run a search to its end, answering each question."""
    asked = next(search)
    while True:
        try:
            asked = search.send(reply(asked))
        except StopIteration as ended:
            return ended.value


def answer(row: str, **words: Any) -> BisectionResult:
    """Drive a search over a row written as letters."""
    asked: list[int] = []

    def reply(ask: NextProbe) -> ProbeAnswer:
        assert ask.index not in asked, "an item was asked for twice"
        asked.append(ask.index)
        return ProbeAnswer(sort=NAMES[row[ask.index]])

    found = driven(bisect(len(row), **words), reply)
    assert isinstance(found, BisectionResult)
    return found


@st.composite
def monotone(draw: st.DrawFn) -> str:
    """Good then bad, tested ends, holes anywhere between."""
    size = draw(st.integers(2, 60))
    turn = draw(st.integers(1, size - 1))
    row = "g" * turn + "b" * (size - turn)
    holes = draw(st.sets(st.integers(1, max(1, size - 2)), max_size=size)) if size > 2 else set()
    return "".join("s" if index in holes else letter for index, letter in enumerate(row))


@st.composite
def any_row(draw: st.DrawFn) -> str:
    return "g" + draw(st.text(alphabet="gbsfou", max_size=40)) + "b"


def expected(row: str) -> tuple[int, ...]:
    """The smallest set that must hold the first bad item: everything after the last good up to the first bad."""
    return tuple(range(row.rindex("g") + 1, row.index("b") + 1))


@settings(deadline=None)
@given(monotone(), st.integers(0, 5))
def test_the_answer_of_a_monotone_row_holds_the_edge_and_nothing_that_was_cleared(row: str, seed: int) -> None:
    found = answer(row, seed=seed)
    assert found.suspects == expected(row)
    assert found.last == row.rindex("g")
    assert row[found.first] == "b"
    assert not found.violations
    assert found.certain == (len(found.suspects) == 1)


@settings(deadline=None)
@given(st.integers(2, 60), st.data())
def test_the_true_edge_is_among_the_suspects_whatever_is_hidden_and_each_suspect_could_be_it(
    size: int, data: st.DataObject
) -> None:
    turn = data.draw(st.integers(1, size - 1))
    truth = "g" * turn + "b" * (size - turn)
    hidden = data.draw(st.sets(st.integers(1, max(1, size - 2)))) if size > 2 else set()
    how = data.draw(st.sampled_from("sfou"))
    row = "".join(how if index in hidden else letter for index, letter in enumerate(truth))
    found = answer(row, seed=data.draw(st.integers(0, 3)))
    assert turn in found.suspects
    for suspect in found.suspects:
        world = "g" * suspect + "b" * (size - suspect)
        assert all(row[index] in (world[index], how) for index in range(size)), "a suspect was cleared by what was seen"


@settings(deadline=None)
@given(monotone(), st.sets(st.integers(0, 60)))
def test_ready_items_change_the_order_and_neither_the_answer_nor_the_budget(row: str, ready: set[int]) -> None:
    found = answer(row, ready=ready.__contains__)
    assert found.suspects == expected(row)
    assert found.probes <= math.ceil(math.log2(len(row))) + 2 + 4


@settings(deadline=None)
@given(monotone())
def test_items_known_to_be_untestable_are_never_asked_for(row: str) -> None:
    holes = {index: SKIP for index, letter in enumerate(row) if letter == "s"}
    asked: list[int] = []

    def reply(ask: NextProbe) -> ProbeAnswer:
        asked.append(ask.index)
        return ProbeAnswer(sort=NAMES[row[ask.index]])

    found = driven(bisect(len(row), untestable=holes), reply)
    assert not set(asked) & set(holes)
    assert found.suspects == expected(row)


@settings(deadline=None)
@given(monotone())
def test_a_fix_is_found_by_the_mirrored_search(row: str) -> None:
    mirrored = row.translate(str.maketrans("gb", "bg"))
    assert answer(mirrored, low=ProbeVerdict.BAD, high=ProbeVerdict.GOOD).suspects == expected(row)


@settings(deadline=None)
@given(any_row())
def test_a_sweep_finds_every_item_on_the_wrong_side(row: str) -> None:
    found = answer(row, sweep=True)
    turn = found.first
    wrong = {i for i, letter in enumerate(row) if (letter == "b" and i < found.last) or (letter == "g" and i > turn)}
    assert set(found.violations) == wrong
    assert len(found.seen) == len(row)


@settings(deadline=None)
@given(any_row())
def test_what_is_neither_good_nor_bad_never_decides(row: str) -> None:
    found = answer(row)
    assert row[found.last] == "g"
    assert row[found.first] == "b"
    assert all(row[index] in "sfou" for index in found.suspects[:-1])
    assert found.flaky == tuple(i for i in sorted(found.seen) if row[i] == "f")


def test_a_good_item_just_after_the_edge_is_a_violation() -> None:
    found = answer("ggggbgbb")
    assert found.violations
    assert not found.certain


def test_ends_that_both_pass_are_wrong_at_the_bad_end_only() -> None:
    assert answer("ggg").wrong == (2,)
    assert answer("bbb").wrong == (0,)
    assert answer("bgg").wrong == (0, 2)
    assert answer("gbf").wrong == (2,)


def test_neighbouring_releases_need_no_probe_but_the_ends() -> None:
    found = answer("gb")
    assert (found.suspects, found.probes) == ((1,), 2)


def test_the_next_items_are_told_ahead_so_that_both_can_be_prepared() -> None:
    search = bisect(9)
    assert next(search).ahead == (8, 4)
    assert search.send(GOOD).index == 8
    asked = search.send(BAD)
    assert (asked.index, set(asked.ahead)) == (4, {2, 6})
    assert search.send(GOOD).index == 6


def test_what_is_looked_at_last_is_told_ahead_as_well() -> None:
    told: set[int] = set()
    surprises: list[int] = []

    def reply(ask: NextProbe) -> ProbeAnswer:
        if ask.purpose in ("random", "sweep") and ask.index not in told:
            surprises.append(ask.index)
        told.update(ask.ahead)
        return GOOD if ask.index < 9 else BAD

    found = driven(bisect(20, sweep=True), reply)
    assert found.suspects == (9,)
    assert len(surprises) <= 1, "only what follows the last random item can be a surprise"


def test_a_ready_item_near_the_middle_is_preferred_and_a_far_one_is_not() -> None:
    assert pick(range(12), {7}.__contains__, 4) == 7
    assert pick(range(12), {1}.__contains__, 4) == 6
    assert pick(range(7), {2}.__contains__, 3) == 3, "one off the middle of seven would cost a further probe"


def smallest(items: tuple[str, ...], holds: Callable[[tuple[str, ...]], bool]) -> Minimal:
    found = driven(ddmin(items), holds)
    assert isinstance(found, Minimal)
    return found


LETTERS = tuple("abcdefghij")


@settings(deadline=None)
@given(st.sets(st.sampled_from(LETTERS), min_size=1))
def test_the_needed_parts_are_found_exactly_where_only_they_matter(needed: set[str]) -> None:
    found = smallest(LETTERS, lambda parts: needed <= set(parts))
    assert set(found.parts) == needed


@settings(deadline=None)
@given(
    st.sets(st.frozensets(st.sampled_from(LETTERS), min_size=1), min_size=1, max_size=5),
    st.sampled_from(("grow", "disturb")),
)
def test_no_part_of_the_answer_can_be_left_out_even_where_parts_disturb_each_other(
    winning: set[frozenset[str]], manner: str
) -> None:
    def holds(parts: tuple[str, ...]) -> bool:
        given = frozenset(parts)
        if given == frozenset(LETTERS):
            return True
        return given in winning if manner == "disturb" else any(one <= given for one in winning)

    found = smallest(LETTERS, holds)
    assert holds(found.parts)
    less = [tuple(part for part in found.parts if part != left) for left in found.parts]
    assert not any(one and holds(one) for one in less)


def test_every_set_is_tried_once_and_logged() -> None:
    found = smallest(LETTERS, lambda parts: {"a", "j"} <= set(parts))
    sets = [step.parts for step in found.steps]
    assert len(sets) == len(set(sets))
    assert sets[0] == LETTERS


def test_where_all_parts_together_do_not_suffice_there_is_no_answer() -> None:
    found = smallest(LETTERS, lambda _: False)
    assert found.parts == ()
    assert len(found.steps) == 1


def test_the_random_items_are_ready_ones_where_there_are_any() -> None:
    for seed in range(20):
        drawn: list[int] = []

        def reply(ask: NextProbe, drawn: list[int] = drawn) -> ProbeAnswer:
            drawn += [ask.index] if ask.purpose == "random" else []
            return BAD if ask.index >= 8 else GOOD

        driven(bisect(15, seed=seed, ready=lambda index: int(index in (2, 13))), reply)
        assert sorted(drawn) == [2, 13]


def test_an_answer_with_a_flaky_item_is_not_certain() -> None:
    good, bad = ProbeAnswer(sort=ProbeVerdict.GOOD), ProbeAnswer(sort=ProbeVerdict.BAD)
    sure = BisectionResult(seen={0: good, 1: bad}, suspects=(1,))
    assert sure.certain
    flaky = ProbeAnswer(sort=ProbeVerdict.FLAKY, why="failed 1 of 3 times")
    assert not replace(sure, seen={0: good, 1: bad, 2: flaky}).certain
