"""The workflows of .github: YAML as GitHub reads it, every command one that exists, and the weekly change made as it is written."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import commands
from tests.conftest import ROOT, Cli
from tests.package_index import PackageIndex

FOLDER = ROOT / ".github" / "workflows"
WEEKLY = FOLDER / "new-releases.yml"
FILES = sorted(FOLDER.glob("*.yml"))
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def read(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def scripts(path: Path) -> list[str]:
    return [step["run"] for step in steps(path) if "run" in step]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_has_what_github_asks_for(path: Path) -> None:
    found = read(path)
    assert found["name"]
    assert found[True], "YAML 1.1 reads the key `on` as true, and so does GitHub's own check of it"
    for job in found["jobs"].values():
        assert job["runs-on"]
        assert job["timeout-minutes"] > 0
    for step in steps(path):
        assert ("run" in step) != ("uses" in step)
        assert not (set(step) - {"run", "uses", "with", "if", "name", "id", "env"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_of_a_workflow_is_one_that_exists(path: Path) -> None:
    for script in scripts(path):
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        assert set(re.findall(r"\bmake ([a-z-]+)", script)) <= TARGETS
        for line in re.findall(r"\blab ([^|\n]+)", script):
            assert commands.parses(shlex.split(line)), line


def test_what_a_later_step_asks_for_is_what_an_earlier_one_tells() -> None:
    named = {step["id"] for step in steps(WEEKLY) if "id" in step}
    asked = {name for step in steps(WEEKLY) for name in re.findall(r"steps\.(\w+)\.", step.get("if", ""))}
    assert asked == named == {"change"}


def test_the_options_that_make_passes_on_are_options_of_its_verb() -> None:
    for script in scripts(WEEKLY):
        for target, given in re.findall(r'make ([a-z-]+) ARGS="([^"]*)"', script):
            verb = {"matrix-check": ["repro", "--all"], "report": ["report"]}[target]
            assert commands.parses([*verb, *shlex.split(given)])


def test_the_weekly_change_is_made_as_it_is_written(
    cli: Cli, checkout: Path, index: PackageIndex, dependencies: None, tmp_path: Path
) -> None:
    """The command that adds, then the step that tells git and the forge; the forge is a program that writes down what it is told."""
    (words,) = [re.findall(r"\blab ([^|\n]+)", script)[0] for script in scripts(WEEKLY) if "images add" in script]
    answer = cli(*shlex.split(words))
    assert answer.code == 0, answer.err
    (checkout / "added.txt").write_text(answer.out)
    (checkout / "matrix-check.md").write_text("- every scenario as expected\n")
    git = ["git", "-C", str(checkout), "-c", "user.name=a", "-c", "user.email=a@b.test"]
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "origin")], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "before"], check=True)
    subprocess.run([*git, "remote", "add", "origin", str(tmp_path / "origin")], check=True)
    counted = next(script for script in scripts(WEEKLY) if "GITHUB_OUTPUT" in script)
    told = run(checkout, counted, tmp_path, "0")
    assert "files=0" not in told
    assert "files=" in told
    run(checkout, scripts(WEEKLY)[-1], tmp_path, "0")
    run(checkout, "git reset --quiet --soft HEAD~1", tmp_path, "0")  # the week after, while the change is still open
    run(checkout, scripts(WEEKLY)[-1], tmp_path, "1")
    shown = subprocess.run(
        ["git", "-C", str(tmp_path / "origin"), "ls-tree", "-r", "--name-only", "new-releases"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "images/3.4.0-cpu-py311/Dockerfile" in shown.splitlines()
    assert "images/local.toml" not in shown
    said = [json.loads(line) for line in (tmp_path / "gh.jsonl").read_text().splitlines()]
    assert [one[:2] for one in said] == [["pr", "list"], ["pr", "create"], ["pr", "list"], ["pr", "edit"]]
    body = (checkout / "told.md").read_text()
    assert body.startswith("3.4.0  Python")
    assert body.endswith("- every scenario as expected\n")


def run(folder: Path, script: str, tmp_path: Path, known: str) -> str:
    """A step's script by the shell that the workflow names; the forge knows so many open changes. What it told later steps."""
    place = tmp_path / "bin"
    place.mkdir(exist_ok=True)
    forge = (
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        "open(os.environ['GH_SAID'], 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "print(os.environ['GH_KNOWN'] if 'list' in sys.argv else 'done')\n"
    )
    (place / "gh").write_text(forge)
    (place / "gh").chmod(0o755)
    told = tmp_path / "output.txt"
    env = {
        **os.environ, "PATH": f"{place}:{os.environ['PATH']}", "GH_SAID": str(tmp_path / "gh.jsonl"), "GH_KNOWN": known,
        "GITHUB_OUTPUT": str(told),
    }  # fmt: skip
    done = subprocess.run(  # noqa: PLW1510
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, env=env, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return told.read_text() if told.exists() else ""
