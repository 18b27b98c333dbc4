import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as property_of
from hypothesis import strategies as st

from lab.check import sample_inputs
from lab.errors import UsageError
from lab.model.check import Draw, Feed
from lab.model.inspection import TensorFacts

DTYPES = (*sample_inputs.FLOATS, *sample_inputs.COMPLEX, *sample_inputs.BELOW)
SHAPES = st.lists(st.integers(1, 4), max_size=4).map(tuple)
FEEDS = st.lists(st.tuples(st.sampled_from(DTYPES), SHAPES, st.sampled_from(Draw)), min_size=1, max_size=4).map(
    lambda parts: tuple(
        Feed(name=f"x{number}", dtype=dtype, shape=shape, wanted=shape, draw=draw)
        for number, (dtype, shape, draw) in enumerate(parts)
    )
)


def fact(name: str, dtype: str, *shape: int) -> TensorFacts:
    return TensorFacts(name=name, dtype=dtype, shape=shape)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@property_of(FEEDS, st.integers(0, 2**32 - 1))
def test_the_written_draw_gives_the_numbers_of_the_draw_itself(wanted: tuple[Feed, ...], seed: int) -> None:
    rng = np.random.RandomState(seed)
    code = "{" + ", ".join(f"{json.dumps(one.name)}: {sample_inputs.expression(one)}" for one in wanted) + "}"
    written = eval(code, {"np": np, "rng": rng})  # noqa: S307 - written by the lab
    drawn = sample_inputs.drawn(wanted, seed)
    assert list(written) == list(drawn)
    for one in wanted:
        assert written[one.name].dtype == drawn[one.name].dtype == np.dtype(one.dtype)
        assert written[one.name].shape == drawn[one.name].shape == one.shape
        assert np.array_equal(written[one.name], drawn[one.name])


@property_of(FEEDS)
def test_integers_never_leave_a_table_of_two_embeddings(wanted: tuple[Feed, ...]) -> None:
    for one in wanted:
        if one.dtype in ("int32", "int64"):
            assert set(np.unique(sample_inputs.drawn(wanted)[one.name])) <= {0, 1}


@property_of(st.lists(st.tuples(st.sampled_from(DTYPES), st.lists(st.integers(-1, 5).filter(bool), max_size=5))))
def test_every_open_dimension_is_closed_and_every_fixed_one_kept(parts: list[tuple[str, list[int]]]) -> None:
    inputs = [fact(f"x{number}", dtype, *shape) for number, (dtype, shape) in enumerate(parts)]
    found, notes = sample_inputs.feeds(inputs, {})
    for one, feed in zip(inputs, found, strict=True):
        assert all(have == want or (want < 0 < have) for have, want in zip(feed.shape, one.shape or (), strict=True))
    assert len(notes) == sum(-1 in (one.shape or ()) for one in inputs)


def test_open_dimensions_of_a_picture_are_a_batch_of_two_small_pictures() -> None:
    found, notes = sample_inputs.feeds([fact("x", "float32", -1, 3, -1, -1)], {})
    assert found[0].shape == (2, 3, 64, 64)
    assert notes == ("x is given as [2, 3, 64, 64], the model says [?, 3, ?, ?]",)


@pytest.mark.parametrize(
    ("dims", "shape"),
    [
        ({"batch": "4"}, (4, 3, 64, 64)),
        ({"height": "32", "width": "320"}, (2, 3, 32, 320)),
        ({"x:3": "7", "width": "320"}, (2, 3, 64, 7)),
        ({"x": "1x3x8x9"}, (1, 3, 8, 9)),
    ],
)
def test_the_user_chooses_open_dimensions_by_name(dims: dict[str, str], shape: tuple[int, ...]) -> None:
    assert sample_inputs.feeds([fact("x", "float32", -1, 3, -1, -1)], dims)[0][0].shape == shape


@pytest.mark.parametrize(
    ("dims", "said"),
    [
        ({"x:1": "4"}, "axis 1 of x is fixed to 3"),
        ({"x": "1x4x8x9"}, r"takes \[\?, 3, \?, \?\]"),
        ({"length": "4"}, "fits no open dimension"),
        ({"batch": "-1"}, "is no length"),
        ({"x": "1x3x999999999x9"}, "is no length"),
    ],
)
def test_dimensions_that_the_model_does_not_leave_open_are_refused(dims: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        sample_inputs.feeds([fact("x", "float32", -1, 3, -1, -1)], dims)


def test_a_feed_too_large_to_draw_is_refused() -> None:
    feeds, _notes = sample_inputs.feeds([fact("x", "float32", -1, -1)], {"batch": "100000", "length": "100000"})
    with pytest.raises(UsageError, match="choose smaller|would be"):
        sample_inputs.drawn(feeds)


@pytest.mark.parametrize(
    "one",
    [
        Feed(name="x", dtype="bfloat16", shape=(2,), wanted=(2,)),
        Feed(name="x", dtype="float32", shape=(), wanted=None),
        Feed(name="x", dtype="unknown", shape=(2,), wanted=(2,)),
    ],
)
def test_what_cannot_be_guessed_asks_for_inputs(one: Feed) -> None:
    with pytest.raises(UsageError) as caught:
        sample_inputs.drawn([one])
    assert "--inputs" in caught.value.remedy


def test_inputs_under_other_names_are_taken_by_position_and_said(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", first=np.zeros((1, 2), "float32"), second=np.ones(3, "int64"))
    wanted = [fact("image", "float32", -1, 2), fact("length", "int64", -1)]
    arrays, notes = sample_inputs.given(tmp_path / "x.npz", wanted)
    assert list(arrays) == ["image", "length"]
    assert notes == ("the arrays of --inputs are taken in their order as image, length",)


def test_a_single_array_or_no_array_at_all_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(2))
    (tmp_path / "y.npz").write_bytes(b"no zip")
    for name, said in (("x.npy", "one array"), ("y.npz", "no npz file")):
        with pytest.raises(UsageError, match=said):
            sample_inputs.given(tmp_path / name, [fact("x", "float32", 2)])


def test_arrays_are_kept_as_the_guest_keeps_them(tmp_path: Path) -> None:
    sample_inputs.keep({"输入/x": np.arange(3)}, tmp_path, "inputs")
    assert json.loads((tmp_path / "inputs.json").read_text(encoding="utf-8")) == {
        "names": ["输入/x"],
        "dtypes": ["int64"],
    }
    with np.load(tmp_path / "inputs.npz", allow_pickle=False) as stored:
        assert stored.files == ["a0000"]


def npz(folder: Path, header: str = "", *, flags: int = 0, method: int = 0, torn: bool = False) -> Path:
    """An archive with one array that has something wrong with it: its header, a bit of its entry, a byte of its numbers."""
    member = io.BytesIO()
    np.save(member, np.ones(64, "float32"))
    raw = member.getvalue()
    if header:
        raw = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + raw[-16:]
    path = folder / "bad.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", raw)
    data = bytearray(path.read_bytes())
    listed = data.rindex(b"PK\x01\x02")
    data[6] |= flags
    data[listed + 8] |= flags
    data[8] |= method
    data[listed + 10] |= method
    if torn:
        data[listed - 3] ^= 0xFF
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "wrong",
    [
        {"torn": True},
        {"flags": 1},
        {"method": 99},
        {"header": "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000, 10000000), }\n"},
        {"header": "{'descr': '<f4', 'fortran_order': False, 'shape': (2,5\n"},
    ],
    ids=["a wrong byte", "encrypted", "an unknown compression", "a shape beyond all memory", "half a header"],
)
def test_an_archive_with_something_wrong_in_it_is_one_sentence(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no npz file of plain arrays"):
        sample_inputs.stored(npz(tmp_path, **wrong), "--inputs x.npz")


def test_an_archive_that_is_cut_is_one_sentence(tmp_path: Path) -> None:
    whole = npz(tmp_path)
    assert list(sample_inputs.stored(whole, "--inputs x.npz")) == ["x"]
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(UsageError, match="no npz file of plain arrays"):
        sample_inputs.stored(whole, "--inputs x.npz")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.npz")
    for path in (tmp_path / "x.npz", tmp_path):
        with pytest.raises(UsageError, match="no regular file"):
            sample_inputs.stored(path, "--inputs x.npz")
