"""The comparator: rule by rule by hand, and its promises as properties."""

import contextlib
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lab.compare.outputs
import lab.compare.planted
from lab.compare import TABLE, compare, selftest
from lab.compare.metrics import stride
from lab.compare.outputs import PIECE
from lab.compare.planted import write_outputs
from lab.compare.products import UNIT
from lab.errors import InfraError, UsageError
from lab.model import Diff, Grade, Metrics, Tolerance

Array = np.ndarray[Any, np.dtype[Any]]
GRADES = list(Grade)
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def diffs_of(
    folder: Path, reference: dict[str, Array], candidate: dict[str, Array], *own: Tolerance, piece: int = PIECE
) -> tuple[Diff, ...]:
    good = write_outputs(folder / "reference.npz", reference)
    return compare(good, write_outputs(folder / "candidate.npz", candidate), own, piece=piece)


def diff_of(folder: Path, reference: Any, candidate: Any, *own: Tolerance, piece: int = PIECE) -> Diff:
    (diff,) = diffs_of(folder, {"y": np.asarray(reference)}, {"y": np.asarray(candidate)}, *own, piece=piece)
    return diff


def metrics_of(folder: Path, reference: Any, candidate: Any) -> Metrics:
    metrics = diff_of(folder, reference, candidate).metrics
    assert metrics is not None
    return metrics


def f32(*values: float) -> Array:
    return np.array(values, dtype=np.float32)


# Presence, shape, dtype


def test_a_missing_output_is_a_mismatch(tmp_path: Path) -> None:
    found = diffs_of(tmp_path, {"y": f32(1), "z": f32(1)}, {"y": f32(1)})
    assert [(d.output, d.grade, d.reason) for d in found] == [("y", "exact", ""), ("z", "mismatch", "missing")]
    assert (found[1].reference, found[1].candidate) == ("float32 [1]", "")


def test_an_extra_output_is_a_mismatch_and_comes_last(tmp_path: Path) -> None:
    found = diffs_of(tmp_path, {"y": f32(1)}, {"a": f32(1), "y": f32(1)})
    assert [(d.output, d.reason) for d in found] == [("y", ""), ("a", "extra")]


def test_outputs_are_matched_by_name_and_not_by_order(tmp_path: Path) -> None:
    found = diffs_of(tmp_path, {"y": f32(1), "z": f32(2)}, {"z": f32(2), "y": f32(1)})
    assert [d.grade for d in found] == ["exact", "exact"]


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (), (4,)])
def test_shapes_are_never_broadcast(tmp_path: Path, shape: tuple[int, ...]) -> None:
    diff = diff_of(tmp_path, np.ones((3,), np.float32), np.ones(shape, np.float32))
    assert (diff.grade, diff.reason, diff.metrics) == (Grade.MISMATCH, "shape", None)


def test_shape_is_named_before_dtype(tmp_path: Path) -> None:
    assert diff_of(tmp_path, f32(1), np.array([1.0, 2.0])).reason == "shape"


@pytest.mark.parametrize("other", ["float64", "int32", "float16", "complex64"])
def test_another_dtype_is_a_mismatch_even_with_equal_values(tmp_path: Path, other: str) -> None:
    diff = diff_of(tmp_path, f32(1, 2), f32(1, 2).astype(other))
    assert (diff.grade, diff.reason, diff.candidate) == (Grade.MISMATCH, "dtype", f"{other} [2]")


def test_byte_order_is_not_part_of_the_dtype(tmp_path: Path) -> None:
    assert diff_of(tmp_path, f32(1, 2), f32(1, 2).astype(">f4")).grade is Grade.EXACT


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 5)])
def test_arrays_without_elements_are_exact_when_shape_and_dtype_agree(tmp_path: Path, shape: tuple[int, ...]) -> None:
    diff = diff_of(tmp_path, np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    assert (diff.grade, diff.metrics) == (Grade.EXACT, Metrics(size=0))


def test_a_single_number_is_compared(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, np.float32(1), np.float32(1.5))
    assert diff.metrics is not None
    assert diff.grade is Grade.MISMATCH
    assert (diff.metrics.worst_abs.index, diff.metrics.argmax_agreement) == ((), None)  # type: ignore[union-attr]


# Grades


@pytest.mark.parametrize(
    ("dtype", "error", "grade"),
    [
        ("float64", 5e-8, Grade.CLOSE),
        ("float64", 5e-6, Grade.DRIFT),
        ("float64", 5e-5, Grade.MISMATCH),
        ("float32", 5e-6, Grade.CLOSE),
        ("float32", 5e-4, Grade.DRIFT),
        ("float32", 5e-3, Grade.MISMATCH),
        ("float16", 1.2e-3, Grade.CLOSE),
        ("float16", 1e-2, Grade.DRIFT),
        ("float16", 5e-2, Grade.MISMATCH),
        ("complex64", 5e-6, Grade.CLOSE),
        ("complex64", 5e-3, Grade.MISMATCH),
        ("complex128", 5e-6, Grade.DRIFT),
    ],
)
def test_each_dtype_has_its_own_bounds(tmp_path: Path, dtype: str, error: float, grade: Grade) -> None:
    diff = diff_of(tmp_path, np.array([1, 1], dtype), np.array([1, 1 + error], dtype))
    assert (diff.grade, diff.reason) == (grade, "values" if grade is Grade.MISMATCH else "")
    assert (diff.rtol, diff.atol) == (TABLE[dtype].close.rtol, TABLE[dtype].close.atol)


PROMISED = {
    "float64": (1e-7, 1e-7, 1e-5, 1e-8),
    "complex128": (1e-7, 1e-7, 1e-5, 1e-8),
    "float32": (1.3e-6, 1e-5, 1e-3, 1e-5),
    "complex64": (1.3e-6, 1e-5, 1e-3, 1e-5),
    "float16": (1e-3, 1e-3, 1e-2, 1e-2),
    "bfloat16": (1.6e-2, 1e-2, 3e-2, 3e-2),
}
"""rtol and atol of close, then of drift. Those of close are torch.testing.assert_close's."""


def test_the_tolerances_are_those_that_were_promised() -> None:
    table = {kind: (one.close.rtol, one.close.atol, one.loose.rtol, one.loose.atol) for kind, one in TABLE.items()}
    assert table == PROMISED


@pytest.mark.parametrize("guide", ["docs/guide.md", "docs/zh/guide.md"])
def test_the_guide_shows_the_tolerances_that_are_in_force(guide: str) -> None:
    row = re.compile(
        r"^\| ((?:b?float|complex)\d+(?:[,、] ?(?:b?float|complex)\d+)*) \| (\S+?)[,、] ?(\S+) \| (\S+?)[,、] ?(\S+) \|$",
        re.MULTILINE,
    )
    text = (Path(__file__).parents[2] / guide).read_text(encoding="utf-8")
    shown = {
        kind: tuple(map(float, bounds)) for kinds, *bounds in row.findall(text) for kind in re.split(r"[,、] ?", kinds)
    }
    assert shown == PROMISED


@pytest.mark.parametrize(
    ("candidate", "grade"), [(0x3F81, "close"), (0x3F83, "close"), (0x3F86, "drift"), (0x3F90, "mismatch")]
)
def test_bfloat16_is_read_from_its_bits(tmp_path: Path, candidate: int, grade: str) -> None:
    for name, value in (("a", 0x3F80), ("b", candidate)):
        write_outputs(tmp_path / f"{name}.npz", {"y": np.array([value], np.uint16)})
        (tmp_path / f"{name}.json").write_text(json.dumps({"names": ["y"], "dtypes": ["bfloat16"]}))
    (diff,) = compare(tmp_path / "a.npz", tmp_path / "b.npz")
    assert (diff.reference, diff.grade) == ("bfloat16 [1]", grade)
    assert diff.metrics is not None
    assert diff.metrics.ulp == candidate - 0x3F80
    assert diff.metrics.max_abs == pytest.approx((candidate - 0x3F80) / 128)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64", "bool"])
def test_integers_and_booleans_must_be_equal(tmp_path: Path, dtype: str) -> None:
    diff = diff_of(tmp_path, np.array([1, 0, 1], dtype), np.array([1, 1, 1], dtype))
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "values")
    assert diff.metrics is not None
    assert diff.metrics.mismatched == pytest.approx(1 / 3)
    assert (diff.metrics.max_abs, diff.metrics.ulp) == (1.0, None)


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [("int64", -(2**63), 2**63 - 1), ("uint64", 0, 2**64 - 1), ("int8", -128, 127)]
)
def test_the_distance_of_integers_does_not_wrap_around(tmp_path: Path, dtype: str, low: int, high: int) -> None:
    assert metrics_of(tmp_path, np.array([low], dtype), np.array([high], dtype)).max_abs == float(high - low)


def test_large_integers_that_float64_cannot_tell_apart_differ(tmp_path: Path) -> None:
    assert diff_of(tmp_path, np.array([2**60]), np.array([2**60 + 1])).grade is Grade.MISMATCH


def test_texts_must_be_equal_whatever_their_width(tmp_path: Path) -> None:
    assert diff_of(tmp_path, np.array(["a", "b"]), np.array(["a", "b"], "U9")).grade is Grade.EXACT
    diff = diff_of(tmp_path, np.array(["a", "b"]), np.array(["a", "bcd"]))
    assert (diff.grade, diff.reason, diff.reference) == (Grade.MISMATCH, "values", "str [2]")
    assert diff.metrics is not None
    assert diff.metrics.worst_abs is not None
    assert (diff.metrics.worst_abs.index, diff.metrics.worst_abs.candidate) == ((1,), "'bcd'")


def test_one_unit_in_the_last_place_is_not_exact(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, f32(1), np.nextafter(f32(1), np.float32(2)))
    assert diff.grade is Grade.CLOSE
    assert diff.metrics is not None
    assert diff.metrics.ulp == 1


def test_negative_zero_is_close_to_zero_and_not_exact(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, f32(0, 1), f32(-0.0, 1))
    assert diff.metrics is not None
    assert (diff.grade, diff.metrics.ulp, diff.metrics.max_abs) == (Grade.CLOSE, 0, 0.0)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_units_in_the_last_place_are_counted_through_zero(tmp_path: Path, dtype: str) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    assert metrics_of(tmp_path, np.array([-tiny, 1], dtype), np.array([tiny, 1], dtype)).ulp == 2


def test_the_largest_distance_of_two_float64_is_counted(tmp_path: Path) -> None:
    largest = np.finfo(np.float64).max
    ulp = metrics_of(tmp_path, np.array([-largest]), np.array([largest])).ulp
    assert ulp == 2 * int(np.array(largest).view(np.int64))


# NaN and Inf


def test_nan_in_the_same_places_is_equal_and_counted(tmp_path: Path) -> None:
    candidate = f32(1, np.nan)
    candidate.view(np.uint32)[1] ^= 1
    diff = diff_of(tmp_path, f32(1, np.nan), candidate)
    assert diff.metrics is not None
    assert (diff.grade, diff.metrics.nan_reference, diff.metrics.nan_candidate) == (Grade.CLOSE, 1, 1)
    assert diff_of(tmp_path, f32(1, np.nan), f32(1, np.nan)).grade is Grade.EXACT


@pytest.mark.parametrize(("reference", "candidate"), [(np.nan, 1), (1, np.nan), (np.inf, np.nan)])
def test_nan_on_one_side_is_a_mismatch_at_any_tolerance(tmp_path: Path, reference: float, candidate: float) -> None:
    own = Tolerance(output="y", rtol=1e30, atol=1e30, reason="anything goes")
    diff = diff_of(tmp_path, f32(0, reference), f32(0, candidate), own)
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "nan")
    assert diff.metrics is not None
    assert (diff.metrics.atol_needed, diff.metrics.rtol_needed, diff.metrics.mismatched) == (None, None, 0.5)
    assert diff.metrics.worst_abs is not None
    assert diff.metrics.worst_abs.index == (1,)
    assert "nan" in {diff.metrics.worst_abs.reference, diff.metrics.worst_abs.candidate}


def test_infinity_of_one_sign_and_place_is_equal(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, f32(np.inf, 1), np.nextafter(f32(np.inf, 1), f32(np.inf, 2)))
    assert diff.metrics is not None
    assert (diff.grade, diff.metrics.inf_reference, diff.metrics.ulp) == (Grade.CLOSE, 1, 1)


@pytest.mark.parametrize("candidate", [-np.inf, 3e38])
def test_infinity_of_another_sign_or_place_is_a_mismatch(tmp_path: Path, candidate: float) -> None:
    diff = diff_of(tmp_path, f32(np.inf, 1), f32(candidate, 1))
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "inf")


def test_nan_is_named_before_infinity_and_values(tmp_path: Path) -> None:
    assert diff_of(tmp_path, f32(1, np.inf, 5), f32(np.nan, 1, 6)).reason == "nan"


def test_nan_in_one_part_of_a_complex_number_is_nan(tmp_path: Path) -> None:
    one = np.array([1 + 1j, complex(1, np.nan)], np.complex64)
    assert diff_of(tmp_path, one, np.array([1 + 1j, 1 + 1j], np.complex64)).reason == "nan"


def test_a_difference_that_overflows_is_a_mismatch_without_a_number(tmp_path: Path) -> None:
    diff = diff_of(tmp_path, np.array([-1e308]), np.array([1.7e308]))
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "values")
    assert diff.metrics is not None
    assert diff.metrics.max_abs is None


# Metrics


def test_peaks_name_the_first_place_and_both_values(tmp_path: Path) -> None:
    metrics = metrics_of(tmp_path, f32(0, 1, 10, 0.001).reshape(2, 2), f32(0, 2, 11, 0.002).reshape(2, 2))
    assert metrics.worst_abs is not None
    assert metrics.worst_rel is not None
    assert (metrics.max_abs, metrics.worst_abs.index, metrics.worst_abs.candidate) == (1.0, (0, 1), "2.0")
    assert (metrics.max_rel, metrics.worst_rel.index) == (1.0, (0, 1))


def test_no_relative_tolerance_covers_a_reference_of_zero(tmp_path: Path) -> None:
    metrics = metrics_of(tmp_path, f32(0, 2), f32(0.5, 2.5))
    assert (metrics.rtol_needed, metrics.atol_needed, metrics.max_rel) == (None, 0.5, 0.25)


def test_argmax_agreement_is_the_share_of_rows_that_choose_the_same(tmp_path: Path) -> None:
    reference = f32(0, 1, 1, 0, 0, 1, 1, 0).reshape(4, 2)
    assert metrics_of(tmp_path, reference, f32(0, 2, 0, 1, 1, 0, 1, 0).reshape(4, 2)).argmax_agreement == 0.5


def test_cosine_tells_direction_and_not_length(tmp_path: Path) -> None:
    assert metrics_of(tmp_path, f32(1, 0), f32(5, 0)).cosine == 1.0
    assert metrics_of(tmp_path, f32(1, 0), f32(0, 1)).cosine == 0.0
    assert metrics_of(tmp_path, f32(1, 2), f32(-1, -2)).cosine == pytest.approx(-1.0)
    assert metrics_of(tmp_path, f32(0, 0), f32(1, 2)).cosine is None


def test_quantiles_are_those_of_the_absolute_error(tmp_path: Path) -> None:
    errors = np.arange(1001) / 1000
    found = metrics_of(tmp_path, np.ones(1001), 1 + errors).quantiles
    assert found == pytest.approx((0.5, 0.99, 0.999))


def test_quantiles_of_large_outputs_are_those_of_an_even_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.compare.metrics.SAMPLED", 1000)
    errors = np.random.default_rng(3).random((300, 100))
    found = metrics_of(tmp_path, np.zeros((300, 100)), errors).quantiles
    assert found == pytest.approx((0.5, 0.99, 0.999), abs=0.05)


def test_a_sample_never_keeps_to_one_column() -> None:
    assert stride(1 << 20, (1 << 20,)) == 1
    chosen = stride(1 << 23, (1 << 12, 11, 1 << 8))
    assert chosen >= 8
    assert all(length % chosen for length in (1 << 12, 11, 1 << 8))


# Tolerances


def test_a_scenarios_own_tolerance_decides_and_its_reason_shows(tmp_path: Path) -> None:
    own = Tolerance(output="y", rtol=0, atol=0.1, reason="random dropout")
    diff = diff_of(tmp_path, f32(1), f32(1.05), own)
    assert (diff.grade, diff.atol, diff.rtol, diff.overridden) == (Grade.CLOSE, 0.1, 0, "random dropout")


def test_a_tolerance_for_an_unknown_output_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'logits', and its outputs are y"):
        diff_of(tmp_path, f32(1), f32(1), Tolerance(output="logits", rtol=0, atol=1, reason="x"))


# Properties

FLOATS = st.sampled_from([np.float16, np.float32, np.float64])


def pairs() -> st.SearchStrategy[tuple[Array, Array]]:
    """Two arrays of one shape and dtype, near to each other more often than not."""

    def two(dtype: Any) -> st.SearchStrategy[tuple[Array, Array]]:
        shapes = hnp.array_shapes(max_dims=3, max_side=5)
        return shapes.flatmap(lambda shape: st.tuples(hnp.arrays(dtype, shape), hnp.arrays(dtype, shape)))

    return st.sampled_from([np.float16, np.float32, np.float64, np.complex64, np.int32, np.uint8, np.bool_]).flatmap(
        two
    )


@RELAXED
@given(pair=pairs())
def test_exactness_is_symmetric_and_means_equal_bytes(tmp_path: Path, pair: tuple[Array, Array]) -> None:
    there = diff_of(tmp_path, pair[0], pair[1]).grade is Grade.EXACT
    back = diff_of(tmp_path, pair[1], pair[0]).grade is Grade.EXACT
    assert there == back == (pair[0].tobytes() == pair[1].tobytes())


@RELAXED
@given(pair=pairs())
def test_the_grade_is_what_the_rule_says(tmp_path: Path, pair: tuple[Array, Array]) -> None:
    diff = diff_of(tmp_path, *pair)
    if pair[0].dtype.kind in "iub":
        assert (diff.grade is Grade.EXACT) == np.array_equal(*pair)
        return
    wide = np.complex128 if pair[0].dtype.kind == "c" else np.float64
    b, a = (side.astype(wide) for side in pair)
    with np.errstate(all="ignore"):
        top = float(np.abs(b[np.isfinite(b)]).max(initial=0))
        bound = TABLE[pair[0].dtype.name].close.scaled(top)
        near = (
            (a == b)
            | (np.isnan(a) & np.isnan(b))
            | (np.isfinite(a) & np.isfinite(b) & (abs(a - b) <= bound.atol + bound.rtol * abs(b)))
        )
    assert diff.metrics is not None
    if diff.grade is not Grade.UNDECIDED:
        assert diff.grade.agrees == bool(near.all())
    if not near.all():
        assert diff.metrics.mismatched == pytest.approx(float((~near).mean()))


@RELAXED
@given(
    dtype=FLOATS,
    shape=hnp.array_shapes(max_dims=3, max_side=6),
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0, 1, exclude_max=True),
)
def test_any_single_element_that_changes_is_found(
    tmp_path: Path, dtype: Any, shape: tuple[int, ...], seed: int, share: float
) -> None:
    reference = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    candidate = reference.copy()
    place = np.unravel_index(int(share * reference.size), shape)
    candidate[place] += dtype(0.5)
    diff = diff_of(tmp_path, reference, candidate)
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "values")
    assert diff.metrics is not None
    assert diff.metrics.worst_abs is not None
    assert diff.metrics.worst_abs.index == tuple(map(int, place))


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(1, 9 * UNIT),
    width=st.sampled_from([1, 2, 3, 7, 100, 5000, 20_000]),
    scale=st.sampled_from([1e-7, 1e-3, 1.0]),
    odd=st.sampled_from([None, np.nan, np.inf, 0.0]),
    dtype=st.sampled_from([np.float32, np.float64, np.int32]),
)
def test_the_size_of_pieces_changes_nothing(
    tmp_path: Path, seed: int, size: int, width: int, scale: float, odd: float | None, dtype: Any
) -> None:
    reference, candidate = _near(seed, (max(1, size // width), width), scale, odd)
    reference, candidate = ((side * (1000 if dtype is np.int32 else 1)) for side in (reference, candidate))
    with np.errstate(invalid="ignore"):
        reference, candidate = reference.astype(dtype), candidate.astype(dtype)
    whole = diff_of(tmp_path, reference, candidate, piece=64 * UNIT)
    for pieces in (1, 2, 3):
        assert diff_of(tmp_path, reference, candidate, piece=pieces * UNIT) == whole


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([0.0, 1e-7, 1e-5, 1e-2, 1.0]),
    odd=st.sampled_from([None, np.nan, np.inf, 0.0, 1e-40, 3e38]),
    size=st.sampled_from([1, 5, UNIT, 3 * UNIT + 17]),
)
def test_float32_arithmetic_gives_what_float64_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, scale: float, odd: float | None, size: int
) -> None:
    reference, candidate = _near(seed, (size,), scale, odd)
    monkeypatch.setattr(lab.compare.outputs, "SINGLE", 1 << 40)
    double = diff_of(tmp_path, reference, candidate, piece=2 * UNIT)
    monkeypatch.setattr(lab.compare.outputs, "SINGLE", 0)
    single = diff_of(tmp_path, reference, candidate, piece=2 * UNIT)
    assert single.metrics is not None
    assert double.metrics is not None
    assert single.metrics.cosine == pytest.approx(double.metrics.cosine, abs=1e-6)
    same_cosine = replace(single.metrics, cosine=double.metrics.cosine)
    assert replace(single, metrics=same_cosine) == double
    assert diff_of(tmp_path, reference, candidate, piece=UNIT) == single


@RELAXED
@given(pair=pairs(), tolerances=st.lists(st.floats(0, 10), min_size=2, max_size=2))
def test_a_wider_tolerance_never_gives_a_worse_grade(
    tmp_path: Path, pair: tuple[Array, Array], tolerances: list[float]
) -> None:
    narrow, wide = (
        GRADES.index(diff_of(tmp_path, *pair, Tolerance(output="y", rtol=bound, atol=bound, reason="r")).grade)
        for bound in sorted(tolerances)
    )
    assert wide <= narrow


@RELAXED
@given(pair=pairs())
def test_the_smallest_tolerance_named_passes_and_less_does_not(tmp_path: Path, pair: tuple[Array, Array]) -> None:
    metrics = metrics_of(tmp_path, *pair)
    for name, needed in (("atol", metrics.atol_needed), ("rtol", metrics.rtol_needed)):
        if needed is None:
            continue
        bounds = {"atol": 0.0, "rtol": 0.0, name: needed}
        assert diff_of(tmp_path, *pair, Tolerance(output="y", reason="r", **bounds)).grade in {Grade.EXACT, Grade.CLOSE}
        if needed > 1e-300:
            less = {**bounds, name: needed * (1 - 1e-12)}
            metrics_less = diff_of(tmp_path, *pair, Tolerance(output="y", reason="r", **less)).metrics
            assert metrics_less is not None
            assert metrics_less.mismatched


def _near(seed: int, shape: tuple[int, ...], scale: float, odd: float | None) -> tuple[Array, Array]:
    """Make a reference and a candidate that differs by about `scale`, with odd values here and there on either side."""
    rng = np.random.default_rng(seed)
    reference = rng.standard_normal(shape).astype(np.float32)
    candidate = (reference * (1 + scale * rng.standard_normal(shape))).astype(np.float32)
    if odd is not None:
        for side in (reference, candidate):
            side[rng.random(shape) < 0.001] = odd
        reference.flat[0] = candidate.flat[0] = odd
    return reference, candidate


# Hostile and damaged files


def test_arrays_of_objects_are_refused_without_unpickling(tmp_path: Path) -> None:
    good = write_outputs(tmp_path / "a.npz", {"y": f32(1)})
    bad = write_outputs(tmp_path / "b.npz", {"y": np.array([{}], dtype=object)})
    with pytest.raises(InfraError, match="output y has dtype object"):
        compare(good, bad)


@pytest.mark.parametrize(
    "array", [np.array(["2020-01-01"], "M8[D]"), np.zeros(2, [("a", "i4")]), np.zeros(1, np.longdouble)]
)
def test_arrays_that_are_no_numbers_are_a_usage_error(tmp_path: Path, array: Array) -> None:
    bad = write_outputs(tmp_path / "b.npz", {"y": array})
    with pytest.raises(InfraError, match="output y has dtype"):
        compare(bad, bad)


def test_arrays_stored_column_by_column_are_refused(tmp_path: Path) -> None:
    bad = write_outputs(tmp_path / "b.npz", {"y": np.ones((2, 3)).T})
    with pytest.raises(InfraError, match="column by column"):
        compare(bad, bad)


def test_compressed_outputs_are_refused(tmp_path: Path) -> None:
    bad = write_outputs(tmp_path / "b.npz", {"y": f32(1)})
    np.savez_compressed(bad, a0000=f32(1))
    with pytest.raises(InfraError, match="compressed"):
        compare(bad, bad)


@pytest.mark.parametrize(
    "names",
    [
        "",
        "[]",
        "{}",
        '{"names": 3}',
        '{"names": ["y", 3], "dtypes": ["a", "b"]}',
        '{"names": ["y", "z"], "dtypes": ["a", "b"]}',
        '{"names": ["y"], "dtypes": 1}',
        "[" * 9999,
    ],
)
def test_names_that_do_not_fit_are_one_clear_sentence(tmp_path: Path, names: str) -> None:
    bad = write_outputs(tmp_path / "b.npz", {"y": f32(1)})
    (tmp_path / "b.json").write_text(names)
    with pytest.raises(InfraError, match=r"outputs in b\.npz cannot be read"):
        compare(bad, bad)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    bad = write_outputs(tmp_path / "b.npz", {"y": f32(1), "z": f32(1)})
    (tmp_path / "b.json").write_text('{"names": ["y", "y"], "dtypes": ["float32", "float32"]}')
    with pytest.raises(InfraError, match="twice"):
        compare(bad, bad)


def test_names_are_cleaned_before_anybody_sees_them(tmp_path: Path) -> None:
    good = write_outputs(tmp_path / "b.npz", {"\x1b[31my\x07": f32(1)})
    assert compare(good, good)[0].output == "y"


@RELAXED
@given(cut=st.floats(0, 1, exclude_max=True), flip=st.integers(0, 255))
def test_a_damaged_file_is_an_error_of_the_lab_and_never_of_python(tmp_path: Path, cut: float, flip: int) -> None:
    good = write_outputs(tmp_path / "a.npz", {"y": f32(*range(50)), "z": np.arange(3)})
    whole = good.read_bytes()
    place = int(cut * len(whole))
    for data in (whole[:place], whole[:place] + bytes([flip]) + whole[place + 1 :]):
        bad = write_outputs(tmp_path / "b.npz", {"y": f32(*range(50)), "z": np.arange(3)})
        bad.write_bytes(data)
        # A wrong byte among the numbers is no damage that shows; anything else must be said by the lab.
        with contextlib.suppress(InfraError, UsageError):
            assert {diff.output for diff in compare(good, bad)} == {"y", "z"}


def test_a_missing_file_is_an_error_of_the_lab(tmp_path: Path) -> None:
    good = write_outputs(tmp_path / "a.npz", {"y": f32(1)})
    with pytest.raises(InfraError):
        compare(good, tmp_path / "none.npz")


def test_a_header_that_claims_more_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    path = write_outputs(tmp_path / "b.npz", {"y": f32(1)})
    with zipfile.ZipFile(path) as archive:
        member = archive.read("a0000.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a0000.npy", member.replace(b"(1,)", b"(7,)"))
    with pytest.raises(InfraError, match="another number of bytes"):
        compare(path, path)


@pytest.mark.parametrize("shape", [b"(1,", b"-1, ", b"(-1)", b"9**9", b"[1,]", b"'1,'", b"(((("])
def test_a_header_that_is_no_header_is_refused(tmp_path: Path, shape: bytes) -> None:
    path = write_outputs(tmp_path / "b.npz", {"y": f32(1)})
    path.write_bytes(path.read_bytes().replace(b"(1,)", shape.ljust(4)))
    with pytest.raises(InfraError, match=r"outputs in b\.npz cannot be read"):
        compare(path, path)


# Self-test


def test_the_comparator_passes_its_own_test() -> None:
    assert selftest() == ()


@pytest.mark.parametrize(
    ("grade", "caught"),
    [(Grade.EXACT, {"sign flip", "one ULP", "one NaN", "missing"}), (Grade.CLOSE, {"one value by 1e-2", "transposed"})],
)
def test_a_comparator_that_passes_everything_is_found_out(
    monkeypatch: pytest.MonkeyPatch, grade: Grade, caught: set[str]
) -> None:
    monkeypatch.setattr(lab.compare.planted, "compare", lambda *_: (Diff(output="y", grade=grade),))
    assert caught <= set(selftest())


def test_a_comparator_that_finds_fault_with_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Diff(output="y", grade=Grade.MISMATCH, reason="values")
    monkeypatch.setattr(lab.compare.planted, "compare", lambda *_: (wrong,))
    assert "nothing changed" in selftest()
