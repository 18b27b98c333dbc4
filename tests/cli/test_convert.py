"""`lab convert` as a user meets it: kept only where every way that worked before still works, in the releases that are named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.engine.protocol import Job, JobResult
from tests.cli.given import Model, listing
from tests.conftest import Answer, Cli


def converted(lab: Cli, folder: Path, out: Path, *words: str) -> Answer:
    return lab("convert", str(folder), "--into", "json", "-o", str(out), *words)


def made(answer: Answer) -> Any:
    assert answer.out, answer.err
    return json.loads(answer.out)


@pytest.fixture
def broken_predictor(toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the predictor of 3.3.1 opens no .json, as it is with nets that resize pictures."""
    run = toy.run

    def variables(job: Job) -> JobResult:
        return run(replace(job, env={**job.env, "TOY_PADDLE_NO_JSON_PREDICTOR": "3.3.1"}))  # type: ignore[no-any-return]

    monkeypatch.setattr(toy, "run", variables)


def test_a_conversion_that_answers_as_before_is_kept_and_says_who_reads_it(
    lab: Cli, model: Model, tmp_path: Path
) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out")
    assert answer.code == 0, answer.err
    assert sorted(listing(tmp_path / "out")) == ["net.json", "net.pdiparams"]
    assert "by 3.0.0; held against 2.6.2 by jit" in answer.out, "the oldest release whose file most releases read"
    for release in ("3.0.0", "3.3.1"):
        assert f"  {release}   predictor_no_onednn  ok" in answer.out
    assert "is now fetch_name_0" in answer.out
    assert "2.6.2 no; 3.0.0 to 3.3.1 yes" in answer.out


def test_a_way_that_breaks_in_a_named_release_keeps_nothing_and_is_named(
    lab: Cli, model: Model, tmp_path: Path, broken_predictor: None
) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--readers", "3.3.1")
    assert answer.code == 4
    assert (
        "what 3.0.0 and 3.3.1 made of net is not kept: by predictor in 3.3.1: NotImplementedError in load" in answer.err
    )
    assert "before, it worked by predictor and predictor_no_onednn in 2.6.2" in answer.err
    assert "--accept jit --accept static keeps it" in answer.err
    assert not list(tmp_path.glob("*out*"))


def test_a_release_that_is_not_named_may_break(lab: Cli, model: Model, tmp_path: Path, broken_predictor: None) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--readers", "3.1.1", "--json")
    assert answer.code == 0, answer.err
    assert {one["release"] for one in made(answer)["proved"]} == {"3.1.1"}


def test_the_ways_that_are_accepted_are_enough_and_what_breaks_is_still_said(
    lab: Cli, model: Model, tmp_path: Path, broken_predictor: None
) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--accept", "jit")
    assert answer.code == 0, answer.err
    lost = [line for line in answer.out.splitlines() if "BREAKS" in line]
    assert [line.split()[:2] for line in lost] == [["3.3.1", "predictor"], ["3.3.1", "predictor_no_onednn"]]


def test_an_accepted_way_that_breaks_is_refused_all_the_same(
    lab: Cli, model: Model, tmp_path: Path, broken_predictor: None
) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--accept", "predictor")
    assert answer.code == 4
    assert not (tmp_path / "out").exists()


def test_a_release_that_reads_no_such_file_is_no_reader(lab: Cli, model: Model, tmp_path: Path) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--readers", "2.6.2")
    assert answer.code == 4
    assert "by jit in 2.6.2: ValueError in load" in answer.err
    assert "keeps it" not in answer.err, "no way is left that could be enough"


def test_other_numbers_after_a_conversion_keep_nothing(
    lab: Cli, model: Model, tmp_path: Path, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = toy.run
    monkeypatch.setattr(
        toy,
        "run",
        lambda job: run(
            replace(job, env={**job.env, "TOY_PADDLE_SKEW": "1"}) if job.image.environment.startswith("3.3.1") else job
        ),
    )
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--release", "3.0.0")
    assert answer.code == 4
    assert "by jit in 3.3.1: mismatch" in answer.err


def test_a_way_that_is_none_is_refused_before_anything_runs(lab: Cli, model: Model, tmp_path: Path, toy: Any) -> None:
    answer = converted(lab, model("2.6.2"), tmp_path / "out", "--accept", "jit_old_ir")
    assert (answer.code, toy.jobs) == (2, [])
    assert "a .json is not opened by 'jit_old_ir'" in answer.err
