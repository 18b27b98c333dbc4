"""The comparator against a plain one: whole arrays, float64 and Python integers, no short cut."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lab.compare.outputs
from lab.compare import TABLE, Tier, compare
from lab.compare.outputs import PIECE
from lab.compare.planted import write_outputs
from lab.compare.products import UNIT
from lab.model import Diff, Grade, Tolerance, Worst

Array = np.ndarray[Any, np.dtype[Any]]
RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ["float16", "bfloat16", "float32", "float64", "complex64", "complex128", "int8", "uint64", "int64", "bool"]
TINY = {
    "float16": 2.0**-14, "bfloat16": 2.0**-126, "float32": 2.0**-126, "complex64": 2.0**-126,
    "float64": 2.0**-1022, "complex128": 2.0**-1022,
}  # fmt: skip
ROUNDOFF = {
    "float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "complex64": 2.0**-24,
    "float64": 2.0**-53, "complex128": 2.0**-53,
}  # fmt: skip
ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1.1e-38, 3.4e38, -3.4e38, 1.0, 2.0, 1e-20]


def values_of(side: Array, kind: str) -> Array:
    """What the numbers mean: bfloat16 comes as its bits."""
    if kind == "bfloat16":
        return (side.astype(np.uint32) << np.uint32(16)).view(np.float32).astype(np.float64)
    return side.astype(np.complex128 if side.dtype.kind == "c" else np.float64)


def ordinal(bits: int, width: int) -> int:
    """The place of a float among all floats of its width, both zeros at 0."""
    sign = 1 << (width - 1)
    return -(bits & (sign - 1)) if bits & sign else bits


def ulp_of(b: Array, a: Array, usable: Array) -> int:
    width = b.dtype.itemsize * 8 // (2 if b.dtype.kind == "c" else 1)
    parts = b.dtype.itemsize * 8 // width
    sides = (side[usable].view(f"u{width // 8}").tolist() for side in (b, a))
    assert parts in {1, 2}
    return max((abs(ordinal(x, width) - ordinal(y, width)) for x, y in zip(*sides, strict=True)), default=0)


def first_largest(values: Array, shape: tuple[int, ...]) -> tuple[float, tuple[int, ...] | None]:
    if not values.size or not values.max() > 0:
        return 0.0, None
    place = int(values.argmax())
    return float(values[place]), tuple(int(index) for index in np.unravel_index(place, shape))


def cosine_of(b: Array, a: Array, usable: Array) -> float | None:
    b, a = (side[usable].view(np.float64) if side.dtype.kind == "c" else side[usable] for side in (b, a))
    with np.errstate(all="ignore"):
        products = [x * y for x, y in ((b, b), (a, b), (a, a))]
    if not all(np.isfinite(one).all() for one in products):
        return None
    try:
        bb, ab, aa = map(math.fsum, products)
    except OverflowError:
        return None
    if not all(map(math.isfinite, (bb, ab, aa))) or not (bb > 0 and aa > 0):
        return None
    return max(-1.0, min(1.0, ab / (math.sqrt(bb) * math.sqrt(aa))))


def plain(reference: Array, candidate: Array, kind: str, own: Tier | None) -> dict[str, Any]:
    """Everything the comparator says of two arrays, from their whole, in the words of the guide."""
    shape, size = reference.shape, reference.size
    flat = reference.reshape(-1), candidate.reshape(-1)
    with np.errstate(all="ignore"):
        b, a = (values_of(side, kind) for side in flat)
        usable = np.isfinite(b) & np.isfinite(a)
        if reference.dtype.kind in "iu" and kind != "bfloat16":
            error = np.array([float(abs(x - y)) for x, y in zip(flat[0].tolist(), flat[1].tolist(), strict=True)])
        else:
            error = np.abs(a - b)
        error = np.where(usable, error, 0.0) if size else np.zeros(0)
        length = np.where(usable, np.abs(b), 0.0)
        none = Tier(rtol=0, atol=0)
        table = TABLE[kind].close if kind in TABLE else none
        top = float(np.abs(b)[np.isfinite(b)].max(initial=0))
        loose = bounded(TABLE[kind].loose, top) if kind in TABLE else none
        close = own or bounded(table, top)
        beyond = error > length * close.rtol + close.atol
        far = beyond & (error > length * loose.rtol + loose.atol)
        ratio = np.where(length > 0, error / np.where(length > 0, length, 1), 0.0)
    nan = np.isnan(b) != np.isnan(a)
    inf = (np.isinf(b) | np.isinf(a)) & ~np.isnan(b) & ~np.isnan(a) & (a != b)
    grade, reason = Grade.CLOSE, ""
    if flat[0].tobytes() == flat[1].tobytes():
        grade = Grade.EXACT
    elif (nan | inf | far).any():
        grade, reason = Grade.MISMATCH, "nan" if nan.any() else "inf" if inf.any() else "values"
    elif beyond.any():
        grade = Grade.DRIFT
    hidden = 0.0
    if grade is not Grade.EXACT and reason in {"", "values"} and own is None and kind in TABLE:
        if top < TINY[kind] and 0 < error.max() <= table.atol:
            grade, reason = Grade.UNDECIDED, ""
        elif grade is Grade.CLOSE:
            grade, hidden = shaded(length, error, close.atol, ROUNDOFF[kind] * min(top, 1))
            reason = "values" if grade is Grade.MISMATCH else ""
    max_abs, worst_abs = first_largest(error, shape)
    max_rel, worst_rel = first_largest(ratio, shape)
    if (nan | inf).any():
        worst_abs = tuple(int(i) for i in np.unravel_index(int((nan | inf).argmax()), shape))
    rows = reference.ndim and shape[-1] > 1 and reference.dtype.kind in "iuf"
    real = [side.real.reshape(-1, shape[-1]).argmax(axis=1) if rows else side for side in (b, a)]
    if rows and kind in {"int64", "uint64"}:
        real = [side.reshape(-1, shape[-1]).argmax(axis=1) for side in flat]
    return {
        "grade": grade,
        "reason": reason,
        "mismatched": max(hidden, float((beyond | nan | inf).sum()) / size),
        "max_abs": max_abs if math.isfinite(max_abs) else None,
        "max_rel": max_rel if math.isfinite(max_rel) else None,
        "worst_abs": worst_abs,
        "worst_rel": worst_rel,
        "ulp": ulp_of(*flat, usable) if kind in TABLE else None,
        "cosine": cosine_of(b, a, usable),
        "quantiles": np.quantile(error[usable], (0.5, 0.99, 0.999))
        if usable.any() and math.isfinite(max_abs)
        else None,
        "argmax": float((real[0] == real[1]).mean()) if rows else None,
        "odd": tuple(int(test(side).sum()) for test in (np.isnan, np.isinf) for side in (b, a)),
        "from_zero": bool((error[usable & (length == 0)] > 0).any()),
        "mask": bool((nan | inf).any()),
    }


def bounded(tier: Tier, top: float) -> Tier:
    return Tier(rtol=tier.rtol, atol=tier.atol * min(1.0, top))


def shaded(length: Array, error: Array, atol: float, roundoff: float) -> tuple[Grade, float]:
    """Most elements are hidden by the absolute bound, and are not what they should be: the rule, in Python numbers."""
    pairs = [(float(b), float(e)) for b, e in zip(length, error, strict=True) if 0 < b <= atol]
    if len(pairs) < 8 or 2 * len(pairs) <= np.count_nonzero(length):
        return Grade.CLOSE, 0.0
    largest = max(b for b, _ in pairs)
    wrong, right = (math.sqrt(math.fsum((pair[at] / largest) ** 2 for pair in pairs) / len(pairs)) for at in (1, 0))
    if wrong <= 0.4 * right:
        return Grade.CLOSE, 0.0
    share = sum(e > 0.4 * b for b, e in pairs) / length.size
    return (Grade.MISMATCH if wrong * largest > 4 * roundoff else Grade.UNDECIDED), share


def told(folder: Path, reference: Array, candidate: Array, kind: str, own: Tier | None, piece: int) -> Diff:
    for name, side in (("a", reference), ("b", candidate)):
        write_outputs(folder / f"{name}.npz", {"y": side})
        (folder / f"{name}.json").write_text(json.dumps({"names": ["y"], "dtypes": [kind]}))
    given_one = [Tolerance(output="y", rtol=own.rtol, atol=own.atol, reason="r")] if own else []
    (diff,) = compare(folder / "a.npz", folder / "b.npz", given_one, piece=piece)
    return diff


def same_as_plain(diff: Diff, reference: Array, candidate: Array, kind: str, own: Tier | None) -> None:
    metrics = diff.metrics
    assert metrics is not None
    assert metrics.size == reference.size
    if not reference.size:
        assert (diff.grade, diff.reason) == (Grade.EXACT, "")
        return
    true = plain(reference, candidate, kind, own)
    assert (diff.grade, diff.reason) == (true["grade"], true["reason"])
    assert metrics.mismatched == true["mismatched"]
    assert (metrics.max_abs, metrics.max_rel, metrics.ulp) == (true["max_abs"], true["max_rel"], true["ulp"])
    assert (_place(metrics.worst_abs), _place(metrics.worst_rel)) == (true["worst_abs"], true["worst_rel"])
    assert metrics.argmax_agreement == true["argmax"]
    odd = (metrics.nan_reference, metrics.nan_candidate, metrics.inf_reference, metrics.inf_candidate)
    assert odd == true["odd"]
    assert metrics.cosine == (true["cosine"] if true["cosine"] is None else pytest.approx(true["cosine"], abs=1e-6))
    if metrics.quantiles is not None or true["quantiles"] is not None:
        assert metrics.quantiles == pytest.approx(true["quantiles"], rel=1e-12, abs=0)
    assert metrics.atol_needed == (None if true["mask"] else true["max_abs"])
    assert (metrics.rtol_needed is None) == (true["mask"] or true["from_zero"] or true["max_rel"] is None)


def _place(worst: Worst | None) -> tuple[int, ...] | None:
    return worst.index if worst else None


def made(
    kind: str, seed: int, shape: tuple[int, ...], scale: float, odd: tuple[float, float], size: float = 1.0
) -> tuple[Array, Array]:
    """A reference of about `size`, and a candidate off by about `scale` of itself, with `odd` values here and there in both."""
    rng = np.random.default_rng(seed)
    b = size * rng.standard_normal(shape)
    a = b * (1 + scale * rng.standard_normal(shape))
    for side, value in zip((b, a), odd, strict=True):
        side[rng.random(shape) < 0.01] = value
        side[rng.random(shape) < 0.01] = odd[0]
    with np.errstate(all="ignore"):
        if kind == "bfloat16":
            return tuple((side.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16) for side in (b, a))  # type: ignore[return-value]
        if kind[0] in "iub":
            b, a = (np.nan_to_num(side * 100, nan=7, posinf=100, neginf=0).clip(0, 100) for side in (b, a))
        return b.astype(kind), a.astype(kind)


@pytest.fixture(params=["float32 arithmetic", "float64 arithmetic"])
def _arithmetic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays too go the way that only large ones go, and in many batches."""
    monkeypatch.setattr(lab.compare.outputs, "SINGLE", 0 if request.param == "float32 arithmetic" else 1 << 60)
    monkeypatch.setattr(lab.compare.outputs, "BATCH", 1)


OWN = st.sampled_from(
    [None, Tier(rtol=0, atol=0), Tier(rtol=1e-2, atol=0), Tier(rtol=0, atol=1e-4), Tier(rtol=0.3, atol=9)]
)


@pytest.mark.usefixtures("_arithmetic")
@RELAXED
@given(
    kind=st.sampled_from([*KINDS, "float32", "float32", "float32"]),
    seed=st.integers(0, 2**32 - 1),
    shape=st.sampled_from(
        [(1,), (7,), (40, 3), (3, 1000), (UNIT,), (2 * UNIT + 5,), (900, 10), (5, 0), (0,), (2, 4100)]
    ),
    scale=st.sampled_from([0.0, 1e-16, 1e-8, 1e-7, 1.3e-6, 1e-5, 1e-3, 1.0]),
    odd=st.tuples(st.sampled_from([*ODD, 0.5]), st.sampled_from([*ODD, 0.5])),
    own=OWN,
    size=st.sampled_from([1.0, 1.0, 1e-3, 1e-8, 1e-25, 1e-39]),
)
def test_large_outputs_are_told_as_a_plain_comparison_tells_them(
    tmp_path: Path,
    kind: str,
    seed: int,
    shape: tuple[int, ...],
    scale: float,
    odd: tuple[float, float],
    own: Tier | None,
    size: float,
) -> None:
    reference, candidate = made(kind, seed, shape, scale, odd, size)
    same_as_plain(told(tmp_path, reference, candidate, kind, own, UNIT), reference, candidate, kind, own)


@pytest.mark.usefixtures("_arithmetic")
def test_errors_whose_sum_overflows_have_quantiles_all_the_same(tmp_path: Path) -> None:
    reference, candidate = np.zeros(3), np.full(3, 1.7e308)
    diff = told(tmp_path, reference, candidate, "float64", None, PIECE)
    assert diff.metrics is not None
    assert diff.metrics.quantiles == (1.7e308, 1.7e308, 1.7e308)
    same_as_plain(diff, reference, candidate, "float64", None)


@pytest.mark.usefixtures("_arithmetic")
@RELAXED
@given(data=st.data(), kind=st.sampled_from([*KINDS, "float32", "float32"]), own=OWN)
def test_any_bits_at_all_are_told_as_a_plain_comparison_tells_them(
    tmp_path: Path, data: st.DataObject, kind: str, own: Tier | None
) -> None:
    dtype = np.dtype("uint16" if kind == "bfloat16" else kind)
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
    reference = data.draw(hnp.arrays(dtype, shape))
    candidate = data.draw(st.one_of(st.just(reference), hnp.arrays(dtype, shape), _touched(reference)))
    same_as_plain(told(tmp_path, reference, candidate, kind, own, PIECE), reference, candidate, kind, own)


@st.composite
def _touched(draw: st.DrawFn, reference: Array) -> Array:
    """The same array with the lowest bits of a few elements changed."""
    raw = np.array(reference, order="C").reshape(-1).view(np.uint8).copy()
    step = reference.dtype.itemsize
    for place in draw(st.lists(st.integers(0, max(0, reference.size - 1)), max_size=3)):
        if raw.size:
            raw[place * step] ^= draw(st.integers(0, 1 if reference.dtype == np.bool_ else 7))
    return raw.view(reference.dtype).reshape(reference.shape)


@pytest.mark.usefixtures("_arithmetic")
@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([1, 50, UNIT + 3]),
    scale=st.sampled_from([1e-7, 1e-5, 1e-2, 10.0]),
    off=st.sampled_from([0.0, 1e-7, 1e-6, 3e-6, 1e-3]),
    own=st.sampled_from([None, Tier(rtol=1e-2, atol=1e-7)]),
    loose=st.booleans(),
)
def test_what_lies_at_the_very_edge_of_a_bound_is_told_right(
    tmp_path: Path, seed: int, size: int, scale: float, off: float, own: Tier | None, *, loose: bool
) -> None:
    rng = np.random.default_rng(seed)
    edge = TABLE["float32"].loose if loose else own or TABLE["float32"].close
    reference = (scale * rng.standard_normal(size)).astype(np.float32)
    edge = edge if own and not loose else bounded(edge, float(np.abs(reference).max()))
    apart = (edge.atol + edge.rtol * np.abs(reference.astype(np.float64))) * (1 + off * rng.standard_normal(size))
    candidate = (reference + apart * rng.choice([-1, 1], size)).astype(np.float32)
    same_as_plain(told(tmp_path, reference, candidate, "float32", own, UNIT), reference, candidate, "float32", own)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    reference, candidate = made("float32", 5, (9 * UNIT, 3), 1e-6, (np.nan, np.inf))
    candidate[4 * UNIT : 5 * UNIT] = reference[4 * UNIT : 5 * UNIT]
    alone = told(tmp_path, reference, candidate, "float32", None, PIECE)
    monkeypatch.setattr(lab.compare.outputs, "BATCH", 1)
    monkeypatch.setattr(lab.compare.outputs, "WORKERS", workers)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(workers)))
    for _ in range(5):
        assert told(tmp_path, reference, candidate, "float32", None, UNIT) == alone


def test_an_error_in_a_thread_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(lab.compare.outputs, "measure", broken)
    monkeypatch.setattr(lab.compare.outputs, "BATCH", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    big = np.zeros(5 * UNIT, np.float32)
    with pytest.raises(ZeroDivisionError):
        told(tmp_path, big, big, "float32", None, UNIT)
