"""What searches ask, question by question: each costs a container, so their order and what is prepared beside them are promised."""

from collections.abc import Callable
from typing import Any

import pytest

from lab.model.isolation import Blame
from lab.model.search import ProbeVerdict
from lab.search.algorithms.bisect import NextProbe, ProbeAnswer, bisect
from lab.search.algorithms.ddmin import ddmin
from lab.search.algorithms.isolate import blamed, isolate
from lab.search.algorithms.shrink import lengths, nearest, shortest

GOOD, BAD, SKIP = ProbeVerdict.GOOD, ProbeVerdict.BAD, ProbeVerdict.SKIP
Ready = Callable[[int], int]


def driven(search: Any, answer: Callable[[Any], object]) -> tuple[list[Any], Any]:
    """Everything a search asked, and what it found."""
    asked: list[Any] = []
    try:
        now = next(search)
        while True:
            asked.append(now)
            now = search.send(answer(now))
    except StopIteration as ended:
        return asked, ended.value


def bisected(size: int, turn: int, ready: Ready, *, skip: tuple[int, ...] = (), sweep: bool = False) -> list[Any]:
    """Item, purpose and what may be prepared meanwhile, of each probe of a row that turns at `turn`."""

    def answer(ask: NextProbe) -> ProbeAnswer:
        return ProbeAnswer(sort=SKIP if ask.index in skip else GOOD if ask.index < turn else BAD)

    asked, _ = driven(bisect(size, ready=ready, sweep=sweep), answer)
    return [(one.index, one.purpose, one.ahead) for one in asked]


def test_a_row_is_halved_towards_what_is_readier_and_then_looked_at_beside_the_turn() -> None:
    assert bisected(13, 7, lambda index: index, sweep=True) == [
        (0, "end", (12, 6)), (12, "end", (6,)),
        (8, "search", (10, 4)), (4, "search", (6, 2)), (6, "search", (7, 5)), (7, "search", ()),
        (5, "neighbour", (9, 3, 11)), (3, "random", (11,)), (11, "random", ()),
        (1, "sweep", (2, 9)), (2, "sweep", (9, 10)), (9, "sweep", (10,)), (10, "sweep", ()),
    ]  # fmt: skip


def test_what_is_ready_never_costs_a_probe_more() -> None:
    assert bisected(24, 9, lambda index: index) == [
        (0, "end", (23, 12)), (23, "end", (12,)),
        (16, "search", (21, 8)), (8, "search", (12, 4)), (12, "search", (14, 10)), (10, "search", (11, 9)), (9, "search", ()),
        (7, "neighbour", (11, 6, 22)), (6, "random", (22,)), (22, "random", ()),
    ]  # fmt: skip
    assert bisected(40, 33, lambda index: index * 7 % 40) == [
        (0, "end", (39, 20)), (39, "end", (20,)),
        (17, "search", (28, 11)), (28, "search", (34, 22)), (34, "search", (38, 32)), (32, "search", (33, 30)),
        (33, "search", ()),
        (31, "neighbour", (35, 11, 38)), (11, "random", (38,)), (38, "random", ()),
    ]  # fmt: skip


def test_what_cannot_be_tested_is_left_out_and_the_search_goes_on_with_the_rest() -> None:
    assert bisected(13, 7, lambda index: -index, skip=(5, 6), sweep=True) == [
        (0, "end", (12, 6)), (12, "end", (6,)),
        (4, "search", (8, 2)), (8, "search", (10, 6)), (6, "search", (7, 5)), (7, "search", (5,)), (5, "search", ()),
        (3, "neighbour", (9, 1)), (1, "random", (9,)), (9, "random", ()),
        (2, "sweep", (10, 11)), (10, "sweep", (11,)), (11, "sweep", ()),
    ]  # fmt: skip


def test_a_row_of_two_is_asked_for_its_ends_alone() -> None:
    assert bisected(2, 1, lambda _: 0) == [(0, "end", (1,)), (1, "end", ())]
    assert bisected(3, 1, lambda _: 0) == [(0, "end", (2, 1)), (2, "end", (1,)), (1, "search", ())]


@pytest.mark.parametrize(
    ("needed", "asked"),
    [
        ("b", "abcdefgh abcd ab a b"),
        ("ad", "abcdefgh abcd ab cd a b c d bcd acd ad"),
        (
            "beh",
            "abcdefgh abcd efgh ab cd ef gh cdefgh abefgh abgh abef a b e f g h befgh bfgh begh egh bgh beh eh bh be",
        ),
    ],
)
def test_delta_debugging_asks_for_pieces_and_then_for_all_but_a_piece(needed: str, asked: str) -> None:
    sets, found = driven(ddmin("abcdefgh"), lambda parts: set(needed) <= set(parts))
    assert " ".join("".join(parts) for parts in sets) == asked
    assert found.parts == tuple(needed)


def isolated(names: str, truth: Callable[[set[str]], ProbeVerdict]) -> tuple[list[tuple[str, str]], Any]:
    asked, found = driven(isolate(names), lambda ask: ProbeAnswer(sort=truth(set(ask.axes))))
    return [("".join(one.axes), one.purpose) for one in asked], found


FIRST = [("", "good end"), ("abcd", "bad end"), ("ab", "search"), ("cd", "search")]
EACH = [(name, "search") for name in ("a", "b", "c", "d", "bcd", "bd", "bc")]


def test_two_axes_to_blame_are_found_in_few_sets_and_what_is_known_is_not_asked_again() -> None:
    asked, found = isolated("abcd", lambda axes: BAD if {"b", "c"} <= axes else GOOD)
    assert asked == [*FIRST, *EACH, ("abc", "back")]
    assert (found.cause, found.given, found.entangled) == (("b", "c"), (), ())
    assert found.blame == {"a": Blame.HARMLESS, "b": Blame.MATTERS, "c": Blame.MATTERS, "d": Blame.HARMLESS}


def test_an_axis_without_which_the_other_does_not_exist_is_given() -> None:
    def truth(axes: set[str]) -> ProbeVerdict:
        if {"b", "c"} <= axes:
            return BAD
        return SKIP if "c" in axes and "b" not in axes else GOOD

    asked, found = isolated("abcd", truth)
    assert asked == [*FIRST, *EACH, ("abc", "back")]
    assert (found.cause, found.given, found.entangled) == (("c",), ("b",), ())
    assert (found.blame["b"], found.blame["c"]) == (Blame.GIVEN, Blame.MATTERS)


def test_axes_that_cannot_be_told_apart_are_not_blamed_one_by_one() -> None:
    def truth(axes: set[str]) -> ProbeVerdict:
        if axes == {"a", "b", "c"}:
            return BAD
        return SKIP if axes and axes != {"a"} else GOOD

    asked, found = isolated("abc", truth)
    assert asked == [
        ("", "good end"),
        ("abc", "bad end"),
        *((one, "search") for one in ("a", "bc", "b", "c", "ac", "ab")),
    ]
    assert (found.cause, found.given, found.entangled) == (("a", "b", "c"), (), ("a", "b", "c"))
    assert set(found.blame.values()) == {Blame.UNKNOWN}
    assert not found.certain


def test_one_axis_alone_to_blame_leaves_one_question_for_the_other() -> None:
    asked, found = isolated("ab", lambda axes: BAD if "a" in axes else GOOD)
    assert asked == [("", "good end"), ("ab", "bad end"), ("a", "search"), ("b", "alone")]
    assert (found.cause, found.blame["b"], found.certain) == (("a",), Blame.HARMLESS, True)


@pytest.mark.parametrize(
    ("high", "turn", "between", "last"),
    [
        (
            100, 37,
            [(1, 20, 40, 60, 80), (21, 24, 28, 32, 36), (37, 38, 39)],
            [(1, 2, 4, 8), (16, 32, 64), (33, 39, 45, 51, 57), (34, 35, 36, 37, 38)],
        ),
        (10, 10, [(1, 2, 4, 6, 8), (9,)], [(1, 2, 4, 8), (9,)]),
        (7, 1, [(1, 2, 3, 4, 5)], [(1, 2, 4)]),
    ],
)  # fmt: skip
def test_several_lengths_are_asked_about_at_once(
    high: int, turn: int, between: list[tuple[int, ...]], last: list[tuple[int, ...]]
) -> None:
    def answer(asked: tuple[int, ...]) -> tuple[bool, ...]:
        return tuple(one >= turn for one in asked)

    assert driven(shortest(1, high), answer) == (between, turn)
    assert driven(nearest(high), answer) == (last, turn)


def test_all_lengths_worth_asking_about_are_doubled_from_four_on() -> None:
    assert lengths(1000) == [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512]


OTHER = ProbeVerdict.OTHER


@pytest.mark.parametrize(
    ("alone", "back", "blame"),
    [
        (GOOD, BAD, Blame.HARMLESS),
        (GOOD, SKIP, Blame.HALF),
        (SKIP, BAD, Blame.HALF),
        (SKIP, SKIP, Blame.UNKNOWN),
        (BAD, BAD, Blame.ALSO),
        (GOOD, GOOD, Blame.MIXED),
        (OTHER, BAD, Blame.MIXED),
        (GOOD, OTHER, Blame.MIXED),
    ],
)
def test_an_axis_outside_the_cause_is_what_both_places_show(
    alone: ProbeVerdict, back: ProbeVerdict, blame: Blame
) -> None:
    assert blamed(alone, back) is blame


def test_what_was_seen_of_ends_that_are_not_as_claimed_is_kept() -> None:
    _, found = driven(bisect(5), lambda _: ProbeAnswer(sort=BAD, why="both fail"))
    assert found.wrong == (0,)
    assert {index: one.why for index, one in found.seen.items()} == {0: "both fail", 4: "both fail"}


def test_a_row_of_one_is_asked_once() -> None:
    asked, found = driven(bisect(1), lambda _: ProbeAnswer(sort=GOOD))
    assert [(one.index, one.purpose, one.ahead) for one in asked] == [(0, "end", ())]
    assert found.wrong == (0,)
