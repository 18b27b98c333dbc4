"""What real releases do with small models of single faults, and what check and convert say of it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.containers

GIVEN = ROOT / "tests" / "golden" / "given"


@pytest.fixture
def lab(real: Path, cli: Cli) -> Cli:
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, real / "scenarios" / name)
    return cli


def test_a_conversion_whose_predictor_dies_in_3_3_1_is_refused_and_kept_where_jit_is_enough(
    lab: Cli, tmp_path: Path
) -> None:
    words = ("convert", str(GIVEN / "upsample-2.6.2"), "--into", "json", "--engine", "docker")
    refused = lab(*words, "-o", str(tmp_path / "a"))
    assert refused.code == 4
    assert "by predictor in 3.3.1: NotImplementedError in infer" in refused.err
    assert not (tmp_path / "a").exists()
    kept = lab(*words, "-o", str(tmp_path / "b"), "--accept", "jit", "--json")
    assert kept.code == 0, kept.err
    made = json.loads(kept.out)
    assert made["release"] == "3.0.0"
    assert [(one["release"], one["route"]) for one in made["proved"] if not one["good"]] == [("3.3.1", "predictor")]


def test_a_quantised_model_is_not_laundered_into_one_that_answers_wrong(lab: Cli, tmp_path: Path) -> None:
    words = ("convert", str(GIVEN / "quantised-2.6.2"), "--into", "json", "--engine", "docker", "--release", "3.0.0")
    answer = lab(*words, "--readers", "3.0.0", "-o", str(tmp_path / "out"))
    assert answer.code == 4, answer.out
    assert "by jit in 3.0.0: mismatch" in answer.err
    assert "keeps it" not in answer.err, "no way is left that could be enough"
    assert not (tmp_path / "out").exists()
