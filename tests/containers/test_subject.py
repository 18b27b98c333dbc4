"""The user's own model in place of a scenario, in real containers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers
MODEL = ROOT / "tests" / "golden" / "models" / "2.6.2"


def test_a_model_of_2_6_is_cured_in_3_0_by_flag_and_guard_and_the_predictor_only_replaces_the_call(
    cli: Cli, real: Path, engine: Any, tmp_path: Path
) -> None:
    shutil.copyfile(ROOT / "scenarios" / "cures.toml", real / "scenarios" / "cures.toml")
    folder = tmp_path / "我的 model"
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.pdparams"))
    words = ("--at", "3.0.0", "--rounds", "0", "--repeat", "1", "--engine", "docker", "--json")
    answer = cli("cure", str(folder), *words)
    assert answer.code == 0, answer.err
    found = {"+".join(one["names"]): one["status"] for one in json.loads(answer.out)["tried"]}
    accepted = {name for name, status in found.items() if status == "accepted"}
    assert accepted == {"old-ir", "old-ir-guard"}
    assert (found["predictor"], found["predictor-no-onednn"]) == ("replacement", "placebo")
    assert found["placebo"] == "unsupported"
    assert left_behind(engine, real) == []
