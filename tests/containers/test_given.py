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


def test_formulas_say_that_jit_load_is_right_and_the_predictor_is_wrong(lab: Cli) -> None:
    answer = lab("check", str(GIVEN / "bilinear_corners-3.0.0"), "--rounds", "0", "--engine", "docker", "--json")
    assert answer.code == 10, answer.err
    told = json.loads(answer.out)
    assert told["third"] == {"by": "numpy formulas", "unknown": ""}
    numbers = {
        (one["release"], one["way"]["route"]): one["third"].partition(" ")[0] for one in told["attempts"]
        if not one["way"]["env"]
    }  # fmt: skip
    assert (numbers["3.0.0", "jit"], numbers["3.0.0", "predictor"]) == ("close", "mismatch")
    assert (
        "By numpy formulas jit.load, static.load_inference_model and the predictor without oneDNN are right"
        in told["paragraph"]
    )


def test_a_quantised_json_that_every_way_answers_alike_and_wrong_is_wrong_before_and_after(lab: Cli) -> None:
    answer = lab("check", str(GIVEN / "quantised-3.0.0"), "--rounds", "0", "--engine", "docker", "--json")
    assert answer.code == 10, answer.err
    told = json.loads(answer.out)
    assert "jit.load and static.load_inference_model do not answer what numpy formulas answer" in told["paragraph"]
    assert told["answers"][0]["use"] == []


def test_outputs_that_jit_load_gives_in_another_order_are_the_same_outputs(lab: Cli) -> None:
    words = ("check", str(GIVEN / "order-2.6.2"), "--to", "3.3.1", "--rounds", "0", "--engine", "docker", "--json")
    answer = lab(*words)
    assert answer.code == 9, answer.err
    told = json.loads(answer.out)
    assert told["answers"][0]["verdict"] == "SAFE ANOTHER WAY"
    assert "in an order of its own (2, 3, 4, 5, 1 of the program's)" in " ".join(told["assumed"])
    assert told["third"] is None, "no ways disagree"
    assert [one["shown"] for one in told["snippets"]] == [True, True]
