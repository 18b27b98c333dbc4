"""What somebody meets who types little: a start page, completion, lists of several releases, and runs taken away."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.commands import complaints
from tests.conftest import ROOT, Cli


def test_lab_alone_shows_where_to_begin_and_every_line_of_it_is_a_command(cli: Cli) -> None:
    answer = cli()
    assert answer.code == 0
    for verb in ("lab check", "lab repro", "lab explain", "lab bundle last", "lab matrix", "lab bench", "lab doctor"):
        assert verb in answer.out
    assert complaints((), answer.out, answer.err) == []


def test_several_releases_are_listed_as_they_are_typed(cli: Cli, bench: Path) -> None:
    answer = cli("images", "list", "2.6.2", "3.0.0", "--device", "cpu", "--json")
    assert [one["release"] for one in json.loads(answer.out)["environments"]] == ["2.6.2", "3.0.0"]


@pytest.fixture
def made(cli: Cli, toy: Any, bench: Path) -> list[str]:
    """Two runs, the newest first."""
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    for _ in range(2):
        assert cli("repro", "toy", "--rounds", "0").code == 0
    return [one["id"] for one in json.loads(cli("runs", "list", "--json").out)["runs"]]


def test_a_run_is_taken_away_and_what_another_took_over_from_it_stays(cli: Cli, made: list[str], bench: Path) -> None:
    newest, oldest = made
    answer = cli("runs", "rm", oldest)
    assert (answer.code, answer.out) == (0, f"removed {oldest}\n")
    assert [one.name for one in (bench / "results" / "runs").iterdir()] == [newest]
    assert "2 of 2 pairs as expected" in cli("runs", "show", newest).out
    assert cli("repro", "toy", "--rounds", "0").code == 0


def test_runs_are_taken_away_all_or_none(cli: Cli, made: list[str], bench: Path) -> None:
    for words in ((made[0], "no-such-run"), ("toy",), ("../scenarios",)):
        assert cli("runs", "rm", *words).code == 2
    assert len(list((bench / "results" / "runs").iterdir())) == 2
    assert (bench / "scenarios" / "toy.py").is_file()


def test_the_list_of_runs_says_which_verb_made_each(cli: Cli, made: list[str]) -> None:
    assert {one["verb"] for one in json.loads(cli("runs", "list", "--json").out)["runs"]} == {"repro"}
    assert cli("runs", "list").out.splitlines()[0].split()[:2] == ["run", "verb"]


def test_one_trial_is_not_called_trials(cli: Cli, toy: Any, bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--dry-run")
    assert ": 1 trial on engine" in answer.out.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("repro to", "toy"),
        ("runs show la", "last"),
        ("bench toy --releases 2.6.2,3.0.", "2.6.2,3.0.0"),
        ("run toy --route pred", "predictor"),
        ("images build newes", "newest"),
    ],
)
def test_tab_completes_what_is_there(bench: Path, words: str, offered: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    said = completed(words)
    assert offered in said.stdout.splitlines()
    assert said.stderr == ""


def test_tab_offers_nothing_and_says_nothing_where_the_workspace_is_broken(bench: Path) -> None:
    (bench / "images" / "releases.toml").write_text("[", encoding="utf-8")
    said = completed("images build 3")
    assert said.stdout.split() == []
    assert said.stderr == ""


def completed(words: str) -> "subprocess.CompletedProcess[str]":
    """What bash is told where Tab is pressed behind these words."""
    typed = ["lab", *words.split(" ")]
    env = {
        **os.environ, "PYTHONPATH": str(ROOT), "_LAB_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(typed),
        "COMP_CWORD": str(len(typed) - 1),
    }  # fmt: skip
    code = "import sys; sys.argv = ['lab']; from lab.__main__ import main; main()"
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
