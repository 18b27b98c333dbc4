import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from lab.check import stamp_file
from lab.errors import UsageError
from lab.model.check import Stamp, StampedFile, Way

FILE = StampedFile(name="net.json", size=3, sha256="ab")
STAMP = Stamp(
    schema=stamp_file.SCHEMA, made="2026-11-25T00:00:00+00:00", prefix="net", release="3.0.0", environment="3.0.0-cpu-py311",
    way=Way(route="jit"), writer="3.0.0", format=".json", files=(FILE,), operators={"add": 1}, versions={},
    inputs=(), outputs=(),
)  # fmt: skip
GOLDEN = Path(__file__).parents[1] / "golden" / "schemas" / "stamp-1.json"


@property_of(
    st.sampled_from(["float32", "float64", "float16", "int64", "uint8", "bool", "complex64"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.integers(0, 2**31),
)
def test_a_small_array_comes_back_bit_for_bit(dtype: str, shape: list[int], seed: int) -> None:
    array = np.asarray(np.random.RandomState(seed).rand(*shape) * 5).astype(dtype)
    back = stamp_file.unpacked(stamp_file.inputs({"x": array}, again=True))
    assert back is not None
    assert back["x"].dtype == array.dtype
    assert back["x"].shape == array.shape
    assert back["x"].tobytes() == array.tobytes()


def test_nan_and_infinity_survive() -> None:
    array = np.array([np.nan, np.inf, -0.0], "float32")
    (one,) = stamp_file.inputs({"x": array}, again=True)
    json.dumps(one.summary)
    back = stamp_file.unpacked([one])
    assert back is not None
    assert back["x"].tobytes() == array.tobytes()


def test_a_large_input_that_can_be_made_again_is_kept_as_hash_and_summary_and_told_apart_from_another() -> None:
    array = np.linspace(0, 1, stamp_file.WHOLE, dtype="float32")
    kept = stamp_file.inputs({"x": array}, again=True)
    assert kept[0].data is None
    assert stamp_file.unpacked(kept) is None
    assert "bit for bit what it was" in stamp_file.agreement(kept, {"x": array})[0]
    other = array.copy()
    other[5] = 9
    assert "max 1 then, 9 now" in stamp_file.agreement(kept, {"x": other})[0]
    assert "another shape" in stamp_file.agreement(kept, {"x": array[:4]})[0]


@settings(deadline=None, max_examples=40)
@property_of(shapes=st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=3), min_size=1, max_size=20))
def test_a_stamp_of_any_outputs_stays_small_and_keeps_elements_of_each(shapes: list[list[int]]) -> None:
    arrays = {f"out{number}": np.zeros(shape, "float32") for number, shape in enumerate(shapes)}
    kept = stamp_file.outputs(arrays)
    assert all(one.data is not None for one in kept)
    assert sum(len(one.data or "") for one in kept) <= 4 / 3 * stamp_file.OUTPUTS + 100 * len(kept)
    back = stamp_file.unpacked(kept)
    assert back is not None
    assert all(back[name].size == (0 if not array.size else max(1, back[name].size)) for name, array in arrays.items())


@property_of(least=st.integers(1, 50), shape=st.lists(st.integers(1, 60), min_size=1, max_size=3))
def test_the_step_of_a_sample_walks_through_every_place_of_the_last_axis(least: int, shape: list[int]) -> None:
    step = stamp_file.coprime(least, shape)
    last = shape[-1]
    seen = {at % last for at in range(0, step * last, step)}
    assert step >= least
    assert seen == set(range(last))


def test_given_inputs_are_kept_whole_up_to_a_picture_and_not_beyond() -> None:
    picture = {"x": np.zeros((1, 3, 48, 320), "float32")}
    assert stamp_file.inputs(picture, again=False)[0].data is not None
    assert stamp_file.inputs({"x": np.zeros((1, 3, 640, 640), "float32")}, again=False)[0].data is None


def test_an_array_that_was_changed_in_the_stamp_is_found_out() -> None:
    (one,) = stamp_file.inputs({"x": np.zeros(2, "float32")}, again=True)
    (other,) = stamp_file.inputs({"x": np.ones(2, "float32")}, again=True)
    with pytest.raises(UsageError, match="not what its hash says"):
        stamp_file.unpacked([replace(one, data=other.data)])
    with pytest.raises(UsageError, match="damaged"):
        stamp_file.unpacked([replace(one, data="?")])
    with pytest.raises(UsageError, match="damaged"):
        stamp_file.unpacked([replace(one, dtype="object")])
    with pytest.raises(UsageError, match="damaged"):
        stamp_file.unpacked([replace(one, shape=(3,))])


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ((FILE,), ()),
        ((), ("net.json is gone",)),
        ((replace(FILE, sha256="cd"),), ("net.json has changed since it was stamped (the same 3 bytes long)",)),
        ((replace(FILE, sha256="cd", size=2),), ("net.json has changed since it was stamped (3 bytes then, 2 now)",)),
        ((FILE, replace(FILE, name="more")), ("more was not there when it was stamped",)),
    ],
)
def test_every_file_that_is_not_as_stamped_is_named(now: tuple[StampedFile, ...], said: tuple[str, ...]) -> None:
    assert stamp_file.changed(STAMP, now) == said


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    stamp_file.write(tmp_path / "net.lab.json", STAMP)
    assert stamp_file.read(tmp_path / "net.lab.json") == STAMP
    assert [one.name for one in tmp_path.iterdir()] == ["net.lab.json"]


def test_a_stamp_of_the_first_schema_stays_readable() -> None:
    assert stamp_file.read(GOLDEN).schema == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="could not be written"):
        stamp_file.write(tmp_path / "file" / "net.lab.json", STAMP)
