"""What a save left is told by its program, and what is no plain model is not guessed at."""

import shutil
from pathlib import Path

import pytest

from lab.model import Kind, Outcome, Phase, TrialResult
from lab.run import saved_files
from tests.conftest import ROOT

MODELS = ROOT / "tests" / "golden" / "models"


def left(tmp_path: Path, *endings: str, release: str = "2.6.2") -> Path:
    """The `out` folder of a save with these files of a golden model."""
    model = tmp_path / "saves" / "2.6.2-cpu-py311" / "out" / "model"
    model.mkdir(parents=True)
    for ending in endings:
        shutil.copyfile(MODELS / release / f"net{ending}", model / f"net{ending}")
    return model.parent


@pytest.mark.parametrize(("release", "ending"), [("2.6.2", ".pdmodel"), ("3.0.0", ".json")])
def test_format_operators_and_parameters_are_those_of_the_program(tmp_path: Path, release: str, ending: str) -> None:
    found = saved_files.facts(left(tmp_path, ending, release=release))
    assert found is not None
    assert (found.format, found.parameters) == (ending, True)
    assert found.operators
    assert not any("." in name for name in found.operators)


def test_a_trial_is_told_by_the_save_it_loaded(tmp_path: Path) -> None:
    left(tmp_path, ".pdmodel")
    outcome = Outcome(kind=Kind.NATIVE_CRASH, phase=Phase.LOAD)
    trial = TrialResult(
        label="", key="", saver="2.6.2-cpu-py311", loader="", saver_env={}, loader_env={}, route="own", outcome=outcome,
        folder="trials/one",
    )  # fmt: skip
    found = saved_files.of_run(tmp_path)(trial)
    assert found is not None
    assert found.format == ".pdmodel"


def test_of_a_link_or_of_nothing_at_all_nothing_is_known(tmp_path: Path) -> None:
    out = left(tmp_path)
    assert saved_files.facts(out) is None
    (out / "model" / "net.pdmodel").symlink_to(MODELS / "2.6.2" / "net.pdmodel")
    assert saved_files.facts(out) is None


def test_of_what_is_no_program_nothing_is_known(tmp_path: Path) -> None:
    out = left(tmp_path)
    (out / "model" / "net.json").write_text("{", encoding="utf-8")
    assert saved_files.facts(out) is None
