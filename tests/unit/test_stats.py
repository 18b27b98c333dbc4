"""The verdict's rules on data whose truth is known: fixed seeds, every rate against the one that is claimed."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import stats
from lab.errors import UsageError
from lab.model.bench import Change, Estimate, Leak, Sample

PAIRS = 8
ROUNDS = 80
Maker = Callable[[np.random.Generator, float], list[float]]


def process(random: np.random.Generator, effect: float, mode: tuple[float, float] = (0.0, 0.0)) -> list[float]:
    """Log ratios of one block: a process is fast or slow as a whole (correlated), its values scatter around that."""
    ours = random.normal(mode[0], 0.03) + random.normal(0, 0.05, PAIRS)
    theirs = random.normal(mode[1], 0.03) + random.normal(0, 0.05, PAIRS)
    return list(theirs + math.log(effect) - ours)


def steady(random: np.random.Generator, effect: float) -> list[float]:
    return process(random, effect)


def drifting(random: np.random.Generator, effect: float) -> list[float]:
    """The machine gets slower through the block, faster than sides alternate: only the drawn order protects."""
    drift = np.linspace(0, 0.5, 2 * PAIRS).reshape(PAIRS, 2)
    drawn = random.permuted(drift, axis=1)
    return list(np.array(process(random, effect)) + drawn[:, 1] - drawn[:, 0])


def bimodal(random: np.random.Generator, effect: float) -> list[float]:
    """Half of all processes are 15 % slower, whichever side they are."""
    first, second = (float(one) for one in 0.15 * random.integers(0, 2, 2))
    return process(random, effect, mode=(first, second))


def heavy(random: np.random.Generator, effect: float) -> list[float]:
    """Some values are far off."""
    return list(np.array(process(random, effect)) + 0.05 * random.standard_t(1.5, PAIRS))


KINDS = [steady, drifting, bimodal, heavy]


def estimates(make: Maker, effect: float, blocks: int, seed: int, rounds: int = ROUNDS) -> list[Estimate]:
    random = np.random.default_rng(seed)
    alpha = stats.alpha_at(blocks)
    return [stats.estimate([make(random, effect) for _ in range(blocks)], alpha=alpha) for _ in range(rounds)]


def alarms(found: Sequence[Estimate], delta: float = 0.05) -> int:
    return sum(stats.alarm(one, delta, stats.alpha_at(one.blocks)) is not None for one in found)


def sames(found: Sequence[Estimate], delta: float = 0.05) -> int:
    return sum(stats.judge(one, delta, confirmed=None, final=False)[0] is Change.SAME for one in found)


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("blocks", [6, 12])
def test_false_alarms_stay_within_what_the_look_may_spend(make: Maker, blocks: int) -> None:
    assert alarms(estimates(make, 1.0, blocks, seed=1)) <= math.ceil(stats.alpha_at(blocks) * ROUNDS)


def test_all_looks_together_spend_five_per_cent() -> None:
    assert sum(stats.LOOKS.values()) == pytest.approx(stats.ALPHA)


def test_ten_per_cent_is_found_four_times_in_five_with_twelve_blocks() -> None:
    assert alarms(estimates(steady, 1.1, 12, seed=2)) >= 0.8 * ROUNDS


def test_twenty_per_cent_is_found_nearly_always_and_faster_is_found_like_slower() -> None:
    assert alarms(estimates(drifting, 1.2, 12, seed=3)) >= 0.95 * ROUNDS
    found = estimates(steady, 1 / 1.2, 12, seed=4, rounds=40)
    assert {stats.alarm(one, 0.05, 0.009) for one in found} <= {Change.FASTER, None}
    assert alarms(found) >= 0.95 * 40


def test_an_alarm_at_the_smallest_change_that_counts_comes_at_most_half_the_time() -> None:
    assert alarms(estimates(steady, 1.05, 12, seed=5)) <= 0.5 * ROUNDS


def test_ten_per_cent_is_found_also_where_what_counts_follows_the_control() -> None:
    random = np.random.default_rng(10)
    found = estimates(steady, 1.1, 12, seed=13)
    deltas = [
        stats.threshold(stats.control_width([float(np.median(steady(random, 1.0))) for _ in range(2)], 12, one.spread))
        for one in found
    ]
    seen = [stats.alarm(one, delta, 0.009) is Change.SLOWER for one, delta in zip(found, deltas, strict=True)]
    assert sum(seen) >= 0.8 * ROUNDS


def test_a_change_of_exactly_delta_is_found_rather_than_missed_with_many_blocks() -> None:
    random = np.random.default_rng(14)
    made = [[[math.log(1.05) + float(random.normal(0, 0.015)) for _ in range(8)] for _ in range(24)] for _ in range(40)]
    assert alarms([stats.estimate(one) for one in made]) >= 0.7 * 40


def test_a_change_clearly_below_delta_is_no_alarm_however_certain_it_is() -> None:
    random = np.random.default_rng(15)
    made = [[[0.03 + float(random.normal(0, 0.01)) for _ in range(8)] for _ in range(24)] for _ in range(20)]
    assert alarms([stats.estimate(one) for one in made]) == 0


@pytest.mark.parametrize("make", KINDS)
def test_a_change_as_large_as_delta_is_hardly_ever_called_the_same(make: Maker) -> None:
    assert sames(estimates(make, 1.05, 12, seed=6)) <= math.ceil(0.05 * ROUNDS)


def test_no_change_is_called_the_same_more_often_than_not_at_the_last_look() -> None:
    assert sames(estimates(steady, 1.0, 24, seed=7, rounds=40)) >= 20


@pytest.mark.parametrize("make", KINDS)
def test_the_interval_covers_the_truth_as_often_as_it_claims(make: Maker) -> None:
    found = estimates(make, 1.1, 6, seed=8)
    assert sum(one.low <= 1.1 <= one.high for one in found) >= 0.97 * ROUNDS


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1, 1).filter(lambda one: abs(one) > 1e-6), min_size=1, max_size=9))
def test_the_sign_flip_p_is_the_share_of_sign_patterns_at_least_as_extreme(values: list[float]) -> None:
    total = abs(sum(values)) * (1 - 1e-9)
    counted = [abs(sum(a * b for a, b in zip(values, signs, strict=True))) >= total
               for signs in product((1, -1), repeat=len(values))]  # fmt: skip
    assert stats.sign_flip(values) == pytest.approx(sum(counted) / len(counted), abs=2 / len(counted))


def test_the_floor_of_the_sign_flip_p_is_two_in_all_patterns() -> None:
    assert stats.sign_flip([0.1, 0.2, 0.3, 0.1, 0.2, 0.3]) == pytest.approx(2 / 64)
    assert stats.sign_flip([0.1 + 0.001 * n for n in range(24)]) == pytest.approx(2 / 2**24)
    assert stats.sign_flip([0.1 + 0.001 * n for n in range(40)]) < 1e-9


def test_no_difference_at_all_has_p_one() -> None:
    assert stats.sign_flip([0.0, 0.0, 0.0]) == 1.0


def test_the_same_values_and_seed_give_the_same_answer() -> None:
    blocks = [steady(np.random.default_rng(n), 1.1) for n in range(6)]
    assert stats.estimate(blocks, seed=3) == stats.estimate(blocks, seed=3)


def test_swapping_the_sides_turns_the_ratio_over() -> None:
    blocks = [steady(np.random.default_rng(n), 1.3) for n in range(7)]
    one, other = stats.estimate(blocks), stats.estimate([[-value for value in block] for block in blocks])
    assert one.ratio == pytest.approx(1 / other.ratio)
    assert one.p == pytest.approx(other.p)


def test_one_sample_is_undecided_and_its_interval_is_open() -> None:
    found = stats.estimate([[0.5]])
    assert found.low < 1e-9
    assert found.high > 1e9
    assert stats.alarm(found, 0.05, 0.032) is None
    assert stats.judge(found, 0.05, confirmed=None, final=True) == (Change.UNDECIDED, 5)


def test_all_equal_values_are_the_same_at_the_first_look() -> None:
    found = stats.estimate([[0.0] * 8] * 6)
    assert (found.ratio, found.low, found.high, found.p) == (1.0, 1.0, 1.0, 1.0)
    assert stats.judge(found, 0.05, confirmed=None, final=False) == (Change.SAME, 0)


@pytest.mark.parametrize("bad", [0.0, -0.1, math.nan, math.inf])
def test_a_clock_that_went_back_is_refused_in_one_sentence(bad: float) -> None:
    with pytest.raises(UsageError, match="the clock went back"):
        stats.log_ratios([0.1, 0.2], [0.1, bad])


def test_values_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot be paired"):
        stats.log_ratios([0.1], [0.1, 0.2])


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(UsageError, match="not one measured pair"):
        stats.estimate([[]])


def test_before_the_first_look_nothing_may_be_said() -> None:
    found = stats.estimate([[0.0] * 8] * 5)
    assert stats.alpha_at(5) == 0.0
    assert stats.judge(found, 0.05, confirmed=None, final=False) == (Change.UNDECIDED, 1)


def test_an_interval_that_stays_wide_to_the_last_look_is_unstable() -> None:
    random = np.random.default_rng(9)
    found = stats.estimate([list(random.normal(0, 1.0, 8) + random.normal(0, 1.0)) for _ in range(24)])
    assert stats.judge(found, 0.05, confirmed=None, final=True)[0] is Change.UNSTABLE
    assert stats.judge(found, 0.05, confirmed=None, final=False)[0] is Change.UNDECIDED


def test_undecided_says_how_many_blocks_are_missing() -> None:
    found = stats.estimate([bimodal(np.random.default_rng(n), 1.0) for n in range(6)])
    change, more = stats.judge(found, 0.05, confirmed=None, final=False)
    assert change is Change.UNDECIDED
    assert more >= 6


def test_only_a_confirmed_alarm_is_called_slower() -> None:
    found = stats.estimate([[0.7] * 8] * 12)
    assert stats.judge(found, 0.05, confirmed=None, final=False)[0] is Change.UNDECIDED
    assert stats.judge(found, 0.05, confirmed=Change.SLOWER, final=False) == (Change.SLOWER, 0)


def test_the_smallest_change_that_counts_follows_the_control() -> None:
    assert stats.threshold(0.0) == 0.05
    assert stats.threshold(0.04) == 0.08
    assert stats.control_width([], 6) == 0.0
    assert stats.control_width([0.1, -0.1], 24) < stats.control_width([0.1, -0.1], 6)


@given(st.floats(0.001, 1.0), st.integers(2, 23))
def test_more_blocks_see_smaller_changes(spread: float, blocks: int) -> None:
    assert stats.detectable(spread, blocks + 1) < stats.detectable(spread, blocks)


def test_one_block_sees_nothing() -> None:
    assert stats.detectable(0.1, 1) == math.inf


P = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(P)
def test_holm_is_stricter_than_benjamini_hochberg_and_both_than_the_raw_p(ps: list[float]) -> None:
    for raw, mild, strict in zip(ps, stats.benjamini_hochberg(ps), stats.holm(ps), strict=True):
        assert raw <= mild + 1e-12
        assert mild <= strict + 1e-12
        assert strict <= 1.0


def test_known_adjusted_values() -> None:
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert stats.benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.04, 0.04))
    assert stats.benjamini_hochberg([]) == ()


def process_of(rss: Sequence[float], calls: int = 10) -> list[Sample]:
    return [
        Sample(metric="infer", pair=n, order=0, wall=1.0, cpu=1.0, rss=int(one), calls=calls * (n + 1))
        for n, one in enumerate(rss)
    ]


MIB = 1 << 20


def test_memory_that_grows_to_the_end_leaks() -> None:
    grows = [process_of([(300 + 10 * n) * MIB for n in range(8)]) for _ in range(3)]
    assert stats.leak(grows) is Leak.LEAKS
    assert stats.growth(grows[0]) == pytest.approx(MIB)


def test_a_pool_that_fills_up_and_stays_is_no_leak() -> None:
    pool = [process_of([value * MIB for value in (300, 360, 370, 372, 373, 373, 373, 373)]) for _ in range(3)]
    assert stats.leak(pool) is Leak.STEADY


def test_a_little_growth_is_no_leak_and_one_process_proves_nothing() -> None:
    assert stats.leak([process_of([300 * MIB + 4096 * n for n in range(8)])] * 3) is Leak.STEADY
    assert stats.leak([process_of([300 * MIB * (n + 1) for n in range(8)])]) is Leak.UNKNOWN
    assert stats.growth([]) == 0.0


def test_a_side_that_slows_as_it_runs_is_seen() -> None:
    assert stats.creep([[1, 1, 1.2, 1.2, 1.4, 1.4, 1.6, 1.6]]) == pytest.approx(1.6)
    assert stats.creep([[1.0] * 8]) == 1.0
    assert stats.creep([[1.0]]) == 1.0


def test_processes_that_disagree_do_not_slow_down() -> None:
    up, down = [1.0, 1.2, 1.4, 1.6], [1.6, 1.4, 1.2, 1.0]
    assert stats.creep([up, up, up, down]) == 1.0
    assert stats.creep([up, up, up, up, down]) == pytest.approx(1.6)


def test_a_machine_too_noisy_to_see_a_change_does_not_make_two_sides_the_same() -> None:
    found = stats.estimate([[0.3, -0.3] * 4, [0.25, -0.2] * 4] * 6)
    assert stats.judge(found, 2.0, confirmed=None, final=False)[0] is Change.UNDECIDED
    assert stats.same_within(2.0) == 0.10
    assert stats.same_within(0.05) == 0.05


def test_threads_that_stay_behind_are_counted_per_call_and_a_pool_started_once_is_not() -> None:
    made = [replace(one, threads=20 + 50 * n) for n, one in enumerate(process_of([MIB] * 8))]
    assert stats.left_threads(made) == pytest.approx(5.0)
    assert stats.left_threads([replace(one, threads=20) for one in made]) == 0.0


def test_the_looks_spend_what_is_written_and_never_more_than_five_per_cent() -> None:
    assert [stats.alpha_at(blocks) for blocks in (5, 6, 11, 12, 23, 24, 100)] == [
        0,
        0.032,
        0.032,
        0.009,
        0.009,
        0.009,
        0.009,
    ]
    assert sum(stats.LOOKS.values()) <= stats.ALPHA


def test_an_interval_of_few_blocks_is_as_much_wider_as_students_t_says() -> None:
    """Of 6 values, more than 0.5 % of the draws have the largest as their median: so much of the interval is known."""
    few = stats.estimate([[one] for one in (-0.02, -0.01, -0.005, 0.005, 0.01, 0.02)])
    # 4.032: the 99.5 % point of Student's t with 5 degrees of freedom, in any table of it.
    widening = 4.032 / statistics.NormalDist().inv_cdf(0.995) * math.sqrt(6 / 5)
    assert math.log(few.high) == pytest.approx(0.02 * widening, rel=1e-3)
    assert math.log(few.low) == pytest.approx(-0.02 * widening, rel=1e-3)


def leaking(early: float, late: float, start: float = 300) -> list[Sample]:
    """A process that gains so many MiB in its first half, and so many in its second."""
    first = [start + early * n / 4 for n in range(5)]
    return process_of([value * MIB for value in [*first, *(first[-1] + late * n / 4 for n in range(1, 5))]])


@pytest.mark.parametrize(
    ("early", "late", "start", "word"),
    [
        (1.9, 1.9, 100, Leak.STEADY),  # 3.8 MiB: less than 4
        (2.1, 2.1, 100, Leak.LEAKS),
        (4.0, 4.0, 1000, Leak.STEADY),  # 8 MiB: less than 1 % of a GiB
        (6.0, 6.0, 1000, Leak.LEAKS),
        (20.0, 9.0, 300, Leak.STEADY),  # it slows down to less than a half
        (20.0, 11.0, 300, Leak.LEAKS),
    ],
)
def test_each_bound_of_a_leak_lies_where_it_is_written(early: float, late: float, start: float, word: Leak) -> None:
    assert stats.leak([leaking(early, late, start)] * 3) is word


@pytest.mark.parametrize(("of_ten", "word"), [(8, Leak.STEADY), (9, Leak.LEAKS)])
def test_more_than_four_processes_in_five_must_grow(of_ten: int, word: Leak) -> None:
    assert stats.leak([leaking(20, 20)] * of_ten + [leaking(20, 0)] * (10 - of_ten)) is word
