"""`lab reduce` says what is wrong with its words before anything runs, and writes nothing then."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.cut import body
from lab.model.reduction import NOT_CLEAN
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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--symptom", "leak"), "a leak is not reduced"),
        (("--symptom", "sad"), "there is no symptom 'sad'"),
        (("--perf", "load:20%"), "--perf load: what is reduced is how long calls take"),
        (("--symptom", "slower", "--bundle", "x.tgz"), "a bundle shows a failure, and what is only slow is none"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_what_cannot_be_looked_for_is_said_before_anything_runs(
    lab: Cli, model: Model, words: tuple[str, ...], said: str
) -> None:
    answer = lab("reduce", str(model("2.6.2")), *words)
    assert answer.code == 2
    assert said in answer.err


def test_a_place_is_not_slower_than_itself(lab: Cli, model: Model, toy: Any) -> None:
    answer = lab("reduce", str(model("2.6.2")), "--good", "2.6.2", "--bad", "2.6.2", "--symptom", "slower")
    assert answer.code == 4
    assert "2.6.2 and 2.6.2 are the same place with the same settings" in answer.err
    assert toy.jobs == []


def test_a_search_that_was_interrupted_goes_on_by_the_command_it_prints_and_asks_nothing_twice(
    lab: Cli, model: Model, bench: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    (here / "answers of mine").mkdir()
    words = (
        "--bad",
        "3.1.1",
        "--route",
        "jit",
        "--repeat",
        "2",
        "--keep-inputs",
        "-o",
        "answers of mine/smaller",
        "--json",
    )
    with monkeypatch.context() as patched:
        patched.setattr("lab.search.reduce_steps.ReduceSteps.names", press)
        stopped = lab("reduce", str(model("2.6.2")), *words)
    assert stopped.code == 130, stopped.err
    (log,) = (bench / "results" / "runs").glob("*/answers.jsonl")
    known = log.read_text(encoding="utf-8").splitlines()
    assert len(known) > 5
    (printed,) = re.findall(r"^  try: lab (.*)$", stopped.err, re.MULTILINE)
    answer = lab(*shlex.split(printed))
    assert answer.code in (0, 3), answer.err
    told = json.loads(answer.out)
    whole = log.read_text(encoding="utf-8").splitlines()
    assert whole[: len(known)] == known
    keys = [json.loads(one)["key"] for one in whole]
    assert len(set(keys)) == len(keys)
    assert told["candidates"] == sum(json.loads(one)["tried"] for one in whole), "those of the interrupted search count"
    assert told["folder"] == "answers of mine/smaller"
    assert {one["filling"]["kind"] for one in told["inputs"]} == {"kept"}
    assert (here / "answers of mine" / "smaller" / "reduced.py").is_file()
    listed = " ".join(lab("runs", "list").out.split())
    assert f"left {len(told['operators'])} of {told['operators_before']} operators: {told['operators'][0]}" in listed


def test_where_a_weight_is_in_what_was_written_no_bundle_is_made_and_the_reason_is_said(
    lab: Cli, model: Model, here: Path
) -> None:
    """The user's own inputs are to be kept, and one of them holds numbers of a weight."""
    given = model("2.6.2")
    with body.taken_apart(given / "net.pdmodel", given / "net.pdiparams") as opened:
        one = max((each.tensor for each in opened.stored.values()), key=lambda each: each.nbytes)
        assert opened.source is not None
        weight = np.frombuffer(opened.source.at(one.offset, one.nbytes, "weight"), "float32")
    image = np.resize(weight, (2, 1, 8, 8))
    np.savez(here / "mine.npz", image=image, length=np.array([[3], [4]], "int64"))
    words = shlex.split("--bad 3.1.1 --route jit --keep-inputs --inputs mine.npz -o out --bundle b.tgz --repeat 1")
    answer = lab("reduce", str(given), *words)
    assert answer.code == 3, answer.err
    assert "NOT CLEAN" in answer.out
    assert "no bundle is made of it" in answer.out
    assert "replayed" not in answer.out
    assert not (here / "b.tgz").exists()
    assert "float32 [2, 1, 8, 8]: your own numbers" in answer.out
    assert NOT_CLEAN in (here / "out" / "reduced.py").read_text(encoding="utf-8").splitlines()
    lab("repro", "out/reduced.py")  # as it is printed; what comes of it is for nobody else either
    refused = lab("bundle", "last", "--no-proof", "-o", "leak.tgz")
    assert refused.code == 2
    assert "not for others" in refused.err
    assert not (here / "leak.tgz").exists()
    assert lab("bundle", "last", "--no-proof", "--private", "-o", "leak.tgz").code == 0


@pytest.mark.parametrize("verb", ["reduce", "locate"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dim", "nonsense"), "--dim"),
        (("--dim", "batch=-3"), "--dim"),
        (("--inputs", "flat.npz"), "the model takes [?, 1, 8, 8]"),
        (("--inputs", "other.npz"), "image"),
        (("--inputs", "none.npz"), "none.npz"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_inputs_and_dimensions_that_do_not_fit_an_open_shape_are_one_sentence_before_anything_runs(
    lab: Cli, model: Model, toy: Any, here: Path, verb: str, words: tuple[str, ...], said: str
) -> None:
    np.savez(here / "flat.npz", image=np.zeros((2, 64), "float32"), length=np.array([[3]], "int64"))
    np.savez(here / "other.npz", picture=np.zeros((2, 1, 8, 8), "float32"))
    answer = lab(verb, str(model("2.6.2")), *words)
    assert (answer.code, said in answer.err) == (2, True), answer.err
    assert len(answer.err.strip().splitlines()) <= 3
    assert toy.jobs == []
    assert not list(here.glob("reduced-*"))
