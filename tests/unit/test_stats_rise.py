"""Memory over many loads: what grows without an end is a leak, what fills up or stays is none, and noise is not taken for either."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Phase
from lab.model.bench import Leak
from lab.stats import rise

MIB = 1 << 20
BASE = 300 * MIB
COUNTS = st.integers(rise.LEAST_CALLS, 200)


def verdict(resident: list[int]) -> Leak:
    return rise.weigh(Phase.LOAD, resident).verdict


@given(calls=COUNTS, each=st.integers(MIB // 2, 64 * MIB), first=st.integers(0, 200 * MIB))
def test_what_costs_the_same_every_time_leaks_by_just_that(calls: int, each: int, first: int) -> None:
    found = rise.weigh(Phase.LOAD, [BASE + first + each * number for number in range(1, calls + 1)])
    assert found.verdict is (Leak.LEAKS if found.gained >= rise.LEAST_BYTES else Leak.STEADY)
    assert found.low == pytest.approx(each)
    assert found.high == pytest.approx(each)
    assert found.gained == pytest.approx(each * found.calls)


@given(st.lists(st.integers(-MIB, MIB), min_size=rise.LEAST_CALLS, max_size=100))
def test_noise_around_one_level_is_no_leak(noise: list[int]) -> None:
    assert verdict([BASE + one for one in noise]) is Leak.STEADY


@given(calls=st.integers(24, 200), pool=st.integers(8 * MIB, 512 * MIB))
def test_a_pool_that_fills_up_and_stays_is_no_leak(calls: int, pool: int) -> None:
    full = calls // 2
    assert verdict([BASE + pool * min(number, full) // full for number in range(1, calls + 1)]) is Leak.STEADY


@given(st.lists(st.integers(1, 1 << 40), max_size=80))
def test_the_cost_lies_inside_its_bounds_and_a_leak_is_above_0(resident: list[int]) -> None:
    found = rise.weigh(Phase.INFER, resident)
    assert found.low <= found.each <= found.high
    if found.verdict is Leak.LEAKS:
        assert found.low > 0
        assert found.gained >= rise.LEAST_BYTES


@given(st.lists(st.integers(1, 1 << 40), min_size=rise.LEAST_CALLS, max_size=80), st.integers(0, 1 << 40))
def test_how_much_a_process_has_to_begin_with_changes_nothing(resident: list[int], more: int) -> None:
    one, other = (rise.weigh(Phase.LOAD, found) for found in (resident, [value + more for value in resident]))
    assert (one.verdict, one.gained, one.calls) == (other.verdict, other.gained, other.calls)


@given(st.lists(st.integers(1, 1 << 40), max_size=rise.LEAST_CALLS - 1))
def test_too_few_loads_say_nothing(resident: list[int]) -> None:
    assert verdict(resident) is Leak.UNKNOWN


def test_one_step_up_is_neither_a_leak_nor_steady() -> None:
    assert verdict([BASE] * 30 + [BASE + 64 * MIB] * 10) is Leak.UNKNOWN
