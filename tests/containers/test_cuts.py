"""What a cut answers in the release that wrote the model is what the whole model had there, bit for bit: real Paddle, without oneDNN."""

import random
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.cut import blocks, edges
from lab.cut.blocks import BlockSort
from lab.cut.body import ModelBody
from lab.cut.edges import CannotCutError
from lab.model.cutting import Slice
from tests.conftest import ROOT
from tests.unit.test_cut import MODELS, apart, name_of

pytestmark = pytest.mark.containers

SINGLE, CHANCE, TURNS = 8, 4, 5
"""Operators alone, and sets of operators, that are drawn of each model; and steps of a loop that are looked at."""
Values = Mapping[str, Any]


@pytest.fixture(scope="session")
def pythons() -> Mapping[str, Path]:
    """The local Pythons of this machine by their release, made by `lab run --engine local`."""
    homes = (Path.home() / ".cache" / "paddle-repro-lab" / "envs").glob("*/ready")
    return {one.parent.name.partition("-")[0]: one.parent / "bin" / "python" for one in homes}


def release_of(model: Path) -> str:
    named = model.parent.name.rpartition("-")[2]
    return "3.0.0" if named == "upsample" else named


def python_of(model: Path, pythons: Mapping[str, Path]) -> Path:
    """The Python with the release that wrote a model; the test is skipped where there is none."""
    release = release_of(model)
    if release not in pythons:
        pytest.skip(f"NO LOCAL PADDLE: no local Python of {release}")
    return pythons[release]


def written(whole: ModelBody, part: Slice, values: Values, folder: Path) -> Path:
    folder.mkdir()
    cut = whole.cut(part)
    whole.write(cut, folder)
    fed: dict[str, Any] = {name: values[value] for value, name in cut.feeds}
    np.savez(folder / "inputs.npz", **fed)
    return folder


def answered(python: Path, folders: Iterable[Path], room: Path) -> None:
    words = room / "folders"
    words.write_text("\n".join(map(str, folders)))
    child = ROOT / "tests" / "guest" / "cut_child.py"
    env = {"GLOG_minloglevel": "3", "HOME": str(room), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [str(python), str(child), str(ROOT / "lab" / "guest"), str(words), "static"], check=True, capture_output=True, env=env
    )  # fmt: skip


def drawn(whole: ModelBody) -> dict[str, Any]:
    rng = np.random.RandomState(1)
    found: dict[str, Any] = {}
    for name in whole.anatomy.feeds:
        one = whole.anatomy.values[name]
        shape = [2 if length < 0 else length for length in one.shape or ()]
        numbers = rng.uniform(-1, 1, shape) if one.dtype.startswith("float") else rng.randint(0, 5, shape)
        found[name] = numbers.astype(one.dtype)
    return found


def parts(whole: ModelBody) -> list[Slice]:
    """Some operators alone, and some sets of operators."""
    chance, size = random.Random(3), len(whole.anatomy.nodes)  # noqa: S311
    chosen = [[index] for index in chance.sample(range(size), min(size, SINGLE))]
    chosen += [chance.sample(range(size), chance.randint(1, size)) for _ in range(CHANCE)]
    found = []
    for one in chosen:
        try:
            found.append(edges.sliced(whole.anatomy, one))
        except CannotCutError:
            continue
    return found


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_cut_answers_what_the_whole_had_there_bit_for_bit(
    model: Path, pythons: Mapping[str, Path], tmp_path: Path
) -> None:
    python = python_of(model, pythons)
    with apart(model) as whole:
        values = drawn(whole)
        marks = edges.fetchable(whole.anatomy)
        marked = written(whole, edges.whole(whole.anatomy, marks), values, tmp_path / "marked")
        plain = written(whole, edges.whole(whole.anatomy), values, tmp_path / "plain")
        answered(python, [marked, plain], tmp_path)
        with np.load(marked / "answers.npz") as answers:
            made = {name: f"out{place}" for place, name in enumerate(marks) if f"out{place}" in answers}
            recorded = {**values, **{name: answers[out] for name, out in made.items()}}
        with np.load(plain / "answers.npz") as answers:
            for place, name in enumerate(whole.anatomy.fetches):
                assert np.array_equal(
                    answers[f"out{place}"], recorded.get(name, answers[f"out{place}"]), equal_nan=True
                )
        possible = [one for one in parts(whole) if all(fed.name in recorded for fed in one.feeds)]
        folders = [written(whole, one, recorded, tmp_path / str(place)) for place, one in enumerate(possible)]
        answered(python, folders, tmp_path)
    assert len(possible) >= CHANCE / 2
    for part, folder in zip(possible, folders, strict=True):
        assert (folder / "answers.npz").is_file(), (part.kept, "it does not open")
        with np.load(folder / "answers.npz") as answers:
            seen = {name: answers[f"out{place}"] for place, name in enumerate(part.fetches) if name in recorded}
        for name, one in seen.items():
            assert one.dtype == recorded[name].dtype, (part.kept, name)
            assert one.tobytes() == recorded[name].tobytes(), (part.kept, name)


def held(python: Path, whole: ModelBody, names: list[str], values: Values, room: Path) -> list[bool]:
    """What the release has for conditions, from the model's own inputs on; False for what comes to no answer."""
    room.mkdir()
    parts = [edges.reaching(whole.anatomy, name) for name in names]
    folders = [written(whole, part, values, room / str(place)) for place, part in enumerate(parts)]
    answered(python, folders, room)
    found = []
    for folder in folders:
        with np.load(folder / "answers.npz") as answers:
            found.append(bool(answers["out0"].reshape(-1)[0]))
    return found


def taken(python: Path, whole: ModelBody, index: int, values: Values, room: Path) -> int:
    """The branch that is taken, or how many steps of a loop."""
    if blocks.sort_of(whole.anatomy.nodes[index]) is BlockSort.BRANCH:
        return 0 if held(python, whole, [whole.condition(index)], values, room)[0] else 1
    opened, made = whole.opened(index, TURNS)
    names = [blocks.value_before(opened.anatomy, *one) for one in made.conditions]
    return held(python, opened, names, values, room).index(False)


@pytest.mark.parametrize("model", [one for one in MODELS if "_resize-" in one.parent.name], ids=name_of)
def test_a_model_whose_loops_and_branches_are_opened_answers_what_the_whole_does_bit_for_bit(
    model: Path, pythons: Mapping[str, Path], tmp_path: Path
) -> None:
    python = python_of(model, pythons)
    with apart(model) as whole:
        values, now = drawn(whole), whole
        holding = [one for one, node in enumerate(now.anatomy.nodes) if node.blocks]
        while holding:
            room = tmp_path / f"conditions{len(holding)}"
            now, _ = now.opened(holding[0], taken(python, now, holding[0], values, room))
            holding = [one for one, node in enumerate(now.anatomy.nodes) if node.blocks]
        folders = [
            written(one, edges.whole(one.anatomy), values, tmp_path / str(place))
            for place, one in enumerate((whole, now))
        ]
        answered(python, folders, tmp_path)
    with np.load(folders[0] / "answers.npz") as right, np.load(folders[1] / "answers.npz") as opened:
        assert right["out0"].tobytes() == opened["out0"].tobytes()
