"""A reference that kept only some elements is compared by these, and never called exact without the digest of all."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.compare import UnreadableOutputsError, compare
from lab.compare.arrays import StoredArray
from lab.compare.planted import write_outputs
from lab.compare.sampled import picked
from lab.model import Diff, Grade, Sampled

SHAPE, STEP = (3, 40, 101), 7


@pytest.fixture
def array() -> Any:
    return np.random.RandomState(0).rand(*SHAPE).astype("float32")


def held(folder: Path, reference: Any, candidate: Any) -> Diff:
    """A candidate against the sample of a reference."""
    path = write_outputs(folder / "reference.npz", {"y": reference.reshape(-1)[::STEP]})
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    sample = Sampled(shape=reference.shape, step=STEP, sha256=hashlib.sha256(reference.tobytes()).hexdigest())
    path.with_suffix(".json").write_text(json.dumps({**about, "samples": {"y": asdict(sample)}}), encoding="utf-8")
    (diff,) = compare(path, write_outputs(folder / "candidate.npz", {"y": candidate}))
    return diff


def test_the_same_bytes_are_exact(tmp_path: Path, array: Any) -> None:
    diff = held(tmp_path, array, array)
    assert (diff.grade, diff.candidate) == (Grade.EXACT, "float32 [3, 40, 101]")
    assert diff.reference == "float32 [3, 40, 101], 1732 of its 12120 elements"


def test_a_difference_between_the_kept_elements_is_close_at_best(tmp_path: Path, array: Any) -> None:
    other = array.copy()
    other.flat[1] += 1
    assert held(tmp_path, array, other).grade is Grade.CLOSE


def test_a_difference_in_a_kept_element_is_a_mismatch_at_its_own_place(tmp_path: Path, array: Any) -> None:
    other = array.copy()
    other[2, 3, 3] = 9  # flat index 8386 = 1198 * 7
    diff = held(tmp_path, array, other)
    assert diff.grade is Grade.MISMATCH
    assert diff.metrics is not None
    assert diff.metrics.worst_abs is not None
    assert diff.metrics.worst_abs.index == (2, 3, 3)


def test_another_shape_is_a_mismatch_of_shape(tmp_path: Path, array: Any) -> None:
    diff = held(tmp_path, array, array[:1])
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "shape")


def test_samples_of_a_candidate_count_for_nothing(tmp_path: Path, array: Any) -> None:
    """What a container writes beside its outputs cannot make it be compared by less."""
    good = write_outputs(tmp_path / "reference.npz", {"y": array})
    path = write_outputs(tmp_path / "candidate.npz", {"y": array.reshape(-1)[::STEP]})
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    sample = {"shape": list(SHAPE), "step": STEP, "sha256": ""}
    path.with_suffix(".json").write_text(json.dumps({**about, "samples": {"y": sample}}), encoding="utf-8")
    (diff,) = compare(good, path)
    assert (diff.grade, diff.reason) == (Grade.MISMATCH, "shape")


@pytest.mark.parametrize("samples", [3, {"y": 1}, {"y": {"shape": [2], "step": "x", "sha256": ""}}])
def test_samples_that_are_none_are_told(tmp_path: Path, array: Any, samples: Any) -> None:
    path = write_outputs(tmp_path / "reference.npz", {"y": array})
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    path.with_suffix(".json").write_text(json.dumps({**about, "samples": samples}), encoding="utf-8")
    with pytest.raises(UnreadableOutputsError, match="samples"):
        compare(path, write_outputs(tmp_path / "candidate.npz", {"y": array}))


def test_a_reference_of_many_megabytes_is_exact_by_all_its_bytes(tmp_path: Path) -> None:
    large = np.random.RandomState(0).rand(3 << 18).astype("float32")
    other = large.copy()
    other[-1] += 1
    assert len(large) % STEP != 1  # the last element is not kept
    assert held(tmp_path, large, large).grade is Grade.EXACT
    assert held(tmp_path, large, other).grade is Grade.CLOSE


def test_the_place_of_the_largest_relative_difference_is_that_of_the_whole_too(tmp_path: Path, array: Any) -> None:
    other = array.copy()
    other[2, 3, 3] += 0.5
    metrics = held(tmp_path, array, other).metrics
    assert metrics is not None
    assert metrics.worst_rel is not None
    assert metrics.worst_rel.index == (2, 3, 3)


@pytest.mark.parametrize("kind", ["<f4", ">f4"])
@pytest.mark.parametrize(("size", "step"), [(10, 3), (9, 3), (1, 4)])
def test_every_so_many_th_element_is_picked_and_read_in_this_machines_order(
    tmp_path: Path, kind: str, size: int, step: int
) -> None:
    values = np.arange(size, dtype=kind)
    path = tmp_path / "values"
    path.write_bytes(b"head" + values.tobytes())
    with path.open("rb") as file:
        whole = StoredArray(
            name="y", kind="float32", dtype=values.dtype, shape=values.shape, descriptor=file.fileno(), offset=4
        )
        part = picked(whole, step)
        wanted = values[::step]
        assert (part.name, part.kind, part.size) == ("y", "float32", len(wanted))
        for start in range(part.size):
            read = part.read(start, part.size)
            assert read.tolist() == wanted[start:].tolist()
            assert read.dtype == np.dtype("float32")
            assert read.flags.writeable
