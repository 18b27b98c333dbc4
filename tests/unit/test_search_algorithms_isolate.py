"""Which axes are to blame, as a rule over plain names: the answer is small and says no more than was seen."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model.isolation import Blame
from lab.model.search import ProbeVerdict
from lab.search.algorithms import Isolated, ProbeAnswer, isolate

NAMES = ("release", "device", "python", "threads", "cpu", "flag")
Truth = Callable[[frozenset[str]], ProbeVerdict]


def solve(names: tuple[str, ...], truth: Truth) -> Isolated:
    search = isolate(names)
    change = next(search)
    asked = []
    while True:
        assert change.axes not in asked, "a set is tried twice"
        asked.append(change.axes)
        try:
            change = search.send(ProbeAnswer(sort=truth(frozenset(change.axes)), why="seen"))
        except StopIteration as ended:
            found = ended.value
            assert isinstance(found, Isolated)
            return found


def monotone(minimal: frozenset[frozenset[str]]) -> Callable[[frozenset[str]], bool]:
    """Bad as soon as one of the minimal sets is changed as a whole."""
    return lambda axes: any(one <= axes for one in minimal)


def sorted_by(bad: Callable[[frozenset[str]], bool], holes: frozenset[frozenset[str]] = frozenset()) -> Truth:
    return lambda axes: ProbeVerdict.SKIP if axes in holes else ProbeVerdict.BAD if bad(axes) else ProbeVerdict.GOOD


names = st.integers(1, len(NAMES)).map(lambda count: NAMES[:count])
truths = names.flatmap(
    lambda chosen: st.tuples(
        st.just(chosen),
        st.frozensets(st.frozensets(st.sampled_from(chosen), min_size=1), min_size=1, max_size=3).map(monotone),
    )
)


@given(truths)
def test_for_every_monotone_truth_the_cause_is_minimal_and_holds_no_axis_that_does_not_matter(
    case: tuple[tuple[str, ...], Callable[[frozenset[str]], bool]],
) -> None:
    chosen, bad = case
    found = solve(chosen, sorted_by(bad))
    cause = frozenset(found.cause)
    assert bad(cause)
    assert not any(bad(cause - {one}) for one in cause)
    assert not found.given
    assert not found.entangled
    assert all(found.blame[one] is Blame.MATTERS for one in cause)


@given(truths)
def test_what_is_called_harmless_changes_nothing_alone_and_nothing_back(
    case: tuple[tuple[str, ...], Callable[[frozenset[str]], bool]],
) -> None:
    chosen, bad = case
    found = solve(chosen, sorted_by(bad))
    for name, blame in found.blame.items():
        if blame is Blame.HARMLESS:
            assert not bad(frozenset({name}))
            assert bad(frozenset(chosen) - {name})
        if blame is Blame.ALSO:
            assert bad(frozenset({name}))


@given(truths, st.data())
def test_with_holes_nothing_is_claimed_that_was_not_seen(
    case: tuple[tuple[str, ...], Callable[[frozenset[str]], bool]], data: st.DataObject
) -> None:
    chosen, bad = case
    everything = frozenset(chosen)
    sets = st.frozensets(st.sampled_from(chosen)).filter(lambda one: one not in (frozenset(), everything))
    holes = data.draw(st.frozensets(sets, max_size=6)) if len(chosen) > 1 else frozenset()
    found = solve(chosen, sorted_by(bad, holes))
    whole = frozenset(found.cause) | frozenset(found.given)
    assert bad(whole)
    for name in found.cause:
        if name not in found.entangled:
            assert not bad(whole - {name}), "an axis is blamed that is not needed"
    if found.given:
        assert not bad(frozenset(found.given))
    assert found.certain <= (not found.entangled)
    for axes, one in found.seen.items():
        assert (one.sort is ProbeVerdict.SKIP) == (frozenset(axes) in holes)


def test_one_axis_is_found_and_the_others_are_shown_both_ways() -> None:
    found = solve(NAMES[:4], sorted_by(lambda axes: "release" in axes))
    assert found.cause == ("release",)
    assert [found.blame[one] for one in NAMES[1:4]] == [Blame.HARMLESS] * 3
    assert found.certain


def test_two_axes_that_matter_only_together_are_both_named() -> None:
    found = solve(NAMES, sorted_by(lambda axes: {"release", "flag"} <= axes))
    assert found.cause == ("release", "flag")
    assert found.certain


@pytest.mark.parametrize(
    ("truth", "wrong"),
    [
        (lambda _: ProbeVerdict.GOOD, ("bad",)),
        (lambda _: ProbeVerdict.BAD, ("good",)),
        (lambda axes: ProbeVerdict.GOOD if axes else ProbeVerdict.BAD, ("good", "bad")),
        (lambda axes: ProbeVerdict.FLAKY if axes else ProbeVerdict.GOOD, ("bad",)),
        (lambda axes: ProbeVerdict.OTHER if axes else ProbeVerdict.GOOD, ("bad",)),
    ],
)
def test_ends_that_are_not_good_and_bad_end_the_search_at_once(truth: Truth, wrong: tuple[str, ...]) -> None:
    found = solve(NAMES, truth)
    assert found.wrong == wrong
    assert len(found.seen) == 2
    assert not found.certain


def test_an_axis_that_cannot_be_changed_back_is_held_still_and_the_rest_is_still_blamed() -> None:
    hole = frozenset({frozenset({"release"})})
    found = solve(("release", "device"), sorted_by(lambda axes: "release" in axes, hole))
    assert (found.cause, found.given) == (("release",), ("device",))
    assert found.blame == {"release": Blame.MATTERS, "device": Blame.GIVEN}


def test_axes_that_only_exist_together_are_not_told_apart() -> None:
    holes = frozenset({frozenset({"release"}), frozenset({"python"})})
    found = solve(("release", "python"), sorted_by(bool, holes))
    assert found.entangled == ("release", "python")
    assert not found.certain


def test_an_axis_that_changes_the_failure_is_not_called_harmless() -> None:
    def truth(axes: frozenset[str]) -> ProbeVerdict:
        if "release" not in axes:
            return ProbeVerdict.OTHER if "flag" in axes else ProbeVerdict.GOOD
        return ProbeVerdict.BAD

    found = solve(("release", "flag"), truth)
    assert found.cause == ("release",)
    assert found.blame["flag"] is Blame.MIXED
    assert not found.certain


def test_a_second_cause_is_named_beside_the_first() -> None:
    found = solve(("release", "flag"), sorted_by(bool))
    assert found.cause == ("release",)
    assert found.blame["flag"] is Blame.ALSO
    assert not found.certain


def test_a_cause_beside_a_flaky_set_is_not_certain() -> None:
    bad = ProbeAnswer(sort=ProbeVerdict.BAD)
    sure = Isolated(seen={("a",): bad}, cause=("a",), blame={})
    assert sure.certain
    assert not replace(sure, seen={("a",): bad, ("b",): ProbeAnswer(sort=ProbeVerdict.FLAKY)}).certain
