"""The help as somebody new reads it: what an option takes in a word, and commands that run as they stand."""

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.cli.app import VERBS
from lab.cli.examples import EXAMPLES
from tests import commands
from tests.conftest import ROOT, Cli

TYPED = [(verb, one) for verb, several in EXAMPLES.items() for one in several]
PLANNED = [(verb, one) for verb, one in TYPED if "--dry-run" in commands.options_of(verb) and "jit_load_pir" in one]


@pytest.mark.parametrize(("verb", "example"), TYPED)
def test_an_example_of_the_help_is_a_command_that_its_verb_takes(verb: str, example: str) -> None:
    assert example.startswith(f"lab {verb}")
    assert commands.parses(shlex.split(example)[1:])


def test_every_verb_that_is_no_group_shows_one() -> None:
    assert {one.name for one in VERBS if not one.group} - set(EXAMPLES) == set()


@pytest.mark.parametrize("verb", [one.name for one in VERBS if not one.group])
def test_no_help_shows_the_types_of_a_library(cli: Cli, verb: str) -> None:
    said = cli(verb, "--help").out
    assert [word for word in ("<str>", "<path>", "<int", "<float", "<Path", "list[", " range") if word in said] == []


@pytest.mark.parametrize(("verb", "example"), PLANNED)
def test_an_example_about_a_scenario_runs_in_a_workspace_that_has_it(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch, verb: str, example: str
) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)
    for name in ("jit_load_pir.py", "cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    answer = cli(*shlex.split(example)[1:], "--dry-run")
    assert answer.code == 0, answer.err
