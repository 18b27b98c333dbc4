"""Cures in real containers: what public reports showed to be wrong of `lab cure`, `lab bisect` and `lab explain`."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Answer, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers
FAULTS = ROOT / "tests" / "golden" / "faults"
QUICK = ("--rounds", "0", "--repeat", "1", "--engine", "docker", "--json")


@pytest.fixture
def library(real: Path) -> Path:
    """A workspace with the cures, the known problems, and the scenarios of the library."""
    for path in [*(ROOT / "scenarios").glob("*.py"), *(ROOT / "scenarios").glob("*.toml")]:
        shutil.copyfile(path, real / "scenarios" / path.name)
    return real


def tried(answer: Answer) -> dict[str, dict[str, Any]]:
    assert answer.code == 0, answer.err
    return {"+".join(one["names"]): one for one in json.loads(answer.out)["tried"]}


def test_an_export_without_pdmodel_is_cured_where_no_release_reads_it(cli: Cli, library: Path, engine: Any) -> None:
    found = tried(cli("cure", "no_pdmodel", "--at", "3.0.0", *QUICK))
    assert (found["old-ir"]["status"], found["old-ir"]["moment"]) == ("accepted", "while saving")
    assert (found["predictor"]["status"], found["predictor-no-onednn"]["status"]) == ("replacement", "placebo")
    assert left_behind(engine, library) == []


def test_numbers_that_every_release_gets_wrong_are_cured_on_both_sides(cli: Cli, library: Path) -> None:
    found = tried(cli("cure", "output_plus_constant", "--at", "3.3.1", "--saver", "3.0.0", *QUICK))
    assert (found["old-ir"]["status"], found["old-ir"]["moment"]) == ("accepted", "while saving and loading")
    assert {one["status"] for name, one in found.items() if name in ("no-cse", "no-inplace-pass")} == {"wrong numbers"}


def test_a_model_that_only_the_predictor_cannot_run_is_cured_with_lines_that_fit_its_files(
    cli: Cli, library: Path
) -> None:
    answer = cli("cure", str(FAULTS / "upsample"), "--at", "3.3.1", *QUICK)
    found = json.loads(answer.out)
    assert {one["route"]: one["sort"] for one in found["ways"]} == {"jit": "good", "static": "good", "predictor": "bad"}
    assert tried(answer)["predictor-no-onednn"]["status"] == "accepted"
    (cure,) = [one for one in found["cures"] if one["name"] == "predictor-no-onednn"]
    assert 'inference.Config(path + ".json", path + ".pdiparams")' in cure["code"]


def test_a_model_is_bisected_by_the_way_that_turns(cli: Cli, library: Path) -> None:
    answer = cli(
        "bisect", str(FAULTS / "upsample"), "--good", "3.2.2", "--bad", "3.3.1", "--engine", "docker", "--json"
    )
    found = json.loads(answer.out)
    assert found["route"] == "predictor"
    assert found["strips"][0]["suspects"] == ["3.3.0"]


def test_window_attention_is_known_with_its_cure(cli: Cli, library: Path) -> None:
    answer = cli("repro", "window_attention_onednn", "--rounds", "0", "--engine", "docker")
    assert answer.code == 0, answer.err
    assert "this is PaddlePaddle/Paddle#59252" in answer.out
