"""Outputs whose size the absolute tolerance would hide: small ones, ones in the shade of a large one, ones that show nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lab.compare import TABLE, Tier, compare
from lab.compare.planted import write_outputs
from lab.compare.scale import roundoff, smallest
from lab.model import Diff, Grade, Tolerance

Array = np.ndarray[Any, np.dtype[Any]]
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ["float16", "bfloat16", "float32", "float64"]
SCALES = [1.0, 1e-3, 1e-5, 1e-7, 1e-10, 1e-20, 1e-30]
SIZES = [(kind, scale) for kind in KINDS for scale in SCALES if scale > 100 * smallest(kind)]


def stored(values: Array, kind: str) -> Array:
    """The numbers as an output file holds them: bfloat16, rounded to nearest, as its bits."""
    if kind != "bfloat16":
        return values.astype(kind)
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> np.uint64(16)) & np.uint64(1))) >> np.uint64(16)).astype(np.uint16)


def meant(values: Array, kind: str) -> Array:
    """The numbers that an output file holds, in float64."""
    wide = (values.astype(np.uint32) << np.uint32(16)).view(np.float32) if kind == "bfloat16" else values
    return wide.astype(np.float64)


def told(folder: Path, reference: Any, candidate: Any, kind: str = "float32", own: Tolerance | None = None) -> Diff:
    for name, side in (("a", reference), ("b", candidate)):
        write_outputs(folder / f"{name}.npz", {"y": stored(np.asarray(side), kind)})
        (folder / f"{name}.json").write_text(json.dumps({"names": ["y"], "dtypes": [kind]}))
    (diff,) = compare(folder / "a.npz", folder / "b.npz", [own] if own else [])
    return diff


def normal(seed: int, size: int, kind: str, scale: float = 1.0) -> Array:
    """Numbers of one size that the dtype holds, in float64."""
    return meant(stored(scale * np.random.default_rng(seed).standard_normal(size), kind), kind)


# The two inputs that were called close


def test_the_outputs_of_a_detector_on_noise_that_are_half_of_what_they_were_differ(tmp_path: Path) -> None:
    """The sigmoid of about -14, 8e-7, off by 52 %: every element lies below the absolute tolerance of float32."""
    rng = np.random.default_rng(0)
    reference = 1 / (1 + np.exp(14 - 0.3 * rng.standard_normal((2, 1, 128, 128))))
    diff = told(tmp_path, reference, reference * (1 - 0.52 * rng.random(reference.shape)))
    assert np.abs(reference).max() < 1e-5
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "values")


def test_a_constant_that_was_dropped_from_small_numbers_is_missed(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((2, 4)) * 1e-6
    assert told(tmp_path, x + 3e-6, x).grade is Grade.MISMATCH


# Every size, dtype and change


@pytest.mark.parametrize(("kind", "scale"), SIZES)
@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0, 0.0])
def test_numbers_of_any_size_that_are_halved_doubled_turned_or_gone_are_not_close(
    tmp_path: Path, kind: str, scale: float, factor: float
) -> None:
    reference = normal(1, 500, kind, scale)
    assert told(tmp_path, reference, factor * reference, kind).grade is Grade.MISMATCH


@pytest.mark.parametrize(("kind", "scale"), SIZES)
def test_one_number_of_usual_size_that_doubles_is_not_close(tmp_path: Path, kind: str, scale: float) -> None:
    reference = normal(2, 500, kind, scale)
    candidate = reference.copy()
    place = int(np.argsort(np.abs(reference))[400])
    candidate[place] *= 2
    diff = told(tmp_path, reference, candidate, kind)
    assert diff.grade is Grade.MISMATCH
    assert diff.metrics is not None
    assert diff.metrics.worst_abs is not None
    assert diff.metrics.worst_abs.index == (place,)


@pytest.mark.parametrize(
    ("kind", "grade"), [("float32", Grade.MISMATCH), ("float64", Grade.MISMATCH), ("float16", Grade.UNDECIDED)]
)
def test_small_numbers_halved_beside_one_large_one_are_not_close(tmp_path: Path, kind: str, grade: Grade) -> None:
    """Float16 has no digits for what lies a thousandth below: it may be rounding, so nobody can say."""
    reference = meant(stored(np.concatenate([[1.0], 3e-6 * (1 + np.random.default_rng(3).random(999))]), kind), kind)
    candidate = reference / 2
    candidate[0] = 1
    if kind == "float16":
        reference, candidate = (np.where(np.arange(1000) > 0, side * 100, side) for side in (reference, candidate))
    diff = told(tmp_path, reference, candidate, kind)
    assert diff.grade is grade
    assert diff.metrics is not None
    assert diff.metrics.mismatched == pytest.approx(0.999)


@pytest.mark.parametrize("noise", [1e-8, 1e-7, 4e-7])
def test_a_few_numbers_near_zero_among_large_ones_may_be_off_by_rounding(tmp_path: Path, noise: float) -> None:
    """Cancellation: relative to itself such an element may be anything."""
    rng = np.random.default_rng(4)
    reference = rng.standard_normal(1000)
    reference[:100] = 1e-9 * rng.standard_normal(100)
    reference[100:200] = 0
    assert told(tmp_path, reference, reference + noise * rng.standard_normal(1000)).grade is Grade.CLOSE


@pytest.mark.parametrize("classes", [10, 1000, 6625])
@pytest.mark.parametrize("sharp", [1.0, 8.0, 30.0])
def test_the_tails_of_a_softmax_may_be_off_as_its_logits_are(tmp_path: Path, classes: int, sharp: float) -> None:
    rng = np.random.default_rng(5)
    logits = sharp * rng.standard_normal((8, classes))

    def softmax(values: Array) -> Array:
        powers = np.exp(values - values.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    close = softmax(logits * (1 + 1e-7 * rng.standard_normal(logits.shape)))
    assert told(tmp_path, softmax(logits), close).grade is Grade.CLOSE


def test_the_zeros_of_a_relu_may_be_tiny_instead(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    reference = np.maximum(rng.standard_normal(1000), 0)
    assert told(tmp_path, reference, np.where(reference, reference, 1e-8)).grade is Grade.CLOSE


# Nothing was compared


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_that_are_equal_are_exact_and_show_nothing(tmp_path: Path, kind: str) -> None:
    diff = told(tmp_path, np.zeros(4), np.zeros(4), kind)
    assert (diff.grade, diff.blank, diff.agrees) == (Grade.EXACT, "every element is zero", False)


def test_a_negative_zero_for_zero_is_close_and_shows_nothing(tmp_path: Path) -> None:
    diff = told(tmp_path, np.zeros(4), -np.zeros(4))
    assert (diff.grade, diff.blank) == (Grade.CLOSE, "every element is zero")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([7.0, 7.0], "every element is the same"),
        ([np.nan, np.nan], "no element is a finite number"),
        ([np.inf, np.nan], "no element is a finite number"),
        ([1e-40, 2e-40], "every element is below the smallest normal number of float32"),
        ([], "it has no element"),
        ([7.0], ""),
        ([7.0, 8.0], ""),
        ([0.0, 7.0], ""),
        ([np.nan, 7.0], ""),
        ([1e-30, 2e-30], ""),
    ],
)
def test_equality_says_where_it_shows_nothing(tmp_path: Path, values: list[float], why: str) -> None:
    diff = told(tmp_path, values, values)
    assert (diff.grade, diff.blank) == (Grade.EXACT, why)


@pytest.mark.parametrize(
    ("values", "why"),
    [([3, 3], "every element is the same"), ([0], ""), ([3], ""), ([0, 1], ""), ([0, 0], "every element is the same")],
)
@pytest.mark.parametrize("kind", ["int64", "uint8", "bool"])
def test_integers_show_something_where_they_are_not_all_one(
    tmp_path: Path, values: list[int], why: str, kind: str
) -> None:
    assert told(tmp_path, values, values, kind).blank == why


def test_an_output_that_varies_only_behind_its_first_piece_shows_something(tmp_path: Path) -> None:
    values = np.ones(300_000)
    values[-1] = 2
    assert told(tmp_path, values, values).blank == ""


@pytest.mark.parametrize(
    ("reference", "candidate", "grade"),
    [
        (0.0, 1e-9, Grade.UNDECIDED),
        (0.0, 9e-6, Grade.UNDECIDED),
        (0.0, 2e-5, Grade.MISMATCH),
        (0.0, np.nan, Grade.MISMATCH),
        (1e-40, 2e-40, Grade.UNDECIDED),
        (1e-40, 0.0, Grade.UNDECIDED),
        (1e-40, 1.0, Grade.MISMATCH),
        (1e-37, 2e-37, Grade.MISMATCH),
        (1e-37, 0.0, Grade.MISMATCH),
    ],
)
def test_where_the_reference_has_no_number_only_a_large_error_is_known_to_be_one(
    tmp_path: Path, reference: float, candidate: float, grade: Grade
) -> None:
    diff = told(tmp_path, [reference] * 3, [candidate] * 3)
    assert diff.grade is grade
    assert bool(diff.blank) == (grade is Grade.UNDECIDED)
    assert not diff.agrees


def test_a_scenarios_own_tolerance_that_is_wider_than_every_number_shows_nothing(tmp_path: Path) -> None:
    own = Tolerance(output="y", rtol=0, atol=1, reason="random")
    diff = told(tmp_path, [0.1, 0.2], [0.2, 0.1], own=own)
    assert (diff.grade, diff.blank) == (Grade.CLOSE, "the scenario's own tolerance (1) is wider than every number")
    assert told(tmp_path, [0.1, 2.0], [0.2, 1.9], own=own).blank == ""


def test_a_scenarios_own_tolerance_is_taken_at_its_word(tmp_path: Path) -> None:
    own = Tolerance(output="y", rtol=0, atol=1e-6, reason="measured")
    diff = told(tmp_path, [1e-6, 3e-6], [1.9e-6, 2.2e-6], own=own)
    assert (diff.grade, diff.atol) == (Grade.CLOSE, 1e-6)


def test_the_bound_in_force_is_kept_with_the_diff(tmp_path: Path) -> None:
    assert told(tmp_path, [0.25, 0.125], [0.25, 0.12]).atol == 0.25 * TABLE["float32"].close.atol
    assert told(tmp_path, [250.0, 0.125], [250.0, 0.12]).atol == TABLE["float32"].close.atol


def test_a_large_number_does_not_widen_the_bound_of_the_others(tmp_path: Path) -> None:
    assert told(tmp_path, [-1e9, 0.5], [-1e9, 0.505]).grade is Grade.MISMATCH


# Properties


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 300),
    kind=st.sampled_from(KINDS),
    noise=st.sampled_from([0.0, 1e-8, 1e-6, 1e-5, 1e-4, 1e-2, 0.3]),
    power=st.integers(-60, 0),
)
def test_scaling_both_sides_by_a_power_of_two_never_changes_the_grade(
    tmp_path: Path, seed: int, size: int, kind: str, noise: float, power: int
) -> None:
    """Up to outputs of 1, where the bounds become absolute; and away from numbers that lose digits."""
    rng = np.random.default_rng(seed)
    reference = normal(seed, size, kind)
    reference = reference / 2.0 ** np.ceil(np.log2(np.abs(reference).max()))
    candidate = meant(
        stored(reference * (1 + noise * rng.standard_normal(size)) + 1e-2 * noise * rng.standard_normal(size), kind),
        kind,
    )
    factor = 2.0**power
    both = np.abs(np.concatenate([reference, candidate]))
    assume(both[both > 0].min() * factor > smallest(kind) / roundoff(kind))
    assert (
        told(tmp_path, reference, candidate, kind).grade
        is told(tmp_path, factor * reference, factor * candidate, kind).grade
    )


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 300),
    kind=st.sampled_from(KINDS),
    scale=st.floats(-30, 4).map(lambda power: 10**power),
    large=st.sampled_from([0.0, 1.0, 1e3]),
    factor=st.floats(1.5, 1e3),
    turned=st.sampled_from([1.0, -1.0]),
    down=st.booleans(),
)
def test_a_change_of_every_element_by_half_or_more_is_never_close(
    tmp_path: Path,
    seed: int,
    size: int,
    kind: str,
    scale: float,
    large: float,
    factor: float,
    turned: float,
    *,
    down: bool,
) -> None:
    reference = scale * np.random.default_rng(seed).standard_normal(size)
    reference[0] = large * scale or reference[0]
    assume(np.abs(reference).max() * factor < 6e4)
    reference = meant(stored(reference, kind), kind)
    changed = turned * reference * (1 / factor if down else factor)
    assert not told(tmp_path, reference, changed, kind).agrees


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 300),
    kind=st.sampled_from(KINDS),
    power=st.integers(-40, 0),
    zeros=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_rounding_at_the_size_of_an_output_is_never_worse_than_close(
    tmp_path: Path, seed: int, size: int, kind: str, power: int, zeros: float
) -> None:
    rng = np.random.default_rng(seed)
    reference = np.where(rng.random(size) < zeros, 0, rng.standard_normal(size))
    reference = meant(stored(reference / max(np.abs(reference).max(), 1e-3) * 2.0**power, kind), kind)
    assume(np.abs(reference).max() > smallest(kind) / roundoff(kind))
    noise = roundoff(kind) * np.abs(reference).max() * rng.uniform(-1, 1, size)
    assert told(tmp_path, reference, reference + noise, kind).grade.agrees


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0, 1e9))
def test_a_bound_is_never_wider_than_it_was(rtol: float, atol: float, size: float) -> None:
    tier = Tier(rtol=rtol, atol=atol).scaled(size)
    assert tier.rtol == rtol
    assert 0 <= tier.atol <= atol
