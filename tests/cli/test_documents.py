"""What documents show of verbs that need no Paddle is what the lab prints."""

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Cli
from tests.examples import MADE, READ_ONLY, Example, examples, lost

REPORT = """\
# jit.load fails after the upgrade

It works with paddlepaddle==2.6.2 and fails with paddlepaddle==3.0.0:

```
ValueError: The ``path`` (/data/me/net) to load model not exists.
```
"""


def replayed(commands: set[str]) -> list[Any]:
    """Each of these commands wherever a document shows it."""
    found = [one for one in examples() if one.command in commands]
    assert {one.command for one in found} == commands
    return [pytest.param(one, id=f"{one.document}: {one.command}") for one in found]


def printed(cli: Cli, example: Example) -> str:
    answer = cli(*shlex.split(example.command)[1:])
    return answer.out


@pytest.mark.parametrize("example", replayed(READ_ONLY))
def test_what_is_read_of_this_repository_is_as_shown(
    cli: Cli, toy: Any, monkeypatch: pytest.MonkeyPatch, example: Example
) -> None:
    del toy
    monkeypatch.setenv("LAB_WORKSPACE", str(ROOT))
    assert lost(example, printed(cli, example), alike=str.rstrip) == ""


@pytest.mark.parametrize("example", replayed(MADE))
def test_what_is_made_of_files_at_hand_is_as_shown(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch, example: Example
) -> None:
    monkeypatch.chdir(bench)
    (bench / "report.md").write_text(REPORT, encoding="utf-8")
    for name in ("known.toml", "jit_load_pir.py"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    shutil.copytree(ROOT / "tests" / "golden" / "models" / "3.3.1", bench / "models")
    if example.command.endswith("--update"):
        cli("init", "my-lab")
    assert lost(example, printed(cli, example), alike=str.rstrip) == ""
