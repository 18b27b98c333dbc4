"""A load whose numbers agree and whose memory keeps growing is a leak; what a guest says of memory is hostile data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Kind, Outcome, Phase
from lab.model.bench import Leak
from lab.model.growth import Growth
from lab.outcome.growth import MOST, spoken, told, with_growth
from lab.outcome.verdict import compare_with

OK = Outcome(kind=Kind.OK, phase=Phase.INFER, reason="exact")
MIB = float(1 << 20)
LEAKS = Growth(
    of=Phase.LOAD, calls=29, verdict=Leak.LEAKS, each=2 * MIB, low=1.9 * MIB, high=2.1 * MIB, gained=58 << 20
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)  # fmt: skip


def test_a_leak_is_an_outcome_that_says_what_each_load_costs() -> None:
    found = with_growth(OK, LEAKS)
    assert (found.kind, found.phase, found.reason, found.signature) == (Kind.LEAK, Phase.LOAD, "", "load:leak")
    assert found.message == "memory grew with each load: +2 MiB a load (1.9 to 2.1), 58 MiB over 29 of them"
    assert spoken(replace(LEAKS, of=Phase.INFER)) == "+2 MiB a call (1.9 to 2.1)"


def test_steady_memory_changes_nothing_and_memory_that_cannot_be_told_decides_nothing() -> None:
    assert with_growth(OK, replace(LEAKS, verdict=Leak.STEADY)) == OK
    assert with_growth(OK, None) == OK
    unknown = with_growth(OK, replace(LEAKS, verdict=Leak.UNKNOWN))
    assert (unknown.kind.decided, unknown.phase) == (False, Phase.LOAD)
    assert unknown.reason == "memory"
    why = "its memory over 29 loads says neither that it grows nor that it does not (+2 MiB a load (1.9 to 2.1))"
    assert unknown.message == why


@pytest.mark.parametrize(
    ("each", "said"), [(0.0, "+0 MiB"), (-MIB, "-1 MiB"), (MIB / 2, "+0.5 MiB"), (0.5, "+4.77e-07 MiB")]
)
def test_what_does_not_shrink_is_said_with_a_plus(each: float, said: str) -> None:
    assert spoken(replace(LEAKS, each=each)) == f"{said} a load (1.9 to 2.1)"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OK])
def test_memory_speaks_only_where_everything_else_is_right(kind: Kind) -> None:
    other = Outcome(kind=kind, phase=Phase.LOAD)
    assert with_growth(other, LEAKS) == other


def test_a_leak_that_is_gone_is_fixed_and_one_that_is_there_is_the_same_problem() -> None:
    leaks = with_growth(OK, LEAKS)
    again = with_growth(OK, replace(LEAKS, each=3 * MIB))
    assert [compare_with(leaks, one).value for one in (OK, again)] == ["fixed", "same"]
    assert compare_with(OK, leaks).value == "regressed"


def test_what_a_guest_tells_of_its_memory_is_taken_as_it_is() -> None:
    assert told({"measure": {"growth": {"of": "load", "rss": [1, 2]}}}) == (1, 2)
    assert len(told({"measure": {"growth": {"rss": [1] * MOST}}})) == MOST
    for wrong in ([1, "2"], [0], [-1], [True], [1.5], ["1"], [1 << 62], [1] * (MOST + 1), {"a": 1}):
        assert told({"measure": {"growth": {"rss": wrong}}}) == ()


@given(ANYTHING)
def test_nothing_that_a_guest_says_of_its_memory_does_harm(value: object) -> None:
    for record in ({"measure": value}, {"measure": {"growth": value}}, {"measure": {"growth": {"rss": value}}}):
        assert all(isinstance(one, int) and one > 0 for one in told(record))
    assert told(None) == ()
