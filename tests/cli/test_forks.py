"""One start for all ways of a release: what each way did is as if it had been alone, and a fork alone decides no crash."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.engine.protocol import Job, JobResult
from lab.run import forks
from tests.cli.given import Model
from tests.cli.test_check import FAST, found, with_variables
from tests.conftest import Cli


def starts(toy: Any) -> list[tuple[str, str]]:
    """(release, whether it was shared) of every container of a way, in the order in which they began."""
    homes = [(job.image.environment.split("-")[0], job.inbox.parts) for job in toy.jobs]
    return [
        (release, "shared" if "forks" in parts else "own")
        for release, parts in homes
        if {"forks", "trials"} & set(parts)
    ]


def outcomes(told: Any, release: str) -> dict[str, tuple[str, str]]:
    return {
        one["way"]["route"]: (one["trial"]["outcome"]["kind"], one["trial"]["outcome"].get("reason", ""))
        for one in told["attempts"]
        if one["release"] == release
    }


def trial(bench: Path, run: str, words: str) -> Path:
    (folder,) = (bench / "results" / "runs" / run / "trials").glob(f"*_to_{words}")
    return folder


@pytest.mark.parametrize(
    ("how", "ended"), [("abort", ("native_crash", "SIGABRT")), ("exit", ("py_exception", "exited"))]
)
def test_a_way_that_dies_is_asked_once_more_in_a_start_of_its_own_and_costs_no_other_way(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch, how: str, ended: tuple[str, str]
) -> None:
    with_variables(toy, {"TOY_PADDLE_ILL": f"static={how}"}, monkeypatch)
    told = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert outcomes(told, "3.3.1")["static"] == ended
    assert {way for way, (kind, _why) in outcomes(told, "3.3.1").items() if kind == "ok"} == {
        "jit", "predictor", "predictor_no_onednn",
    }  # fmt: skip
    alone = [job for job in toy.jobs if job.inbox.parent.name.endswith("_to_3.3.1-cpu-py311_by_static")]
    assert len(alone) == 1


def test_a_fork_that_stops_its_supervisor_is_ended_from_outside_and_asked_alone(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_ILL_FORK": "static=stop"}, monkeypatch)
    monkeypatch.setattr(forks, "longest_s", lambda _order: 8.0)
    told = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert {kind for kind, _why in outcomes(told, "3.3.1").values()} == {"ok"}
    alone = [job for job in toy.jobs if job.inbox.parent.name.endswith("_to_3.3.1-cpu-py311_by_static")]
    assert len(alone) == 1


def test_what_only_a_fork_dies_of_is_no_finding_and_its_release_is_not_forked_any_more(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_ILL_FORK": "static=abort"}, monkeypatch)
    path = str(model("3.0.0"))
    answer = lab("check", path, "--to", "3.3.1", *FAST)
    assert (
        "3.3.1-cpu-py311 by static: native_crash in a fork, and not in a start of its own, which counts" in answer.err
    )
    assert starts(toy).count(("3.3.1", "own")) == 3, "static, and the two ways after it"
    told = found(lab("check", path, "--to", "3.3.1", *FAST, "--json"))
    assert {kind for kind, _why in outcomes(told, "3.3.1").values()} == {"ok"}


def test_wrong_numbers_of_a_fork_are_looked_at_again_in_a_start_of_its_own_which_counts(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = toy.run

    def skewed(job: Job) -> JobResult:
        skew = {"TOY_PADDLE_SKEW_FORK": "1"} if job.image.environment.startswith("3.3.1") else {}
        return run(replace(job, env={**job.env, **skew}))  # type: ignore[no-any-return]

    monkeypatch.setattr(toy, "run", skewed)
    told = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert set(outcomes(told, "3.3.1").values()) == {("ok", "exact")}
    assert starts(toy).count(("3.3.1", "own")) == len(outcomes(told, "3.3.1"))


def test_a_check_says_the_same_with_forks_and_with_a_start_for_each_way(
    lab: Cli, toy: Any, model: Model, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(model("2.6.2"))
    with_forks = found(lab("check", path, "--to", "3.3.1", *FAST, "--json"))
    shared = len(starts(toy))
    monkeypatch.setattr(forks, "forkable", lambda order: False)
    alone = found(lab("check", path, "--to", "3.3.1", *FAST, "--fresh", "--json"))
    assert len(starts(toy)) - shared > shared
    said = ("old", "reference", "paragraph", "answers")
    assert {name: with_forks[name] for name in said} == {name: alone[name] for name in said}
    assert [told(one) for one in with_forks["attempts"]] == [told(one) for one in alone["attempts"]]


def told(attempt: Any) -> tuple[Any, ...]:
    """What an attempt says but for times, memory and where its process was."""
    one = attempt["trial"]
    seen = {name: value for name, value in one["outcome"].items() if name != "detail"}
    return (
        attempt["release"],
        attempt["way"],
        seen,
        one.get("diffs"),
        one["load"]["versions"],
        set(one["load"]["phases"]),
    )


def test_what_forks_did_is_known_way_by_way_and_nothing_of_their_start_stays(
    lab: Cli, toy: Any, model: Model, bench: Path
) -> None:
    path = str(model("3.0.0"))
    run = found(lab("check", path, "--to", "3.3.1", *FAST, "--json"))["run"]
    assert not (bench / "results" / "runs" / run / "forks").exists()
    folder = trial(bench, run, "3.3.1-cpu-py311_by_static")
    assert json.loads((folder / "in" / "request.json").read_text())["route"] == "static"
    assert {"outcome.json", "outputs.npz", "stdout.log", "stderr.log"} <= {
        one.name for one in (folder / "out").iterdir()
    }
    before = len(starts(toy))
    found(lab("check", path, "--to", "3.3.1", *FAST, "--json"))
    assert len(starts(toy)) == before, "every way is known"
    found(lab("check", path, "--to", "3.1.1,3.3.1", *FAST, "--json"))
    assert starts(toy)[before:] == [("3.1.1", "shared")]


def test_a_way_whose_files_were_changed_is_done_again_and_no_other(
    lab: Cli, toy: Any, model: Model, bench: Path
) -> None:
    path = str(model("3.0.0"))
    run = found(lab("check", path, "--to", "3.3.1", *FAST, "--json"))["run"]
    changed = trial(bench, run, "3.3.1-cpu-py311_by_static") / "out" / "outputs.json"
    changed.chmod(0o644)
    changed.write_text("{}", encoding="utf-8")
    before = len(starts(toy))
    assert set(outcomes(found(lab("check", path, "--to", "3.3.1", *FAST, "--json")), "3.3.1").values()) == {
        ("ok", "exact")
    }
    assert len(starts(toy)) == before + 1


def test_a_release_that_cannot_be_forked_is_tried_in_starts_of_its_own(
    lab: Cli, toy: Any, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DEVICE": "gpu:0"}, monkeypatch)
    told = found(lab("check", str(model("3.0.0")), "--to", "3.3.1", *FAST, "--json"))
    assert outcomes(told, "3.3.1")["jit"] == ("ok", "exact")
    tried = [one for one in told["attempts"] if one["release"] == "3.3.1"]
    assert starts(toy).count(("3.3.1", "own")) == len(tried)
