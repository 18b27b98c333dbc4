"""A program computed in a process of its own: the same answer, and a sentence for one that takes too much."""

from pathlib import Path

import numpy as np
import pytest

from lab import formats
from lab.check import formula_process, sample_inputs, stamp_file
from lab.check.formula_process import Computation
from lab.storage.outbox import GuestFile
from tests.unit.formats_files import FIRST, NEW, OLD

FEEDS = {"image": np.random.RandomState(0).rand(2, 1, 8, 8).astype("float32"), "length": np.array([[1], [0]])}


def computation(folder: Path, into: Path) -> Computation:
    """A checked-in model on the same inputs."""
    program = next(path for path in folder.iterdir() if path.suffix in (".json", ".pdmodel"))
    sample_inputs.keep(FEEDS, into / "saved", "inputs")
    return Computation(
        program=program, weights=folder / "net.pdiparams", stream=formats.inspect(program).streams[0],
        saved=into / "saved", into=into / "third",
    )  # fmt: skip


def answers(asked: Computation) -> list[object]:
    found = stamp_file.stored(GuestFile(out=asked.into, name="outputs.npz"))
    return [one.tolist() for one in found.values()]


def test_a_process_of_its_own_answers_alike_for_every_format(tmp_path: Path) -> None:
    asked = [computation(folder, tmp_path / name) for folder, name in ((OLD, "old"), (FIRST, "first"), (NEW, "new"))]
    assert [formula_process.unknown_of(one) for one in asked] == ["", "", ""]
    first, *others = [answers(one) for one in asked]
    assert all(one[0] == first[0] for one in others)
    assert first[1] == [[2], [1]]


def test_a_program_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    asked = computation(NEW, tmp_path)
    assert formula_process.unknown_of(asked, seconds=0.01) == "the program, which was not computed within 0 s"
    assert not asked.into.exists()


def test_a_program_that_takes_too_much_memory_ends_with_its_process(tmp_path: Path) -> None:
    asked = computation(NEW, tmp_path)
    many = {"image": np.zeros((100_000, 1, 8, 8), "float32"), "length": np.zeros((100_000, 1), "int64")}  # 26 MB
    sample_inputs.keep(many, asked.saved, "inputs")
    said = formula_process.unknown_of(asked, memory=64 << 20)
    assert said == "the program, which cannot be computed in the memory there is for it"


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff" * 100, b'{"program": 1}'])
def test_a_damaged_program_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    asked = computation(NEW, tmp_path)
    damaged = tmp_path / "net.json"
    damaged.write_bytes(data)
    changed = Computation(
        program=damaged, weights=asked.weights, stream=asked.stream, saved=asked.saved, into=asked.into
    )
    assert formula_process.unknown_of(changed).startswith("its files, of which ")
