"""One parameter file under two programs: it is named with the one it belongs to, and nothing is claimed without evidence."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import inspect
from lab.formats.shared import APART, TOGETHER, shared
from lab.model.inspection import (
    FileKind,
    InspectLevel,
    ProgramFacts,
    StoredTensor,
    StreamFacts,
    TensorFacts,
    Writer,
)
from tests.unit.formats_files import NEW, OLD

DAY = 86_400


def program(file: str, *shapes: tuple[int, ...]) -> ProgramFacts:
    parameters = tuple(
        TensorFacts(name=f"p{number}", dtype="float32", shape=shape) for number, shape in enumerate(shapes)
    )
    return ProgramFacts(
        file=file, kind=FileKind.PROGRAM, version=0, writer=Writer(releases="", evidence=""), blocks=1, operators={},
        inputs=(), outputs=(), parameters=parameters,
    )  # fmt: skip


def stream(*shapes: tuple[int, ...]) -> StreamFacts:
    tensors = tuple(StoredTensor(dtype="float32", shape=shape, offset=0, nbytes=0) for shape in shapes)
    return StreamFacts(file="net.pdiparams", tensors=tensors, nbytes=0)


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A .json with its parameters, and the .pdmodel of an earlier export under the same name."""
    folder = Path(shutil.copytree(NEW, tmp_path / "pair"))
    shutil.copyfile(OLD / "net.pdmodel", folder / "net.pdmodel")
    for name, age in (("net.json", 0.0), ("net.pdiparams", 0.1), ("net.pdmodel", -3 * DAY)):
        os.utime(folder / name, (1_700_000_000 + age,) * 2)
    return folder


def test_the_program_that_the_parameters_belong_to_is_named(pair: Path) -> None:
    found = inspect(pair)
    assert found.shared is not None
    assert found.shared.owner == "net.json"
    assert not found.broken


def test_the_other_program_alone_is_broken_and_its_parameters_are_said_to_belong_elsewhere(pair: Path) -> None:
    found = inspect(pair / "net.pdmodel")
    (what,) = [one.what for one in found.findings if one.level is InspectLevel.BROKEN]
    assert "net.pdiparams lies under two programs, net.pdmodel and net.json, and belongs to net.json" in what
    assert "3 days after net.pdmodel" in what


def test_the_program_they_belong_to_stays_whole_and_the_other_one_is_mentioned(pair: Path) -> None:
    found = inspect(pair / "net.json")
    assert not found.broken
    assert any("net.pdiparams lies under two programs" in one.what for one in found.findings)


def test_a_json_beside_it_that_is_no_program_shares_nothing(pair: Path) -> None:
    (pair / "net.json").write_text('{"hidden": 8}', encoding="utf-8")
    assert inspect(pair / "net.pdmodel").shared is None


@given(times=st.tuples(*[st.floats(0, 10 * DAY)] * 3))
def test_shapes_that_fit_one_program_alone_decide_whatever_the_times_are(times: tuple[float, ...]) -> None:
    written = dict(zip(("a.json", "a.pdmodel", "net.pdiparams"), times, strict=True))
    found = shared([program("a.json", (2, 3)), program("a.pdmodel", (3, 2))], [stream((3, 2))], written)
    assert found is not None
    assert found.owner == "a.pdmodel"


@given(times=st.tuples(*[st.floats(0, 1000)] * 3))
def test_times_name_only_a_program_that_is_clearly_nearer(times: tuple[float, ...]) -> None:
    names = ("a.json", "a.pdmodel")
    written = dict(zip((*names, "net.pdiparams"), times, strict=True))
    found = shared([program(name, (2, 3)) for name in names], [stream((2, 3))], written)
    assert found is not None
    gaps = {name: abs(written["net.pdiparams"] - written[name]) for name in names}
    if found.owner:
        other = next(name for name in names if name != found.owner)
        assert gaps[found.owner] <= TOGETHER
        assert gaps[other] >= max(APART, 4 * gaps[found.owner])
    else:
        near, far = sorted(gaps.values())
        assert far < APART or near > TOGETHER or 4 * near > far
