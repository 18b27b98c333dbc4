"""An image is told by what its Python would import and by what starts it, and not by what happens to be installed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

LOOK = ROOT / "lab" / "guest" / "look.py"


def distribution(site: Path, name: str, version: str, module: str) -> None:
    """A package as an installer leaves it: its folder, and its metadata beside it."""
    (site / module).mkdir(parents=True)
    (site / module / "__init__.py").write_text("", encoding="utf-8")
    told = site / f"{name}-{version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")


def source_tree(folder: Path, version: str) -> None:
    """A Paddle that was built and never packaged."""
    (folder / "paddle" / "version").mkdir(parents=True)
    (folder / "paddle" / "__init__.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    (folder / "paddle" / "version" / "__init__.py").write_text(f"full_version = '{version}'\n", encoding="utf-8")


def looked(room: Path, *places: Path, program: str = sys.executable, path: str = "") -> dict[str, Any]:
    """What the program tells with these folders on PYTHONPATH, in this order."""
    argv = [program, "-S", str(LOOK), str(room / "found.json"), Path(program).name, path or str(Path(program).parent)]
    env = {"PATH": path or os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, places))}
    subprocess.run(argv, env=env, check=True)
    found: dict[str, Any] = json.loads((room / "found.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    distribution(tmp_path / "site", "paddlepaddle", "3.1.0", "paddle")
    distribution(tmp_path / "site", "numpy", "1.26.4", "numpy")
    return tmp_path / "site"


def test_what_is_installed_and_imported_is_told_plainly(tmp_path: Path, site: Path) -> None:
    found = looked(tmp_path, site)
    assert (found["package"], found["paddle"], found["facts"]["numpy"]) == ("paddlepaddle", "3.1.0", "1.26.4")
    assert found["facts"]["wrapper"] == ""
    assert found["interpreter"] == sys.executable


def test_a_numpy_that_is_found_first_is_told_beside_the_installed_one(tmp_path: Path, site: Path) -> None:
    own = tmp_path / "app"
    own.mkdir()
    (own / "numpy.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    found = looked(tmp_path, own, site)
    assert found["facts"]["numpy"] == f"1.26.4 (not imported: {own}/numpy.py comes first)"


def test_a_paddle_that_is_found_before_the_installed_one_is_the_one_that_is_named(tmp_path: Path, site: Path) -> None:
    source_tree(tmp_path / "tree", "3.4.0")
    assert looked(tmp_path, tmp_path / "tree", site)["paddle"] == "3.4.0"
    assert looked(tmp_path, site, tmp_path / "tree")["paddle"] == "3.1.0"


def test_a_program_that_starts_the_python_is_the_interpreter_of_every_step(tmp_path: Path, site: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    wrapper = programs / "python3"
    wrapper.write_text(f'#!/bin/sh\nexport PATH=/nowhere\necho hello\nexec {sys.executable} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    found = looked(tmp_path, site, program=str(wrapper), path=str(programs))
    assert found["interpreter"] == found["facts"]["wrapper"] == str(wrapper)
