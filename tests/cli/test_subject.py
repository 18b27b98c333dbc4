"""`lab bisect` and `lab cure` on the user's own model, with real model files and the toy engine."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.benches import quick  # noqa: F401 - a fixture
from tests.cli.given import Model, listing
from tests.cli.scenario_text import text
from tests.conftest import Cli

ENDS = ("--good", "2.6.2", "--bad", "3.3.1")
PLACES = ("--good", "release=2.6.2", "--bad", "release=3.1.1")


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """No index answers: a lock that is not complete cannot be made complete."""
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)


def test_a_model_is_bisected_as_it_is(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    before = listing(folder)
    answer = lab("bisect", str(folder), *ENDS, "--json")
    found = json.loads(answer.out)
    (strip,) = found["strips"]
    assert strip["last"] == "2.6.2"
    assert strip["suspects"][-1] == "3.0.0b2", "the first two betas cannot be built here"
    assert found["signature"].startswith("load:ValueError")
    assert answer.code == 3
    assert listing(folder) == before, "the user's own files are only read"
    assert "loading net.pdmodel, held against 2.6.2: first bad is one of" in lab("bisect", str(folder), *ENDS).out


def test_a_prefix_or_the_program_means_the_model_too(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    for path in (folder / "net", folder / "net.pdmodel"):
        answer = lab("bisect", str(path), *ENDS, "--json")
        assert json.loads(answer.out)["scenario"] == "model-net", answer.err


def test_a_cure_of_a_model_is_proved_against_the_release_that_wrote_it(lab: Cli, model: Model) -> None:
    answer = lab("cure", str(model("2.6.2")), "--at", "3.3.1", "--rounds", "0", "--repeat", "2")
    assert answer.code == 0, answer.err
    assert "net.pdmodel as it is, loaded by 3.3.1 by jit: fails 2 of 2 times" in answer.out
    assert "export FLAGS_enable_pir_api=" in answer.out
    assert "FLAGS_json_format_model is not registered" in answer.out


def test_every_repeat_of_a_cure_reads_a_copy_of_its_own(lab: Cli, model: Model, toy: Any) -> None:
    lab("cure", str(model("2.6.2")), "--at", "3.3.1", "--rounds", "0", "--repeat", "2")
    read = {job.saved for job in toy.jobs if job.saved}
    assert len(read) == 2


def test_a_good_release_that_does_not_run_the_model_is_exit_code_4(lab: Cli, model: Model) -> None:
    answer = lab("bisect", str(model("3.3.1")), "--good", "2.6.2", "--bad", "3.0.0")
    assert answer.code == 4
    assert (
        "2.6.2 by jit, static, predictor does not run the model, so there are no numbers to compare with" in answer.err
    )


def test_a_model_that_works_everywhere_has_no_bad_end(lab: Cli, model: Model) -> None:
    answer = lab("bisect", str(model("3.0.0")), "--good", "3.0.0", "--bad", "3.3.1")
    assert answer.code == 4
    assert "3.3.1 does not fail" in answer.err


@pytest.mark.parametrize(
    "words", [("--saver", "2.6.2"), ("--save-flag", "A=1"), ("--axis", "both"), ("--axis", "saver")]
)
def test_words_that_speak_of_saving_are_refused_for_a_model(lab: Cli, model: Model, words: tuple[str, ...]) -> None:
    answer = lab("bisect", str(model("2.6.2")), *ENDS, *words)
    assert answer.code == 2
    assert f"{words[0]} speaks of saving, and a model given as files is not saved" in answer.err


def test_inputs_are_for_a_model_only(lab: Cli, bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    answer = lab("bisect", "toy", *ENDS, "--dim", "batch=2")
    assert answer.code == 2
    assert "toy is a scenario, which makes its own inputs" in answer.err


def test_a_model_takes_the_users_own_inputs(lab: Cli, model: Model, tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"image": np.zeros((1, 1, 8, 8), "float32"), "length": np.ones((1, 1), "int64")}
    np.savez(tmp_path / "mine.npz", **arrays)
    answer = lab("bisect", str(model("2.6.2")), *ENDS, "--inputs", str(tmp_path / "mine.npz"), "--json")
    assert answer.code == 3, answer.err


def test_a_word_that_is_neither_names_the_nearest_scenario(lab: Cli, bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    answer = lab("bisect", "toi", *ENDS)
    assert answer.code == 2
    assert "there is no scenario 'toi'" in answer.err


def test_a_scenario_is_meant_where_a_folder_has_the_same_name(
    lab: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    (bench / "toy").mkdir()
    monkeypatch.chdir(bench)
    assert json.loads(lab("bisect", "toy", *ENDS, "--dry-run", "--json").out)["rows"]
    assert "toy is empty" in lab("bisect", "./toy", *ENDS).err, "a path means what lies there"


def test_a_path_at_which_there_is_nothing_says_so(lab: Cli, tmp_path: Path) -> None:
    answer = lab("bisect", str(tmp_path / "gone"), *ENDS)
    assert answer.code == 2
    assert "there is no scenario file and no model at" in answer.err


def test_another_way_of_opening_is_held_against_its_own_answers(lab: Cli, model: Model, bench: Path) -> None:
    folder = str(model("2.6.2"))
    lab("check", folder, "--rounds", "0")
    for route in ("jit", "predictor"):
        lab("cure", folder, "--at", "3.3.1", "--route", route, "--rounds", "0", "--repeat", "1")
        newest = max((bench / "results" / "runs").iterdir(), key=lambda one: one.stat().st_mtime)
        (kept,) = newest.glob("saves/*/out/reference.json")
        assert json.loads(kept.read_text())["reference"] == f"2.6.2 by {route}"


def test_a_damaged_model_is_refused_before_anything_runs(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("2.6.2")
    whole = (folder / "net.pdiparams").read_bytes()
    (folder / "net.pdiparams").write_bytes(whole[:-20])
    answer = lab("cure", str(folder), "--at", "3.3.1")
    assert answer.code == 2
    assert "not safe with any release" in answer.err
    assert not toy.jobs


def test_of_a_model_it_is_said_which_difference_is_to_blame(lab: Cli, model: Model) -> None:
    folder = model("2.6.2")
    before = listing(folder)
    answer = lab("isolate", str(folder), "--good", "release=2.6.2", "--bad", "release=3.1.1,threads=2", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["scenario"], found["saver"]) == (0, "model-net", "2.6.2"), answer.err
    assert {one["name"]: one["status"] for one in found["axes"]}["release"] == "matters"
    assert found["signature"].startswith("load:ValueError")
    assert listing(folder) == before, "the user's own files are only read"


def test_a_model_is_explained_on_one_page(lab: Cli, model: Model) -> None:
    answer = lab("explain", str(model("2.6.2")), "--at", "3.1.1", "--rounds", "0", "--repeat", "1", "--json")
    found = json.loads(answer.out)
    assert answer.code in (0, 3), answer.err
    assert (found["status"], found["good"], found["bad"]) == ("fails", "2.6.2", "3.1.1")
    assert found["side"].startswith("loading: the model was given as files")
    assert found["since"]["strips"][0]["last"] == "2.6.2"
    assert "accepted" in {one["status"] for one in found["cured"]["tried"]}


def test_a_model_that_works_where_it_was_said_to_fail_is_no_problem(lab: Cli, model: Model) -> None:
    assert lab("explain", str(model("3.0.0")), "--at", "3.1.1", "--rounds", "0").code == 4


def test_a_model_is_not_explained_by_a_good_release_that_is_the_bad_one(lab: Cli, model: Model, toy: Any) -> None:
    answer = lab("explain", str(model("2.6.2")), "--at", "2.6.2", "--good", "2.6.2")
    assert (answer.code, toy.jobs) == (2, [])
    assert "held against itself" in answer.err


def test_in_the_release_that_wrote_it_the_ways_of_opening_a_model_are_held_against_each_other(
    lab: Cli, model: Model
) -> None:
    answer = lab("explain", str(model("2.6.2")), "--at", "2.6.2", "--rounds", "0", "--json")
    found = json.loads(answer.out)
    assert (found["status"], answer.code) == ("works", 4)
    assert [one["label"] for one in found["pairs"]] == [f"2.6.2 by {way}" for way in ("jit", "static", "predictor")]


@pytest.mark.usefixtures("quick")
def test_a_model_is_timed_as_it_is_in_every_release(lab: Cli, model: Model, toy: Any) -> None:
    folder = model("3.0.0")
    before = listing(folder)
    words = ("bench", str(folder), "--releases", "3.0.0,3.3.1", "--blocks", "6", "--metric", "load", "--json")
    answer = lab(*words)
    found = json.loads(answer.out)
    assert answer.code == 0, answer.err
    assert (found["scenario"], found["blocks"]) == ("model-net", 6)
    assert [one["side"] for one in found["rows"]] == ["3.3.1-cpu-py311"]
    assert listing(folder) == before, "the user's own files are only read"


@pytest.mark.parametrize("verb", [("bench", "--releases", "3.0.0,3.3.1"), ("isolate", *PLACES)])
def test_nothing_saves_a_given_model(lab: Cli, model: Model, toy: Any, verb: tuple[str, ...]) -> None:
    answer = lab(verb[0], str(model("3.0.0")), *verb[1:], "--saver", "3.0.0")
    assert (answer.code, toy.jobs) == (2, [])
    assert "--saver speaks of saving" in answer.err
