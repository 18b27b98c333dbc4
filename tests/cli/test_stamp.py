"""`lab stamp` of models as large as real ones: a small file that is held to years later, without the old release."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.given import Model
from tests.cli.test_check import FAST, skewed, with_variables, words
from tests.conftest import Cli

TALL = 50_000


@pytest.fixture
def tall(toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the model answers 300,000 numbers, as a recogniser of text does."""
    with_variables(toy, {"TOY_PADDLE_TALL": str(TALL)}, monkeypatch)


@pytest.fixture
def stamped(lab: Cli, model: Model, tall: None) -> Path:
    folder = model("3.0.0")
    answer = lab("stamp", str(folder))
    assert answer.code == 0, answer.err
    assert "out0 float32 [2, 150000] one of every" in answer.out
    assert "WARNING" not in answer.out
    return folder


def test_a_stamp_of_a_large_model_is_a_few_hundred_kilobytes(stamped: Path) -> None:
    path = stamped / "net.lab.json"
    assert path.stat().st_size < 300_000
    kept = json.loads(path.read_text(encoding="utf-8"))["outputs"][0]
    assert kept["step"] > 1
    assert len(kept["sha256"]) == 64
    assert set(kept["summary"]) == {"min", "max", "mean", "deviation", "first"}


def test_it_is_checked_without_the_release_that_made_it(lab: Cli, stamped: Path, toy: Any) -> None:
    toy.unbuildable = ("3.0.0-cpu-py311",)
    toy.built.clear()
    answer = lab("check", str(stamped), "--to", "3.3.1", *FAST)
    assert answer.code == 0, answer.out + answer.err
    assert "numbers are held against the stamp of" in words(answer)


def test_other_numbers_than_its_sample_are_never_safe(
    lab: Cli, stamped: Path, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    skewed(toy, "3.", monkeypatch)
    answer = lab("check", str(stamped), "--to", "3.3.1", *FAST)
    assert answer.code != 0
    assert "NOT AS STAMPED" in answer.out


def test_given_inputs_too_large_to_keep_are_warned_of_and_held_to_when_they_are_given_again(
    lab: Cli, model: Model, tmp_path: Path
) -> None:
    folder, path = model("3.0.0"), tmp_path / "x.npz"
    image = np.random.RandomState(0).rand(2000, 1, 8, 8).astype("float32")
    np.savez(path, image=image, length=np.ones((2000, 1), "int64"))
    answer = lab("stamp", str(folder), "--inputs", str(path))
    assert answer.code == 0, answer.err
    assert "WARNING   image is kept only as a hash" in answer.out
    alone = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert (alone.code, alone.out) == (2, "")
    assert "--inputs x.npz" in alone.err
    again = lab("check", str(folder), "--to", "3.3.1", "--inputs", str(path), *FAST)
    assert again.code == 0, again.out + again.err
    assert "numbers are held against the stamp of" in words(again)


@pytest.mark.parametrize(
    ("part", "name", "said"),
    [
        ("inputs", "picture", "the stamp names its inputs picture"),
        ("feeds", "picture", "the stamp draws its inputs as picture"),
        ("outputs", "probability", "the stamp names its outputs probability"),
    ],
)
def test_a_stamp_whose_names_were_changed_by_hand_is_no_stamp(
    lab: Cli, model: Model, part: str, name: str, said: str
) -> None:
    folder = model("3.0.0")
    assert lab("stamp", str(folder)).code == 0
    path = folder / "net.lab.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told[part][0]["name"] = name
    path.write_text(json.dumps(told), encoding="utf-8")
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST)
    assert answer.code == 2
    assert said in answer.err
