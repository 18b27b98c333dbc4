"""`lab locate` over the toy engine: what does not fail, what cannot be looked at, and what fits nothing, each said as it is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import Model
from tests.cli.test_check import with_variables
from tests.conftest import Cli


def test_a_model_that_does_not_fail_is_code_4_and_says_what_was_tried(lab: Cli, model: Model) -> None:
    answer = lab("locate", str(model("3.0.0")), "--bad", "3.3.1")
    assert answer.code == 4
    assert "the bad place, 3.3.1-cpu-py311, does not fail with net.json: by predictor ok" in answer.err
    assert "the good place, 3.0.0-cpu-py311 by static, works" in answer.err
    assert all(f"by {way} ok (exact)" in answer.err for way in ("predictor", "jit", "static"))


def test_one_place_is_never_held_against_itself(lab: Cli, model: Model) -> None:
    answer = lab("locate", str(model("3.0.0")), "--good", "3.0.0", "--bad", "3.0.0", "--route", "static")
    assert answer.code == 4
    assert "does not fail with net.json: by static ok" in answer.err
    assert "the good place, 3.0.0-cpu-py311 by jit, works" in answer.err


def test_a_good_place_that_does_not_run_the_model_is_code_4_with_its_reasons(lab: Cli, model: Model) -> None:
    answer = lab("locate", str(model("3.0.0")), "--good", "2.6.2", "--bad", "3.3.1")
    assert answer.code == 4
    assert (
        "the good place, 2.6.2-cpu-py311, does not run net.json, so there are no values to hold others against"
        in answer.err
    )
    assert "--good RELEASE" in answer.err


def test_where_no_cut_could_be_asked_nothing_is_accused(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The toy answers no cut as the whole model: every one of them is unknown, and none of them to blame."""
    with_variables(toy, {"TOY_PADDLE_ONEDNN_SKEW": "0.5"}, monkeypatch)
    answer = lab("locate", str(model("3.0.0")), "--bad", "3.3.1", "--json")
    told = json.loads(answer.out)
    assert (answer.code, told["verdict"], told["sort"]) == (1, "NOTHING FOUND", "not located")
    assert {one["alone"]["sort"] for one in told["operators"]} == {"not known"}
    assert told["first"] is None
    assert told["failure"]["kind"] == "numeric_mismatch"
    stored = json.loads((bench / "results" / "runs" / told["run"] / "location.json").read_text())
    assert stored["operators"] == told["operators"]
    left = {one.name for one in (bench / "results" / "runs" / told["run"]).iterdir()}
    assert not left & {"cuts", "starts"}, "nothing of the cuts stays in the run"
    shown = lab("runs", "show", told["run"]).out
    assert "not located: no cut that could be tried shows it." in shown
    assert "NO VERDICT" not in shown
    listed = lab("runs", "list").out
    assert "not located" in listed
    assert "0 pairs" not in listed
    for more, linked in ((), False), (("--with-checks",), True):
        assert lab("report", *more).code == 0
        page = f"locations/{told['run']}.html"
        assert (page in (bench / "results" / "report" / "index.html").read_text()) == linked, (
            "a model is its user's own"
        )
        assert (bench / "results" / "report" / page).is_file() == linked


def test_what_a_run_showed_is_taken_from_the_run(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_ONEDNN_SKEW": "0.5"}, monkeypatch)
    run = json.loads(lab("check", str(model("3.0.0")), "--to", "3.3.1", "--rounds", "0", "--json").out)["run"]
    planned = json.loads(lab("locate", run, "--dry-run", "--json").out)
    assert planned["bad"]["ways"] == ["predictor"]
    assert planned["good"]["ways"][0] == "static"
    assert set(planned["inputs"]) == {"image", "length"}
    assert lab("locate", run, "--good", "3.0.0").code in (0, 1, 3)
    again = json.loads(lab("locate", "last", "--dry-run", "--json").out)
    assert again["inputs"] == planned["inputs"], "last is what tried pairs, and not an earlier cut of it"
    answer = lab("locate", run, "--inputs", "x.npz")
    assert (answer.code, "is a run, which has its inputs" in answer.err, "leave --inputs out" in answer.err) == (
        2,
        True,
        True,
    )
    fine = lab("locate", run, "--route", "jit")
    assert (fine.code, "is opened by predictor, and not by jit" in fine.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no/such/model",), "there is no model at no/such/model"),
        (("nothing",), "there is no run 'nothing'"),
        (("last", "--route", "sideways"), "there is no route 'sideways'"),
        (("last", "--signature", "("), "is no regular expression"),
        (("last", "--flag", "x"), "'x' is not NAME=VALUE"),
    ],
)
def test_words_that_fit_nothing_are_one_sentence_and_code_2(lab: Cli, words: tuple[str, ...], said: str) -> None:
    answer = lab("locate", *words)
    assert answer.code == 2
    assert said in answer.err
    assert len(answer.err.strip().splitlines()) <= 3


@pytest.mark.parametrize("verb", ["locate", "reduce", "check"])
def test_what_is_said_of_damaged_files_names_no_word_that_the_verb_lacks(lab: Cli, model: Model, verb: str) -> None:
    given = model("3.0.0")
    path = given / "net.pdiparams"
    path.write_bytes(path.read_bytes()[:-8])
    answer = lab(verb, str(given))
    assert (answer.code, "not safe with any release" in answer.err) == (2, True), answer.err
    assert ("--anyway" in answer.err) == (verb == "check")


def test_a_program_beyond_two_gigabytes_is_refused_in_one_sentence(lab: Cli, model: Model) -> None:
    """It is sparse: nothing of it is read."""
    given = model("3.0.0")
    os.truncate(given / "net.json", (2 << 30) + 1)
    for verb in ("locate", "reduce"):
        answer = lab(verb, str(given))
        assert (answer.code, "too large for a program" in answer.err) == (2, True), answer.err
        assert len(answer.err.strip().splitlines()) <= 3
