"""What `lab check` concludes and says where ways disagree, where somebody says what is right, and where nobody does."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.check import expected
from lab.engine.protocol import Job, JobResult
from tests.cli.given import Model
from tests.cli.test_check import FAST, found, words
from tests.conftest import Cli


def played(toy: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *releases: str) -> None:
    """From now on these releases, or all of them, find these variables."""
    run = toy.run

    def with_them(job: Job) -> JobResult:
        mine = not releases or any(job.image.environment.startswith(one) for one in releases)
        return run(replace(job, env={**job.env, **(variables if mine else {})}))  # type: ignore[no-any-return]

    monkeypatch.setattr(toy, "run", with_them)


def test_a_predictor_that_is_wrong_in_both_releases_is_said_first_and_never_called_safe(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(toy, monkeypatch, {"TOY_PADDLE_ONEDNN_SKEW": "5"})
    folder = str(model("3.0.0"))
    answer = lab("check", folder, "--to", "3.3.1", *FAST)
    assert answer.code == 10, answer.out + answer.err
    assert words(answer).startswith(
        "WRONG BEFORE AND AFTER: net from 3.0.0 to 3.3.1: the predictor does not answer what jit.load of 3.0.0 answers "
        "(mismatch (5)), in both releases. What gives bit for bit the same numbers: unchanged, jit.load, "
        "static.load_inference_model or the predictor without oneDNN."
    )
    assert "nobody vouched for those" in words(answer)
    assert "to use in 3.3.1 instead of the predictor" in words(answer)
    assert 'inference.Config(path + ".json", path + ".pdiparams")' in words(answer)
    assert "config.disable_mkldnn()" in answer.out
    told = found(lab("check", folder, "--to", "3.3.1", *FAST, "--json"))
    assert (told["verdict"], told["exit_code"]) == ("WRONG BEFORE AND AFTER", 10)
    assert [one["verdict"] for one in told["answers"]] == ["WRONG BEFORE AND AFTER"]
    assert told["snippets"][0]["shown"]


def test_formulas_are_asked_only_where_ways_disagree_and_decide_nothing_where_no_way_bears_them_out(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(model("3.0.0"))
    told = found(lab("check", folder, "--to", "3.3.1", *FAST, "--json"))
    assert (told["verdict"], told["third"]) == ("SAFE", None)
    played(toy, monkeypatch, {"TOY_PADDLE_ONEDNN_SKEW": "5"})
    told = found(lab("check", folder, "--to", "3.3.1", *FAST, "--json", "--fresh"))
    assert told["third"] == {"by": "numpy formulas", "unknown": ""}
    kept = np.load(bench / "results" / "runs" / told["run"] / "third" / "outputs.npz")
    assert [(one.dtype, one.shape) for one in kept.values()] == [(np.float32, (2, 3)), (np.int64, (2, 1))]
    assert {one["third"].partition(" ")[0] for one in told["attempts"]} == {"mismatch"}, "the toy makes its numbers up"
    assert "Numpy formulas answer otherwise than every way" in told["paragraph"]
    assert [one["way"]["route"] for one in told["answers"][0]["use"]] == ["predictor_no_onednn"]


def test_what_a_predictor_that_fails_is_replaced_by_was_run_as_it_is_printed(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(toy, monkeypatch, {"TOY_PADDLE_ONEDNN_RAISES": "1"}, "3.3.1")
    told = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert (told["verdict"], told["exit_code"]) == ("SAFE ANOTHER WAY", 9)
    (ran,) = (bench / "results" / "runs" / told["run"] / "lines").glob("*/lines.py")
    lines = told["answers"][0]["lines"]
    assert "config.disable_mkldnn()" in lines
    (place,) = [line for line in lines.splitlines() if line.startswith("path = ")]
    assert json.dumps(lines.replace(place, 'path = "net"')) in ran.read_text(encoding="utf-8")


def test_lines_that_do_not_run_as_they_stand_are_not_shown(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(toy, monkeypatch, {"TOY_PADDLE_ONEDNN_RAISES": "1"}, "3.3.1")
    cures = bench / "scenarios" / "cures.toml"
    cures.write_text(cures.read_text(encoding="utf-8").replace("disable_mkldnn", "enable_what_never_was"), "utf-8")
    answer = lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST)
    assert "enable_what_never_was" not in answer.out
    assert "to use in" not in words(answer)
    assert "lines for the predictor without oneDNN in 3.3.1 are not shown: run as they stand they gave" in words(answer)


def test_a_flag_that_turns_an_error_into_other_numbers_is_a_warning_and_its_known_cure_is_none(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(toy, monkeypatch, {"TOY_PADDLE_OLD_IR_SKEW": "5"}, "3.3.1")
    answer = lab("check", str(model("2.6.2")), "--to", "3.3.1", *FAST)
    assert "WARNING: jit.load with FLAGS_enable_pir_api=False in 3.3.1 turns an error (ValueError in load)" in words(
        answer
    )
    assert 'FLAGS_enable_pir_api"] =' not in answer.out
    assert "tried without effect: old-ir" not in words(answer)
    known = words(answer).partition(" known ")[2]
    assert known
    assert "cure: FLAGS_enable_pir_api=False" not in known
    assert "no cure here: what is known to cure it gave other numbers by jit.load with" in known


def test_changed_weights_under_an_old_stamp_are_one_verdict_one_reason_and_no_flag_is_tried(
    lab: Cli, toy: Any, model: Model
) -> None:
    folder = model("2.6.2")
    assert lab("stamp", str(folder)).code == 0
    data = bytearray((folder / "net.pdiparams").read_bytes())
    data[-1] ^= 1
    (folder / "net.pdiparams").write_bytes(data)
    answer = lab("check", str(folder), "--to", "3.3.1", *FAST, "--json")
    told = found(answer)
    assert (told["verdict"], told["exit_code"]) == ("NOT AS STAMPED", 11)
    assert len(told["changed"]) == 1
    assert told["paragraph"].startswith("NOT AS STAMPED: net.pdiparams has changed since it was stamped")
    assert "SAFE" not in told["paragraph"]
    assert not [one for one in told["attempts"] if one["way"]["env"]]
    assert (told["snippets"], told["answers"][0]["use"]) == ([], [])


def inputs(folder: Path) -> tuple[Path, Any]:
    """Inputs in a file, and what the toy answers to them with the weights of a model."""
    arrays: dict[str, Any] = {"image": np.ones((1, 1, 8, 8), "float32"), "length": np.ones((1, 1), "int64")}
    np.savez(folder.parent / "x.npz", **arrays)
    weight = sum((folder / "net.pdiparams").read_bytes()) / 1e6
    total = 64.0 + 2.0 + weight
    return folder.parent / "x.npz", (np.linspace(0, 1, 6).reshape(2, 3).astype("float32") * total).astype("float32")


def test_outputs_that_are_said_to_be_right_are_what_counts(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = model("3.0.0")
    given, answers = inputs(folder)
    wanted = folder.parent / "y.npz"
    read = expected.read
    # The toy gives one output, whatever the program says of them.
    monkeypatch.setattr("lab.check.expected.read", lambda path, _: read(path, ()))
    np.savez(wanted, answers)
    asked = ("check", str(folder), "--to", "3.3.1", "--inputs", str(given), "--expect", str(wanted), *FAST)
    answer = lab(*asked)
    assert answer.code == 0, answer.out + answer.err
    assert "numbers are held against the expected outputs in y.npz, which count as right" in words(answer)
    assert "nobody vouched" not in answer.out
    played(toy, monkeypatch, {"TOY_PADDLE_SKEW": "5"})
    answer = lab(*asked, "--fresh")
    assert answer.code == 10, answer.out
    assert (
        "jit.load, static.load_inference_model, the predictor and the predictor without oneDNN do not answer as the expected outputs in y.npz would have (mismatch (5)), in both releases"
        in words(answer)
    )


GOOD = np.ones((2, 3), "float32")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"what": GOOD}, "names what, and"),
        ({"out1": GOOD}, "has out1"),
        ({"out0": np.full((2, 3), np.nan, "float32"), "out1": GOOD}, "has NaN in it"),
        ({"out0": np.array([{}], dtype=object)}, "no npz file of plain arrays"),
        ({}, "holds no array"),
        (None, "no npz file"),
    ],
)
def test_bad_expected_outputs_are_one_sentence_before_anything_runs(
    lab: Cli, toy: Any, model: Model, arrays: dict[str, Any] | None, said: str
) -> None:
    folder = model("3.0.0")
    given, _ = inputs(folder)
    wanted = folder.parent / "y.npz"
    wanted.write_text("no archive", encoding="utf-8") if arrays is None else np.savez(wanted, **arrays)
    answer = lab("check", str(folder), "--inputs", str(given), "--expect", str(wanted), *FAST)
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert said in answer.err


def test_expected_outputs_that_are_too_large_are_refused_unread(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.check.expected.LARGEST", 10)
    folder = model("3.0.0")
    given, answers = inputs(folder)
    np.savez(folder.parent / "y.npz", answers)
    answer = lab("check", str(folder), "--inputs", str(given), "--expect", str(folder.parent / "y.npz"), *FAST)
    assert (answer.code, toy.jobs) == (2, [])
    assert "expected outputs may have 1 GiB" in answer.err


def test_expected_outputs_need_the_inputs_they_belong_to(lab: Cli, toy: Any, model: Model) -> None:
    answer = lab("check", str(model("3.0.0")), "--expect", "y.npz", *FAST)
    assert (answer.code, toy.jobs) == (2, [])
    assert "--inputs x.npz" in answer.err


def test_without_rounds_no_times_of_an_earlier_check_are_shown(lab: Cli, model: Model) -> None:
    folder = str(model("3.0.0"))
    assert "a call takes" in words(lab("check", folder, "--to", "3.3.1", "--rounds", "1"))
    answer = lab("check", folder, "--to", "3.3.1", *FAST)
    assert "call ratio" not in answer.out
    assert "a call takes" not in words(answer)


def test_not_known_quotes_the_message_that_decided(lab: Cli, model: Model, toy: Any) -> None:
    toy.unbuildable = ("3.3.1-cpu-py311",)
    answer = lab("check", str(model("3.0.0")), *FAST)
    assert answer.code == 5
    assert "Nothing could be tried there (build_failure): the image for 3.3.1-cpu-py311 could not be built." in words(
        answer
    )
