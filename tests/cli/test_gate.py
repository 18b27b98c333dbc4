"""What a CI system gets of an answer: a JUnit file, GitHub's annotations and job summary, and the exit code of the answer."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Cli

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SAMPLE = ROOT / "tests" / "sample_repository" / ".github" / "workflows" / "upgrade.yml"


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that GitHub Actions gives a step for its job summary; another program has written to it."""
    path = tmp_path / "summary.md"
    path.write_text("# before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


def scenario(bench: Path, source: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")


def cases(path: Path) -> dict[str, str]:
    """Each test case with how it ended, as a CI system reads the file."""
    whole = ET.parse(path).getroot()  # noqa: S314 - the lab wrote it
    found = {str(one.get("name")): next((part.tag for part in one), "passed") for one in whole.iter("testcase")}
    for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert whole.get(count) == str(list(found.values()).count(tag))
    assert whole.get("tests") == str(len(found))
    return found


def test_a_scenario_that_does_as_it_says_is_all_green(
    cli: Cli, toy: Any, bench: Path, summary: Path, tmp_path: Path
) -> None:
    scenario(bench, text(load=OLD_READER_FAILS, more=FAILING))
    answer = cli("repro", "toy", "--rounds", "0", "--github", "--junit", str(tmp_path / "j.xml"))
    assert answer.code == 0
    assert set(cases(tmp_path / "j.xml").values()) == {"passed"}
    assert "::error" not in answer.err
    told = summary.read_text(encoding="utf-8")
    assert told.startswith("# before\n## lab repro toy: REPRODUCED\n")
    assert "Exit code 0." in told


def test_a_pair_that_is_not_as_its_header_says_is_a_failure_and_an_annotation(
    cli: Cli, toy: Any, bench: Path, summary: Path, tmp_path: Path
) -> None:
    scenario(bench, text(more=FAILING))
    answer = cli("repro", "toy", "--rounds", "0", "--json", "--github", "--junit", str(tmp_path / "j.xml"))
    assert answer.code == 4
    assert json.loads(answer.out)["exit_code"] == 4, "a program reads stdout, so GitHub is spoken to on stderr"
    ends = cases(tmp_path / "j.xml")
    assert sorted(ends.values()) == ["failure", "passed", "passed"]
    (bad,) = [name for name, end in ends.items() if end == "failure"]
    (line,) = [one for one in answer.err.splitlines() if one.startswith("::")]
    assert line.startswith(f"::error title=repro%3A {bad}::differs: expected")
    assert bad in summary.read_text(encoding="utf-8")


def test_a_command_without_an_answer_is_one_error_in_all_three_places(
    cli: Cli, toy: Any, bench: Path, summary: Path, tmp_path: Path
) -> None:
    answer = cli("repro", "nothing_there", "--github", "--junit", str(tmp_path / "j.xml"))
    assert answer.code == 2
    assert cases(tmp_path / "j.xml") == {"an answer": "error"}
    assert "::error title=repro%3A an answer::there is no scenario" in answer.err
    assert "## lab repro repro: MISTAKEN" in summary.read_text(encoding="utf-8")


def test_a_junit_file_that_cannot_be_written_is_said_before_any_work(cli: Cli, toy: Any, bench: Path) -> None:
    scenario(bench, text())
    answer = cli("repro", "toy", "--junit", "no/such/folder/j.xml")
    assert answer.code == 2
    assert "no/such/folder/j.xml cannot be written" in answer.err
    assert toy.jobs == []


def test_without_github_the_missing_summary_is_said_and_nothing_fails(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    scenario(bench, text())
    answer = cli("repro", "toy", "--rounds", "0", "--github")
    assert answer.code == 0
    assert "no step of GitHub Actions" in answer.err


def test_all_scenarios_are_a_case_each(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (bench / "scenarios" / f"{name}.py").write_text(text(), encoding="utf-8")
    answer = cli("repro", "--all", "--junit", str(tmp_path / "j.xml"))
    assert answer.code == 0
    assert cases(tmp_path / "j.xml") == {"one": "passed", "two": "passed"}


def environment(step: dict[str, Any], given: dict[str, str], home: Path, name: str) -> dict[str, str]:
    """What a step of the action finds in its environment, expressions filled in as the runner does it."""
    known = {one: str(what.get("default", "")) for one, what in ACTION["inputs"].items()} | given
    values = {f"${{{{ inputs.{one} }}}}": value for one, value in known.items()}
    values["${{ github.action_path }}"] = str(ROOT)
    told = {variable: values[str(text)] for variable, text in step.get("env", {}).items()}
    return {
        **os.environ,
        **told,
        "GITHUB_OUTPUT": str(home / f"{name}.out"),
        "GITHUB_STEP_SUMMARY": str(home / f"{name}.md"),
    }


def asked(repository: Path, name: str, **more: str) -> tuple[int, str]:
    """The action's own step on the sample repository, as its workflow asks for it: exit code and what was said."""
    workflow = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    (use,) = [one for one in workflow["jobs"]["paddle"]["steps"] if "paddle-repro-lab" in one.get("uses", "")]
    (step,) = [one for one in ACTION["runs"]["steps"] if one.get("id") == "lab"]
    env = environment(step, {**use["with"], **more}, repository.parent, name)
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(argv, cwd=repository, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repository(bench: Path, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's repository with a model, where `lab` is the lab over the toy engine."""
    folder = tmp_path / "repository"
    folder.mkdir()
    model("3.0.0").rename(folder / "model")
    lab = tmp_path / "bin" / "lab"
    lab.parent.mkdir()
    lab.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/fakes/toy_lab.py" "$@"\n', encoding="utf-8")
    lab.chmod(0o755)
    monkeypatch.setenv("PATH", f"{lab.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("cures.toml", "known.toml"):
        (bench / "scenarios" / name).write_bytes((ROOT / "scenarios" / name).read_bytes())
    return folder


def test_the_action_is_green_and_turns_red_when_the_next_paddle_breaks_the_model(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = asked(repository, "green", to="3.3.1")
    assert code == 0, said
    assert (tmp_path / "green.out").read_text() == "exit-code=0\n"
    assert list(cases(repository / "lab-junit.xml").values()) == ["passed"]
    assert ": SAFE\n" in (tmp_path / "green.md").read_text(encoding="utf-8")

    monkeypatch.setenv("TOY_BREAKS", "3.3.1")
    code, said = asked(repository, "red", to="3.3.1", args="--rounds=0\n--fresh")
    assert code == 1, said
    assert (tmp_path / "red.out").read_text() == "exit-code=1\n"
    (ended,) = cases(repository / "lab-junit.xml").items()
    assert ended[0].endswith(": 3.0.0 -> 3.3.1")
    assert ended[1] == "failure"
    assert "::error title=check%3A " in said
    told = (tmp_path / "red.md").read_text(encoding="utf-8")
    assert ": NOT SAFE\n" in told
    assert "other numbers than before" in told


def test_the_action_without_a_model_and_a_scenario_says_so(repository: Path) -> None:
    code, said = asked(repository, "none", model="")
    assert code == 2
    assert "::error title=Paddle repro lab::give the action a model or a scenario" in said


def test_the_action_installs_itself_and_keeps_what_the_lab_downloads() -> None:
    steps = ACTION["runs"]["steps"]
    uses = [one["uses"].partition("@")[0] for one in steps if "uses" in one]
    assert uses == ["actions/setup-python", "actions/cache"]
    (install,) = [one for one in steps if one.get("name") == "install the lab"]
    assert install["run"].endswith('pip install --quiet --disable-pip-version-check "$LAB_ACTION_PATH"')
    assert all(one.get("shell") == "bash" for one in steps if "run" in one)
    assert not any("${{" in one["run"] for one in steps if "run" in one), "an input must not become a word of a script"


def test_a_workflow_of_the_sample_names_only_inputs_that_the_action_has() -> None:
    workflow = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    (use,) = [one for one in workflow["jobs"]["paddle"]["steps"] if "paddle-repro-lab" in one.get("uses", "")]
    assert set(use["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("guide", ["docs/guide.md", "docs/zh/guide.md"])
def test_the_workflow_of_the_guide_is_the_one_that_is_tested(guide: str) -> None:
    assert f"```yaml\n{SAMPLE.read_text(encoding='utf-8')}```" in (ROOT / guide).read_text(encoding="utf-8")
