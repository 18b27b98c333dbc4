"""What documents show of runs with real Paddle is what the lab prints."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli
from tests.examples import IN_CONTAINERS, SAME, STORY, examples, lost

pytestmark = pytest.mark.containers


@pytest.fixture
def place(real: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the scenario of the guide, where its commands are typed."""
    for name in ("jit_load_pir.py", "known.toml", "cures.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, real / "scenarios" / name)
    monkeypatch.chdir(real)
    return real


def misses(cli: Cli, command: str, typed: str) -> list[str]:
    """The lines that documents show of a command, and that the lab does not print where it is typed like this."""
    shown = [one for one in examples() if one.command in {command, SAME.get(command)}]
    answer = cli(*shlex.split(typed)[1:])
    progress = answer.err if command in SAME else ""  # a document that shows what passes by begins with it
    return [line for one in shown if (line := lost(one, (progress if one.command in SAME else "") + answer.out))]


def test_a_run_and_what_is_done_with_it_is_as_shown(cli: Cli, place: Path) -> None:
    runs = place / "results" / "runs"
    found = {}
    for command in STORY:
        made = [path.name for path in runs.iterdir()] if runs.is_dir() else []
        typed = command.replace("13e2", made[0]).replace("beb0", made[0][-4:]) if made else command
        found[command] = misses(cli, command, typed)
    assert {command: lines for command, lines in found.items() if lines} == {}


@pytest.mark.parametrize("command", IN_CONTAINERS)
def test_what_stands_for_itself_is_as_shown(
    cli: Cli, place: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    if command.startswith("lab check"):
        monkeypatch.setenv("COLUMNS", "100")
        shutil.copytree(ROOT / "tests" / "golden" / "models" / "2.6.2", place / "model")
    if command.startswith("lab images prune"):
        assert cli("images", "build", "3.0.0").code == 0
    assert misses(cli, command, command) == []
