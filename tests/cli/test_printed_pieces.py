"""What `lab check` and `lab cure` print to be pasted, taken from the screen as it stands and run by itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.outcome import pasted
from tests.cli.given import Model
from tests.conftest import Answer, Cli
from tests.fakes.toy_engine import FAKES

FAST = ("--rounds", "0")
STARTS = ("import ", "from ", "export ")


def pieces(answer: Answer) -> Iterator[str]:
    """Paragraphs of an answer that begin like code at the left edge."""
    for paragraph in answer.out.split("\n\n"):
        text = paragraph.strip("\n")
        if text.startswith(STARTS):
            yield text


def ran(piece: str, release: str, here: Path) -> subprocess.CompletedProcess[str]:
    """A piece in a file of its own, run where the lab was asked, with nothing else set."""
    toys = {"PYTHONPATH": f"{FAKES}{os.pathsep}{os.environ.get('PYTHONPATH', '')}", "TOY_PADDLE_VERSION": release}
    program = sys.executable if pasted.language(piece) == "python" else "/bin/sh"
    return subprocess.run(
        [program, "-"], input=piece, cwd=here, env={"PATH": os.defpath, **toys}, capture_output=True, text=True, check=False
    )  # fmt: skip


@pytest.mark.parametrize("columns", ["60", "200"])
def test_every_piece_of_a_check_runs_alone(
    lab: Cli, model: Model, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    folder = model("2.6.2")
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("COLUMNS", columns)
    answer = lab("check", folder.name, "--to", "3.3.1", *FAST)
    found = list(pieces(answer))
    assert len(found) == 2, answer.out
    for piece in found:
        assert f'path = "{folder.name}/net"' in piece
        done = ran(piece, "3.3.1", folder.parent)
        assert done.returncode == 0, done.stderr
        without = "\n".join(line for line in piece.splitlines() if "environ" not in line)
        assert ran(without, "3.3.1", folder.parent).returncode != 0, "the flag that stands in it is what makes it work"


def test_every_piece_of_a_cure_runs_alone_in_chinese_too(
    lab: Cli, model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_LANG", "zh")
    answer = lab("cure", str(model("2.6.2")), "--at", "3.3.1", "--rounds", "0", "--repeat", "1")
    found = set(pieces(answer))
    assert {piece.split()[0] for piece in found} == {"export", "import", "from"}, answer.out
    for piece in found:
        done = ran(piece, "3.3.1", tmp_path)
        assert done.returncode == 0, f"{piece}\n{done.stderr}"


def test_the_lines_of_a_scenarios_cure_say_whose_path_is_meant(lab: Cli, bench: Path, tmp_path: Path, toy: Any) -> None:
    source = Path(__file__).parents[2] / "scenarios" / "jit_load_pir.py"
    (bench / "scenarios" / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    answer = lab("cure", "jit_load_pir", "--at", "3.3.1", "--rounds", "0", "--repeat", "1", "--format", "markdown")
    assert f"```python\nimport paddle\n{pasted.YOURS}\nwith paddle.pir_utils" in answer.out
    assert "```sh\nexport FLAGS_enable_pir_api=False\n```" in answer.out
