"""A piece that is printed to be pasted: complete, in one language, with the variables set before Paddle is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab.outcome import pasted

ODD = ['a "b"', "c\\n", "模型/net", "tab\there", "bell\x07", "\udcff"]
PRINTS = 'import os\nprint(ascii(path), os.environ.get("A"), os.environ.get("LD_ANSWER"))'


def ran(piece: str, folder: Path) -> str:
    """What a piece prints where it is pasted into a file of its language, with a Paddle that says when it is imported."""
    (folder / "paddle.py").write_text('import os\nprint("imported with", os.environ.get("A"))\n', encoding="utf-8")
    program = sys.executable if pasted.language(piece) == "python" else "/bin/sh"
    (folder / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (folder / "python3").chmod(0o755)
    (folder / "piece").write_text(piece, encoding="utf-8")
    env = {"PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([program, "piece"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_sets_its_variables_before_paddle_is_imported(tmp_path: Path) -> None:
    piece = pasted.piece("print(path)", env={"A": "1 2"}, path=pasted.named("some/net"))
    assert ran(piece, tmp_path) == "imported with 1 2\nsome/net\n"


def test_imports_of_the_lines_stay_before_the_path(tmp_path: Path) -> None:
    piece = pasted.piece("\nfrom paddle import os as o\nprint(path, o.sep)", env={}, path=pasted.named("net"))
    assert piece.splitlines()[:2] == ["from paddle import os as o", 'path = "net"']
    assert ran(piece, tmp_path) == "imported with None\nnet /\n"


def test_what_only_the_dynamic_loader_reads_is_set_by_a_shell_that_starts_python(tmp_path: Path) -> None:
    piece = pasted.piece(PRINTS, env={"LD_ANSWER": "it's", "A": "1"}, path=pasted.named("n"))
    assert pasted.language(piece) == "sh"
    assert ran(piece, tmp_path) == "'n' 1 it's\n"


def test_a_pin_with_code_is_installed_and_then_python_is_started() -> None:
    piece = pasted.piece("paddle.f()", env={}, packages=["numpy==1.26.4", "b<2"], path=pasted.named("n"))
    first, *rest = piece.splitlines()
    assert first == "python3 -m pip install numpy==1.26.4 'b<2'"
    assert rest == ["python3 - <<'END'", "import paddle", 'path = "n"', "paddle.f()", "END"]


def test_without_code_a_piece_is_shell() -> None:
    assert pasted.piece("", env={"B": "x y", "A": "1"}) == "export A=1\nexport B='x y'"


@pytest.mark.parametrize("name", ODD)
def test_any_name_of_a_folder_comes_back_as_it_is(name: str, tmp_path: Path) -> None:
    piece = pasted.piece(PRINTS, env={}, path=pasted.named(name))
    assert ran(piece, tmp_path).splitlines()[-1] == f"{name!a} None None"


def test_a_piece_made_once_more_is_the_same() -> None:
    once = pasted.piece("layer = paddle.jit.load(path)", env={}, path=pasted.named("net"))
    assert pasted.piece(once, env={}) == once


def test_where_no_model_is_known_the_path_says_whose_it_is() -> None:
    assert (
        pasted.piece("f(path)", env={}).splitlines()[1].endswith("# your model: its folder and name, without an ending")
    )
