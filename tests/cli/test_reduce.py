"""`lab reduce` says what is wrong with its words before anything runs, and writes nothing then."""

from pathlib import Path

import pytest

from tests.cli.given import Model
from tests.cli.scenario_text import text
from tests.conftest import Cli


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is written without a name lands here."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_folder_in_which_something_lies_is_left_alone(lab: Cli, model: Model, here: Path) -> None:
    (here / "out").mkdir()
    (here / "out" / "mine").touch()
    answer = lab("reduce", str(model("2.6.2")), "-o", "out")
    assert answer.code == 2
    assert "out is there already, and not empty" in answer.err
    assert [one.name for one in (here / "out").iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_is_said_at_once(lab: Cli, model: Model) -> None:
    answer = lab("reduce", str(model("2.6.2")), "-o", "no/where")
    assert answer.code == 2
    assert "its parent is no folder" in answer.err


def test_a_path_at_which_there_is_no_model_is_said(lab: Cli) -> None:
    answer = lab("reduce", "no/model")
    assert answer.code == 2
    assert "there is no model at no/model" in answer.err


def test_a_pattern_that_is_none_is_said_before_anything_is_looked_at(lab: Cli) -> None:
    answer = lab("reduce", "no/model", "--signature", "[")
    assert answer.code == 2
    assert "--signature '[' is no regular expression" in answer.err


def test_inputs_beside_a_run_are_refused_because_it_has_its_own(lab: Cli) -> None:
    answer = lab("reduce", "last", "--inputs", "x.npz")
    assert answer.code == 2
    assert "last is a run, which has its inputs" in answer.err


def test_a_way_that_is_none_is_said(lab: Cli, model: Model) -> None:
    answer = lab("reduce", str(model("2.6.2")), "--route", "own")
    assert answer.code == 2
    assert "there is no route 'own'" in answer.err


def test_a_run_in_which_nothing_fails_is_nothing_to_reduce(lab: Cli, bench: Path) -> None:
    (bench / "scenarios" / "fine.py").write_text(text(), encoding="utf-8")
    assert lab("run", "fine", "--savers", "2.6.2", "--loaders", "2.6.2").code == 0
    answer = lab("reduce", "last")
    assert answer.code == 2
    assert "no trial of run" in answer.err
    assert "fails" in answer.err
