"""What leaves of a model: nothing of the weights, no names, no paths; and numbers that anybody draws again."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cut import body, edges, filling, traces
from lab.cut.plain import plain
from lab.cut.traces import Stretch
from lab.formats import inspect
from lab.formats.source import MemorySource
from lab.model.reduction import Filling, FillKind, ReducedTensor, WeightsProof
from lab.report import reduce as report
from lab.search import reduce_files
from lab.search.reduce_trials import MadeCut
from tests.conftest import ROOT
from tests.unit.test_cut import MODELS, apart, name_of

FIGURES = st.floats(-1e6, 1e6, width=32)


def shared(weights: bytes, *written: bytes, element: int = 4) -> tuple[str, ...]:
    one = Stretch(name="w", offset=0, nbytes=len(weights), element=element)
    return traces.shared(MemorySource(data=weights), [one], written)


@given(data=st.data(), before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_sixteen_bytes_of_a_weight_are_found_wherever_they_lie(
    data: st.DataObject, before: bytes, after: bytes
) -> None:
    values = np.random.RandomState(data.draw(st.integers(0, 99))).rand(40).astype("float32").tobytes()
    start = data.draw(st.integers(0, len(values) - 16))
    assert shared(values, before + values[start : start + 16] + after) == ("w",)


@given(seed=st.integers(0, 200))
def test_numbers_of_others_are_not_taken_for_the_users(seed: int) -> None:
    rng = np.random.RandomState(seed)
    weights = rng.rand(2000).astype("float32").tobytes()
    assert shared(weights, rng.rand(2000).astype("float32").tobytes(), weights[100:115]) == ()


def test_one_number_repeated_is_nobodys() -> None:
    zeros = bytes(4000)
    assert shared(zeros, bytes(64)) == ()
    half = np.full(100, 0.5, "float32").tobytes()
    assert shared(half, half) == ()
    assert shared(half[:-4] + b"\1\2\3\4", half[:20] + b"\1\2\3\4") == ("w",)


def test_a_run_over_the_border_of_two_pieces_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "_PIECE", 256)
    weights = np.random.RandomState(1).rand(500).astype("float32").tobytes()
    for start in range(200, 300):
        assert shared(weights, weights[start : start + 16]) == ("w",)


def test_the_proof_fails_where_one_weight_is_smuggled_through() -> None:
    """Four numbers of one tensor, in the middle of a file that is handed out."""
    model = ROOT / "tests" / "golden" / "models" / "3.3.1" / "net.json"
    with apart(model) as whole:
        part = edges.sliced(whole.anatomy, [7])
        cut = plain(whole.cut(part))
        made = MadeCut(part=part, cut=cut, arrays={"x0": np.zeros((1, 2, 6, 6), "float32")}, weights={})
        one = whole.stored["linear_0.w_0"].tensor
        smuggled = whole.source.at(one.offset + 20, 16, "") if whole.source is not None else b""
        honest = [cut.program, b"a script, and what it says"]
        clean = reduce_files.proved(whole, made, honest)
        caught = reduce_files.proved(whole, made, [*honest, b"PK\3\4" + smuggled + b"\0"])
        fed = replace(made, arrays={"x0": np.frombuffer(smuggled, "float32")})
        packed = reduce_files.proved(whole, fed, honest)
    assert clean.clean
    assert caught.found == packed.found == ("linear_0.w_0",)
    assert report.proof(caught).startswith("NOT CLEAN: runs of 16 bytes or more of linear_0.w_0 are in it")


def test_the_proof_line_says_no_more_than_was_looked_for() -> None:
    clean = WeightsProof(tensors=3, nbytes=400, files=2, written=50)
    assert report.proof(clean).startswith("no run of 16 bytes or more of your weights is in it")
    found = WeightsProof(tensors=3, nbytes=400, files=2, written=50, found=("conv.w",))
    assert report.proof(found).startswith("NOT CLEAN")
    assert "conv.w" in report.proof(found)
    short = WeightsProof(tensors=3, nbytes=20, files=2, written=50, short=2)
    assert report.proof(short).endswith("; not one of 2 tensors of fewer than 16 bytes could be found so")
    kept = WeightsProof(tensors=3, nbytes=400, files=2, written=50, kept=("norm.b",))
    assert report.proof(kept).startswith("norm.b of yours is in it")
    assert "no run" not in report.proof(found) + report.proof(kept)


@given(
    tensors=st.integers(0, 3), nbytes=st.integers(0, 9), found=st.lists(st.sampled_from(["a", "b"])),
    kept=st.lists(st.sampled_from(["c", "d"])),
)  # fmt: skip
def test_the_proof_line_is_clean_only_where_the_proof_is(
    tensors: int, nbytes: int, found: list[str], kept: list[str]
) -> None:
    one = WeightsProof(tensors=tensors, nbytes=nbytes, files=1, written=1, found=tuple(found), kept=tuple(kept))
    said = report.proof(one)
    assert said.startswith("no run of 16 bytes") == (one.clean and tensors > 0)
    assert all(name in said for name in found) or not tensors


@given(values=st.lists(FIGURES, min_size=1, max_size=50), seed=st.integers(0, 1000))
def test_a_drawn_tensor_has_the_spread_of_the_one_it_stands_for_and_nothing_of_it(
    values: list[float], seed: int
) -> None:
    array = np.array(values, "float32")
    how = filling.spread(array, seed)
    made = filling.filled(how, "float32", array.shape)
    assert made.shape == array.shape
    assert made.dtype == array.dtype
    assert (made == filling.filled(how, "float32", array.shape)).all()
    scale = float(np.abs(array).max()) * 0.06 + 1e-30
    assert made.min() >= array.min() - scale
    assert made.max() <= array.max() + scale


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int8", "bool"])
def test_what_is_drawn_a_piece_at_a_time_is_what_the_script_draws_at_once(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PIECE", 7)
    how = Filling(kind=FillKind.SEEDED, seed=5, mean=0.3, deviation=2.0, low=0.0, high=1.0 if dtype == "bool" else 9.0)
    rng, shape = np.random.RandomState(5), (4, 5, 2)
    at_once = (
        np.clip(rng.normal(0.3, 2.0, shape), how.low, how.high)
        if dtype.startswith("float")
        else rng.randint(0, int(how.high) + 1, shape)
    ).astype(dtype)
    assert (filling.filled(how, dtype, shape) == at_once).all()
    assert b"".join(filling.tensor(how, dtype, shape).data) == at_once.tobytes()
    assert filling.filled(how, dtype, (0, 3)).shape == (0, 3)
    assert filling.filled(how, dtype, ()).shape == ()


def test_a_variance_stays_above_zero() -> None:
    array = np.array([0.001, 0.002, 0.004], "float32")
    assert filling.constant(filling.spread(array, 1)).value > 0
    assert filling.constant(Filling(kind=FillKind.SEEDED, mean=0.0, low=1e-9, high=1.0)).value > 0


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_plain_cut_names_nothing_of_the_users(model: Path, tmp_path: Path) -> None:
    with apart(model) as whole:
        anatomy = whole.anatomy
        cut = plain(whole.cut(edges.whole(anatomy)))
        whole.write(cut, tmp_path)
        names = {one.rpartition("/")[2] for one in anatomy.parameters.values()}
    assert not [one for one in names if len(one) > 3 and one.encode() in cut.program]
    assert b"/usr/" not in cut.program
    assert b"op_callstack" not in cut.program
    assert b"struct_name" not in cut.program
    seen = inspect(tmp_path)
    assert not seen.broken, seen.findings
    assert all(re.fullmatch(r"w\d{3}", one.name) for one in seen.programs[0].parameters)
    assert [one.name for one in seen.programs[0].inputs] == [f"x{place}" for place in range(len(cut.feeds))]
    stored = [one.shape for one in seen.streams[0].tensors]
    assert stored == [one.shape for one in seen.programs[0].parameters]


def test_weights_keep_their_places_under_new_names(tmp_path: Path) -> None:
    model = ROOT / "tests" / "golden" / "models" / "2.6.2" / "net.pdmodel"
    with apart(model) as whole:
        cut = plain(whole.cut(edges.whole(whole.anatomy)))
        assert [called for _, called in cut.parameters] == sorted(called for _, called in cut.parameters)
        assert [name for name, _ in cut.parameters] == sorted(name for name, _ in cut.parameters)
        assert b"".join(whole.parameters(cut)) == model.with_suffix(body.PARAMETERS).read_bytes()


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_drawn_weight_keeps_its_type_and_shape_and_one_of_a_type_that_nobody_draws_is_kept(
    model: Path, tmp_path: Path
) -> None:
    """Also of quantised and half-precision models: their integers are drawn, their bfloat16 stays."""
    with apart(model) as whole:
        cut = whole.cut(edges.whole(whole.anatomy))
        drawn = {}
        for name, one in whole.stored.items():
            if filling.fillable(one.tensor.dtype):
                how = Filling(kind=FillKind.SEEDED, seed=1, deviation=3.0, low=-9.0, high=9.0)
                how = replace(how, low=0.0) if one.tensor.dtype.startswith("u") or one.tensor.dtype == "bool" else how
                drawn[name] = filling.tensor(how, one.tensor.dtype, one.tensor.shape)
        whole.write(cut, tmp_path, drawn)
        with apart(tmp_path / f"net{cut.ending}") as made:
            assert made.source is not None
            assert whole.source is not None
            for name, one in whole.stored.items():
                other = made.stored[name].tensor
                assert (other.dtype, other.shape) == (one.tensor.dtype, one.tensor.shape)
                kept = made.source.at(other.offset, other.nbytes, name)
                same = kept == whole.source.at(one.tensor.offset, one.tensor.nbytes, name)
                assert same or name in drawn
                assert not same or name not in drawn or one.tensor.nbytes < 8 or not any(kept)


@pytest.mark.parametrize(("inner", "said"), [(False, "your own numbers"), (True, "between two operators")])
def test_what_is_kept_is_the_users_own_only_where_the_user_gave_it(inner: bool, said: str) -> None:  # noqa: FBT001
    one = ReducedTensor(name="x0", dtype="float32", shape=(2,), filling=Filling(), inner=inner)
    assert said in report.tensor(one)
    assert ("your own" in report.tensor(one)) is not inner
    seeded = replace(one, filling=Filling(kind=FillKind.SEEDED, seed=3))
    assert report.tensor(seeded).endswith("drawn from seed 3, with the same spread")
