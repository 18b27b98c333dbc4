"""The statistics of a verdict beside figures worked out by hand or out of any table: each bound lies where it is written."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lab import stats
from lab.errors import UsageError
from lab.model import Kind, Outcome, Phase, TrialResult
from lab.model.bench import Change, Estimate, Leak, Sample
from lab.model.cure import Ratio
from lab.model.step import Measurement
from lab.stats import rise, rough
from lab.stats.estimate import standard_error
from lab.stats.judge import UNSTABLE_AT

MIB = 1 << 20
SLOWER = Estimate(
    ratio=1.2, low=1.1, high=1.3, narrow=(1.12, 1.28), p=0.009, blocks=12, values=96, spread=0.01
)  # clearly slower
SAME = replace(SLOWER, ratio=1.0, low=0.98, high=1.02, narrow=(0.99, 1.01), p=0.9)


# From values to an estimate


def test_a_pair_is_the_log_of_the_side_over_the_reference() -> None:
    assert stats.log_ratios([1.0, 4.0], [2.0, 1.0]) == pytest.approx((math.log(2), -math.log(4)))


@pytest.mark.parametrize("bad", [0.0, -0.1, math.nan, math.inf])
def test_a_value_of_the_reference_must_be_a_positive_number_too(bad: float) -> None:
    with pytest.raises(UsageError, match="the clock went back"):
        stats.log_ratios([bad, 0.2], [0.1, 0.2])


def test_the_ratio_is_the_median_of_the_medians_of_blocks_and_says_what_it_rests_on() -> None:
    found = stats.estimate([[0.1, 0.1, 9.0], [0.2], [], [0.2, 0.6]])
    assert found.ratio == pytest.approx(math.exp(0.2))
    assert (found.blocks, found.values) == (3, 6)
    assert found.spread == pytest.approx(math.sqrt((0.1**2 + 0 + 0.2**2 - 3 * (0.1 / 3) ** 2) / 2))
    assert found.p == pytest.approx(0.25)


def test_one_block_has_no_spread_and_a_ratio_beyond_all_numbers_stays_one() -> None:
    found = stats.estimate([[1000.0]])
    assert (found.ratio, found.spread) == (math.exp(300), math.inf)
    assert (found.low, found.high) == (math.exp(-300), math.exp(300))
    assert found.narrow == (math.exp(-300), math.exp(300))
    assert stats.estimate([[-1000.0]]).ratio == math.exp(-300)
    assert stats.estimate([[0.1], [0.3]]).spread == pytest.approx(math.sqrt(0.02))


def test_the_narrow_interval_has_the_level_that_was_asked_for_and_the_other_99_per_cent() -> None:
    blocks = [[one] for one in (-0.02, -0.01, -0.005, 0.005, 0.01, 0.02)]
    usual, strict, loose = (stats.estimate(blocks, alpha=alpha) for alpha in (0.05, 0.005, 0.2))
    assert usual.low == strict.low == loose.low
    assert strict.narrow == pytest.approx((strict.low, strict.high))
    assert usual.low < usual.narrow[0] < loose.narrow[0] < 1 < loose.narrow[1] < usual.narrow[1] < usual.high
    # 2.015: the 95 % point of Student's t with 5 degrees of freedom; 1 - 2 * 0.05 leaves 5 % on each side
    known = math.log(usual.narrow[1]) / (2.015 / 1.6449 * math.sqrt(6 / 5))
    assert 0.005 < known <= 0.02


def test_another_seed_draws_other_blocks() -> None:
    blocks = np.random.default_rng(3).normal(0, 0.1, (24, 8)).tolist()
    assert stats.estimate(blocks).narrow == stats.estimate(blocks, seed=0).narrow
    assert len({stats.estimate(blocks, seed=seed).narrow for seed in range(4)}) > 1


def test_pairs_inside_a_block_are_drawn_as_well() -> None:
    flat = stats.estimate([[0.1, 0.1, 0.1]] * 6)
    assert (flat.low, flat.high) == pytest.approx((flat.ratio, flat.ratio))
    rough_ones = stats.estimate([[0.0, 0.1, 0.2]] * 6)
    assert rough_ones.low < rough_ones.ratio < rough_ones.high
    two = stats.estimate([[0.0, 0.2]] * 6)
    assert two.low < two.ratio < two.high


def test_every_drawn_block_brings_a_draw_of_its_own_pairs() -> None:
    """Of eight values of which half are 1, a third of the draws have the median 1; so both blocks have it often enough."""
    ends = {stats.estimate([[-1.0, 1.0] * 4] * 2, seed=seed).high for seed in range(6)}
    # 63.657: the 99.5 % point of Student's t with 1 degree of freedom
    assert len(ends) == 1
    assert ends.pop() == pytest.approx(math.exp(63.657 / 2.5758 * math.sqrt(2)), rel=1e-2)


def test_up_to_28_blocks_every_pattern_of_signs_counts_and_beyond_the_ranks_do() -> None:
    one_large = [10.0, *(-0.1 - 0.0001 * n for n in range(28))]
    assert stats.sign_flip(one_large[:28]) == pytest.approx(1.0)
    assert stats.sign_flip(one_large) < 1e-3
    assert stats.sign_flip([0.1 + 0.001 * n for n in range(60)]) == pytest.approx(2 / 2**60)
    assert stats.sign_flip([0.0, *one_large[:28]]) == pytest.approx(1.0), "a block without a difference does not count"


def test_p_never_exceeds_1_and_a_sum_that_differs_by_rounding_counts_as_equal() -> None:
    assert stats.sign_flip([0.1, -0.1]) == 1.0
    assert stats.sign_flip([0.1, 0.2, 0.3]) == 0.25
    assert stats.sign_flip([-0.5]) == 1.0


@pytest.mark.parametrize(
    ("medians", "blocks", "spread", "scatter"),
    [
        ([0.1, -0.1], 4, 0.0, 0.1),
        ([0.1, -0.1], 4, 0.2, math.sqrt((0.02 + 3 * 0.04) / 5)),
        ([0.1, -0.1], 4, math.inf, 0.1),
        ([0.3], 1, 0.2, 0.3),
        ([0.3, 0.0], 2, 0.2, math.sqrt((0.09 + 0.04) / 3)),
    ],
)
def test_the_width_of_the_control_is_that_of_its_pooled_scatter(
    medians: list[float], blocks: int, spread: float, scatter: float
) -> None:
    wanted = math.exp(1.96 * 1.2533 * scatter / math.sqrt(blocks)) - 1
    assert stats.control_width(medians, blocks, spread) == pytest.approx(wanted)


def test_without_a_control_or_a_block_there_is_no_width() -> None:
    assert stats.control_width([], 4) == 0.0
    assert stats.control_width([0.1], 0) == 0.0
    assert stats.control_width([0.1, -0.1], 4) == stats.control_width([0.1, -0.1], 4, 0.0)


def test_a_standard_error_falls_with_the_root_of_the_blocks() -> None:
    assert standard_error(0.1, 4) == pytest.approx(1.2533 * 0.1 / 2)


def test_what_could_be_seen_is_told_from_the_points_of_students_t() -> None:
    # 4.0321 and 0.9195: the 99.5 % and the 80 % point with 5 degrees of freedom
    wanted = math.exp((4.0321 + 0.9195) * 1.2533 * 0.1 / math.sqrt(6)) - 1
    assert stats.detectable(0.1, 6) == pytest.approx(wanted, rel=1e-3)
    assert stats.detectable(0.1, 2) < math.inf
    assert stats.detectable(math.inf, 6) == math.inf
    assert stats.detectable(math.nan, 6) == math.inf


# From an estimate to a word


def test_the_last_look_is_the_largest_that_was_reached() -> None:
    assert [stats.last_look(blocks) for blocks in (0, 5, 6, 11, 12, 23, 24, 100)] == [0, 0, 6, 6, 12, 12, 24, 24]


def test_what_counts_is_5_per_cent_or_twice_the_control() -> None:
    assert [stats.threshold(one) for one in (0.0, 0.025, 0.03, 0.2)] == [0.05, 0.05, 0.06, 0.4]


@pytest.mark.parametrize(
    ("found", "p", "word"),
    [
        (SLOWER, None, Change.SLOWER),
        (replace(SLOWER, ratio=0.8, low=0.7, high=0.9), None, Change.FASTER),
        (replace(SLOWER, p=0.0091), None, None),
        (SLOWER, 0.0091, None),
        (replace(SLOWER, p=0.5), 0.009, Change.SLOWER),
        (SLOWER, 0.0, Change.SLOWER),
        (replace(SLOWER, low=1.0), None, None),
        (replace(SLOWER, ratio=0.8, low=0.7, high=1.0), None, None),
        (replace(SLOWER, low=1.0001), None, Change.SLOWER),
    ],
)
def test_an_alarm_needs_its_p_and_an_interval_without_1(found: Estimate, p: float | None, word: Change | None) -> None:
    assert stats.alarm(found, 0.05, 0.009, p=p) is word


def test_an_alarm_needs_a_change_that_reaches_what_counts_within_one_standard_error() -> None:
    error = 1.2533 * 0.02 / math.sqrt(12)
    for nudge, word in ((-1e-6, None), (1e-6, Change.SLOWER)):
        found = replace(SLOWER, ratio=math.exp(math.log1p(0.05) - error + nudge), spread=0.02, low=1.001)
        assert stats.alarm(found, 0.05, 0.009) is word
    exact = replace(SLOWER, ratio=1.25, spread=0.0)
    assert stats.alarm(exact, 0.25, 0.009) is None, "as much as counts is not more than that"
    assert stats.alarm(replace(exact, ratio=0.5, low=0.4, high=0.6), 0.25, 0.009) is Change.FASTER


@pytest.mark.parametrize(
    ("found", "delta", "final", "word"),
    [
        (SAME, 0.05, False, Change.SAME),
        (replace(SAME, blocks=6), 0.05, False, Change.SAME),
        (replace(SAME, blocks=5), 0.05, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.99, 1.06)), 0.05, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.94, 1.01)), 0.05, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.953, 1.049)), 0.05, False, Change.SAME),
        (replace(SAME, narrow=(1.0, 1.0)), 0.05, False, Change.SAME),
        (replace(SAME, narrow=(0.99, 1.06)), 0.07, False, Change.SAME),
        (replace(SAME, narrow=(0.99, 1.12)), 0.5, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.8, 1.3), low=0.8, high=1.3), 0.05, True, Change.UNSTABLE),
        (replace(SAME, narrow=(0.8, 1.3), low=0.8, high=1.3), 0.05, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.8, 1.3), low=0.8, high=1.3, blocks=6), 0.05, True, Change.UNSTABLE),
        (replace(SAME, narrow=(0.8, 1.3), low=0.8, high=1.3, blocks=5), 0.05, True, Change.UNDECIDED),
        (replace(SAME, narrow=(0.8, 1.3), low=0.8, high=1.3), 0.5, True, Change.UNDECIDED),
        (replace(SAME, narrow=(0.93, 1.08), low=0.93, high=1.08), 0.05, True, Change.UNDECIDED),
        (replace(SAME, narrow=(1 / 1.1, 1.0)), 0.1, False, Change.UNDECIDED),
        (replace(SAME, narrow=(1.0, 1.1)), 0.1, False, Change.UNDECIDED),
        (replace(SAME, narrow=(0.5, 2.0), low=1.0, high=2.25), 0.5, True, Change.UNDECIDED),
    ],
)
def test_the_same_and_the_unstable_are_told_at_their_bounds(
    found: Estimate, delta: float, word: Change, *, final: bool
) -> None:
    change, more = stats.judge(found, delta, confirmed=None, final=final)
    assert change is word
    assert (more == 0) is (word is Change.SAME)


@pytest.mark.parametrize(
    ("blocks", "half_width", "delta", "more"),
    [
        (1, math.inf, 0.05, 5),
        (12, math.inf, 0.05, 12),
        (5, 0.01, 0.05, 1),
        (6, 0.09, 0.05, 14),
        (6, 0.05, 0.05, 6),
        (12, 0.09, 0.05, 27),
        (12, 0.06, 0.05, 12),
        (12, 50.0, 0.05, 988),
        (24, 0.01, 0.05, 24),
        (30, 0.05, 0.05, 30),
    ],
)
def test_the_blocks_that_are_missing_reach_the_next_look_and_half_of_what_counts(
    blocks: int, half_width: float, delta: float, more: int
) -> None:
    side = 1 + half_width
    found = replace(SAME, blocks=blocks, low=1 / side or 1e-300, high=side, narrow=(0.5, 2.0))
    assert stats.judge(found, delta, confirmed=None, final=False) == (Change.UNDECIDED, more)


def test_nobody_calls_two_sides_the_same_that_are_more_than_10_per_cent_apart() -> None:
    assert [stats.same_within(one) for one in (0.05, 0.1, 0.11)] == [0.05, 0.1, 0.1]
    assert UNSTABLE_AT == 0.10


def test_holm_s_values_rise_and_end_at_1() -> None:
    assert stats.holm([0.5, 0.9, 0.4]) == (1.0, 1.0, 1.0)
    assert stats.holm([0.2, 0.01]) == pytest.approx((0.2, 0.02))
    assert stats.holm([]) == ()


# Memory


def samples(*points: tuple[int, int], threads: int = 0) -> list[Sample]:
    return [
        Sample(metric="infer", pair=n, order=0, wall=1.0, cpu=1.0, rss=rss, calls=calls, threads=threads)
        for n, (calls, rss) in enumerate(points)
    ]


def test_growth_is_what_lies_between_the_first_and_the_last_known_value() -> None:
    assert stats.growth(samples((10, 100), (20, 900), (40, 400))) == 10.0
    assert stats.growth(samples((5, 0), (10, 100), (40, 400), (50, 0))) == 10.0
    assert stats.growth(samples((10, 100), (10, 900))) == 0.0
    assert stats.growth(samples((10, 100))) == 0.0
    assert stats.growth(samples((10, 1), (12, 2))) == 0.5
    assert stats.growth(samples((10, 100), (10, 900), (20, 200))) == 10.0


def line(each: int, count: int = 8, start: int = 300 * MIB) -> list[Sample]:
    return samples(*((10 * n, start + each * n) for n in range(count)))


def test_a_process_tells_of_a_leak_from_its_fourth_value_and_only_where_all_are_known() -> None:
    assert stats.growing([line(8 * MIB, 4)]) == (1, 1)
    assert stats.growing([line(8 * MIB, 3)]) == (0, 0)
    assert stats.growing([[*line(8 * MIB), *samples((90, 0))]]) == (0, 0)
    assert stats.growing([line(8 * MIB), line(0)]) == (1, 2)
    assert stats.leak([line(8 * MIB)] * 2) is Leak.LEAKS
    assert stats.leak([line(8 * MIB)]) is Leak.UNKNOWN
    assert stats.leak([]) is Leak.UNKNOWN


def test_exactly_4_mib_and_exactly_half_as_fast_are_a_leak() -> None:
    assert stats.growing([samples((0, MIB), (1, 2 * MIB), (2, 3 * MIB), (3, 4 * MIB), (4, 5 * MIB))]) == (1, 1)
    half = samples(*((n, 300 * MIB + gained * MIB) for n, gained in enumerate((0, 4, 8, 10, 12))))
    assert stats.growing([half]) == (1, 1)
    slower = samples(*((n, 300 * MIB + gained * MIB) for n, gained in enumerate((0, 10, 20, 23, 26))))
    assert stats.growing([slower]) == (0, 1)
    assert stats.growing([samples(*((n, (900 - 9 * n) * MIB) for n in range(8)))]) == (0, 1)
    share = samples(*((n, int(value * MIB)) for n, value in enumerate((400, 401, 402, 403, 404.005))))
    assert stats.growing([share]) == (1, 1), "1 % of what the process began with"
    rare = samples(*((10**8 * n, (300 + 2 * n) * MIB) for n in range(5)))
    assert stats.growing([rare]) == (1, 1), "however many calls it takes"
    assert stats.growing([samples(*((n, 1) for n in range(4)))]) == (0, 1)
    shrinks_late = samples(*((n, value * MIB) for n, value in enumerate((100, 150, 200, 199, 198))))
    assert stats.growing([shrinks_late]) == (0, 1)


def test_a_process_slows_by_its_last_quarter_over_its_first() -> None:
    assert stats.creep([[1, 3, 9, 9, 9, 9, 4, 8]]) == 3.0
    assert stats.creep([[2.0, 9, 9, 3.0]]) == 1.5
    assert stats.creep([[1.0, 2.0, 3.0]]) == 1.0
    assert stats.creep([[1.0, 0.0, 1.0, 2.0]]) == 1.0
    assert stats.creep([[1.0, 1.0, 1.0, 2.0], [1.0, 0.0, 1.0, 9.0]]) == 2.0
    assert stats.creep([[2.0, 1.0, 1.0, 1.0]]) == 0.5
    assert stats.creep([]) == 1.0
    up, level = [1.0, 1.0, 1.0, 2.0], [1.0, 1.0, 1.0, 1.0]
    assert stats.creep([up] * 3 + [level]) == 1.0, "one that does not slow down does not agree"


def test_the_cost_of_a_load_is_the_mean_of_six_blocks_with_its_interval() -> None:
    rates = (1, 2, 3, 4, 5, 6)
    resident = [100 * MIB] * 5
    for rate in rates:
        resident += [resident[-1] + rate * MIB * step for step in (1, 2)]
    found = rise.weigh(Phase.LOAD, resident)
    assert (found.of, found.calls, found.gained) == (Phase.LOAD, 12, 42 * MIB)
    assert found.each == pytest.approx(3.5 * MIB)
    wide = 2.571 * math.sqrt(3.5) / math.sqrt(6)
    assert (found.low, found.high) == pytest.approx(((3.5 - wide) * MIB, (3.5 + wide) * MIB))
    assert found.verdict is Leak.LEAKS


def rising(*rates: float, count: int = 4) -> list[int]:
    """Resident bytes over six blocks of so many MiB a call, after a quarter that is left out."""
    resident = [300.0 * MIB]
    for rate in rates:
        resident += [resident[-1] + rate * MIB * step for step in range(1, count + 1)]
    return [int(resident[0])] * (len(resident) // 3) + [int(one) for one in resident]


@pytest.mark.parametrize(
    ("rates", "word"),
    [
        ((2, 2, 2, 1, 1, 1), Leak.LEAKS),
        ((2.2, 2.2, 2.2, 1, 1, 1), Leak.STEADY),
        ((0.2,) * 6, Leak.LEAKS),
        ((0.16,) * 6, Leak.STEADY),
        ((0, 0, 0, 0, 0, 9), Leak.UNKNOWN),
    ],
)
def test_a_rise_is_a_leak_from_4_mib_and_half_the_speed_on(rates: tuple[float, ...], word: Leak) -> None:
    assert rise.weigh(Phase.INFER, rising(*rates)).verdict is word


def test_a_rise_is_not_known_from_15_values_or_where_one_is_missing() -> None:
    steps = [MIB * n for n in range(100, 150)]
    assert rise.weigh(Phase.LOAD, steps[:16]).verdict is Leak.LEAKS
    few = rise.weigh(Phase.LOAD, steps[:15])
    assert (few.of, few.verdict, few.calls, few.each, few.gained) == (Phase.LOAD, Leak.UNKNOWN, 11, 0.0, 0)
    holed = rise.weigh(Phase.LOAD, [*steps, 0])
    assert (holed.verdict, holed.each) == (Leak.UNKNOWN, 0.0)
    assert rise.weigh(Phase.LOAD, []).calls == 0
    assert rise.weigh(Phase.LOAD, [1] * 20).verdict is Leak.STEADY


def test_exactly_4_mib_more_are_enough_for_a_leak() -> None:
    kept = [300 * MIB + MIB // 4 * number for number in range(17)]
    assert rise.weigh(Phase.LOAD, [300 * MIB] * 5 + kept).verdict is Leak.LEAKS


def test_blocks_follow_each_other_and_cover_every_call() -> None:
    assert rise.block_rates([0, 1, 3, 6, 10, 15, 21]) == [1, 2, 3, 4, 5, 6]
    assert rise.block_rates([0, 1, 2, 3, 4, 5]) == []
    assert rise.block_rates([0, 1, 3, 6, 10, 15, 21, 28]) == [1, 2, 3, 4, 5, 6.5]


# A few processes


def timed(*processes: tuple[float, ...], metric: str = "load") -> TrialResult:
    return TrialResult(
        label="a -> b", key="k", saver="a", loader="b", saver_env={}, loader_env={}, route="own",
        outcome=Outcome(kind=Kind.OK, phase=Phase.INFER), expected=None,
        measurements=(Measurement(metric=metric, values=processes),),
    )  # fmt: skip


def test_a_rough_ratio_is_that_of_medians_and_spans_all_pairs_of_processes() -> None:
    ours, theirs = timed((3.0, 5.0, 9.0), (7.0,), (), (6.0,)), timed((2.0,), (4.0,))
    assert rough.medians(ours, "load") == [5.0, 7.0, 6.0]
    assert rough.ratio(ours, theirs, "load") == Ratio(seconds=6.0, good=3.0, low=1.25, high=3.5)


def test_a_rough_ratio_needs_both_sides_in_that_metric() -> None:
    assert rough.ratio(timed((1.0,)), timed(), "load") is None
    assert rough.ratio(timed(), timed((1.0,)), "load") is None
    assert rough.ratio(timed((1.0,)), timed((1.0,), metric="infer"), "load") is None
