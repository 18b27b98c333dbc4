import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import tensors
from lab.formats.source import opened
from lab.formats.types import SIZES
from tests.unit.formats_files import FIRST, NEW, OLD, tensor

SHAPES = st.lists(st.integers(0, 6), max_size=4).map(tuple)
PARTS = st.tuples(st.sampled_from(sorted(SIZES)), SHAPES, st.lists(st.binary(max_size=9), max_size=3))


def read(folder: Path, data: bytes) -> tensors.Stream:
    path = folder / "net.pdiparams"
    path.write_bytes(data)
    with opened(path) as source:
        return tensors.read(source)


@given(parts=st.lists(PARTS, max_size=5))
def test_every_tensor_of_a_stream_is_found_where_it_lies(
    parts: list[tuple[str, tuple[int, ...], list[bytes]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = b"".join(tensor(dtype, shape, levels=levels) for dtype, shape, levels in parts)
    found = read(tmp_path_factory.getbasetemp(), data)
    assert found.damage is None
    assert [(one.dtype, one.shape) for one in found.tensors] == [(dtype, shape) for dtype, shape, _ in parts]
    assert [one.nbytes for one in found.tensors] == [SIZES[dtype] * math.prod(shape) for dtype, shape, _ in parts]
    assert not parts or found.tensors[-1].offset + found.tensors[-1].nbytes == len(data)


@pytest.mark.parametrize("folder", [OLD, FIRST, NEW])
def test_a_real_parameter_file_is_read_to_its_end(folder: Path) -> None:
    with opened(folder / "net.pdiparams") as source:
        found = tensors.read(source)
    assert found.damage is None
    assert [one.shape for one in found.tensors] == [(2,), (2,), (2,), (2,), (2,), (2, 1, 3, 3), (1,), (3,), (18, 3)]
    assert {one.dtype for one in found.tensors} == {"float32"}


def test_every_cut_of_a_real_file_is_named_unless_it_falls_between_two_tensors(tmp_path: Path) -> None:
    data = (OLD / "net.pdiparams").read_bytes()
    ends = {one.offset + one.nbytes for one in read(tmp_path, data).tensors}
    for length in range(1, len(data)):
        damage = read(tmp_path, data[:length]).damage
        assert (damage is None) == (length in ends), length
        assert damage is None or "truncated" in str(damage) or "damaged" in str(damage)


def test_a_file_that_lacks_100_bytes_says_which_tensor_lacks_them(tmp_path: Path) -> None:
    found = read(tmp_path, (OLD / "net.pdiparams").read_bytes()[:-100])
    assert str(found.damage) == "truncated: tensor 9 (float32 [18, 3]) lacks 100 of 216 bytes (at byte 352)"
    assert len(found.tensors) == 8


def test_garbage_behind_the_last_tensor_is_named_with_its_place(tmp_path: Path) -> None:
    data = (OLD / "net.pdiparams").read_bytes()
    found = read(tmp_path, data + b"garbage behind the last tensor")
    assert "something else behind its 9 tensors" in str(found.damage)
    assert f"at byte {len(data)}" in str(found.damage)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tensor("float32", (2, -1), data=b""), "shape [2, -1]"),
        (tensor("float32", (1 << 40, 1 << 40), data=b""), "more bytes than any disk"),
        (tensor("float32", (1 << 30,), data=b"1234"), "lacks 4,294,967,292 of 4,294,967,296 bytes"),
        (tensor("float32", (1,) * 65), "more than 64 dimensions"),
        (tensor("float32", (2,))[:12] + b"\0\0\0\0\xff\xff\xff\x7f", "has 2,147,483,647 bytes"),
        (b"\0\0\0\0" + b"\x01" + b"\0" * 7 + b"\xff" * 8, "a sequence level of tensor 1"),
        (tensor("float32", (2,)).replace(b"\x08\x05", b"\x08\x63"), "unknown element type 99"),
    ],
)
def test_a_length_that_cannot_be_is_damage_and_not_memory(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in str(read(tmp_path, data).damage)


def test_the_data_of_a_large_file_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = tensor("float32", (1024, 1280), data=b"")
    path = tmp_path / "big.pdiparams"
    with path.open("wb") as file:
        for number in range(1, 401):
            file.write(header)
            file.truncate(number * (len(header) + 4 * 1024 * 1280))
            file.seek(0, os.SEEK_END)
    asked: list[int] = []
    true_pread = os.pread

    def pread(descriptor: int, length: int, offset: int) -> bytes:
        asked.append(length)
        return true_pread(descriptor, length, offset)

    monkeypatch.setattr("lab.formats.source.os.pread", pread)
    with opened(path) as source:
        found = tensors.read(source)
    assert sum(one.nbytes for one in found.tensors) > 2_000_000_000
    assert sum(asked) <= 400 * len(header)


def test_a_file_of_countless_empty_tensors_is_not_read_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensors, "MAX_TENSORS", 50)
    found = read(tmp_path, tensor("float32", (0,)) * 51)
    assert len(found.tensors) == 50
    assert "more than 50 tensors" in str(found.damage)
