"""The wheel as a user has it: installed into an empty environment, with an empty home, in a folder that is no workspace."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS
from tests.conftest import ROOT

pytestmark = pytest.mark.containers
CACHE = os.environ.get("LAB_TEST_CACHE", str(Path.home() / ".cache" / "paddle-repro-lab"))
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this clone."""
    folder = tmp_path_factory.mktemp("dist")
    env = {**os.environ, "LAB_PROJECT_URL": "https://example.com/somebody/paddle-repro-lab"}
    argv = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`lab` of a new environment that holds the wheel and what it needs."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "venv")], check=True)
    argv = [*PIP, "--python", str(home / "venv" / "bin" / "python"), "install", str(wheel)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NO INDEX: {done.stderr.strip()[-200:]}")
    return home / "venv" / "bin"


class Installed:
    """A user with an empty home who stands in a folder of their own."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.home, self.folder = folder / "home", folder / "somewhere"
        self.home.mkdir()
        self.folder.mkdir()
        self._env = {
            "HOME": str(self.home), "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "LAB_CACHE": CACHE,
            "LAB_OFFLINE": "1",
        }  # fmt: skip

    def __call__(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        argv = ["lab", *words]
        return subprocess.run(
            argv, cwd=self.folder, env=self._env | more, capture_output=True, text=True, check=False, timeout=600
        )


@pytest.fixture
def lab(binaries: Path, tmp_path: Path) -> Installed:
    return Installed(binaries, tmp_path)


def tracked() -> set[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return set(done.stdout.decode().split("\0"))


def test_the_wheel_holds_tracked_files_and_no_others_with_types_and_addresses(wheel: Path) -> None:
    known = tracked()
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if ".dist-info/" not in name]
        (metadata,) = [name for name in packed.namelist() if name.endswith("/METADATA")]
        told = packed.read(metadata).decode()
    assert "lab/py.typed" in names
    ours = [name.replace("lab/workspace/Makefile", "docs/workspace.mk").replace("lab/workspace/", "") for name in names]
    assert [name for name in ours if name not in known] == []
    assert "images/releases.toml" in ours
    assert "scenarios/jit_load_pir.py" in ours
    assert "License-Expression: Apache-2.0\n" in told
    assert "Project-URL: Repository, https://example.com/somebody/paddle-repro-lab\n" in told
    assert "](docs/" not in told
    assert "https://example.com/somebody/paddle-repro-lab/blob/main/docs/guide.md" in told


def test_a_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(argv, cwd=clone, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (root,) = (tmp_path / "unpacked").iterdir()
    argv = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path / "again"), str(root)]
    subprocess.run(argv, check=True, capture_output=True)
    (made,) = (tmp_path / "again").glob("*.whl")

    def names(path: Path) -> set[str]:
        with zipfile.ZipFile(path) as packed:
            return set(packed.namelist())

    (clone / "lab" / "stranger.py").write_text("")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path / "refused")]
    refused = subprocess.run(argv, cwd=clone, check=False, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "not tracked, and would be in the archive: lab/stranger.py" in refused.stderr + refused.stdout
    assert names(made) == names_of_clone(names(wheel), clone)


def names_of_clone(names: set[str], clone: Path) -> set[str]:
    """A wheel's names without files that are tracked here and not committed yet, which no clone has."""
    new = {
        name
        for name in names
        if name.startswith("lab/") and not name.startswith("lab/workspace/") and not (clone / name).is_file()
    }
    return names - new


def test_what_needs_no_paddle_works_in_a_folder_that_is_no_workspace(lab: Installed) -> None:
    listed = lab("scenarios", "list")
    assert listed.returncode == 0, listed.stderr
    assert "jit_load_pir" in listed.stdout
    doctor = lab("doctor", "--json")
    assert doctor.returncode in {0, 6}, doctor.stderr
    assert json.loads(doctor.stdout)["verb"] == "doctor"
    assert lab("images", "list", "3.0.0").returncode == 0
    refused = lab("new", "my_case")
    assert refused.returncode == 2
    assert "lab init DIR" in refused.stderr
    assert list(lab.folder.iterdir()) == []
    assert (lab.home / ".local" / "share" / "paddle-repro-lab").is_dir()


def test_a_model_is_checked_a_scenario_reproduced_bundled_and_replayed_from_anywhere(
    engine: Any, lab: Installed
) -> None:
    shutil.copytree(MODELS / "2.6.2", lab.folder / "model")
    checked = lab("check", "model", "--to", "3.0.0", "--engine", "local", "--rounds", "0")
    assert checked.returncode == 9, checked.stdout + checked.stderr
    assert checked.stdout.startswith("SAFE ANOTHER WAY: net from 2.6.2 to 3.0.0.")
    data = lab.home / ".local" / "share" / "paddle-repro-lab"
    assert len(list((data / "results" / "runs").iterdir())) == 1

    repro = lab("repro", "jit_load_pir", "--engine", "local", "--rounds", "0")
    assert repro.returncode == 0, repro.stdout + repro.stderr
    assert "REPRODUCED" in repro.stdout

    bundle = lab("bundle", "last", "--trial", "2", "--no-proof", "--engine", "local", "-o", "mine.repro.tgz")
    assert bundle.returncode == 0, bundle.stdout + bundle.stderr
    refused = lab("replay", "mine.repro.tgz", "--engine", "local", "--yes")
    assert "a bundle from elsewhere runs only in containers" in refused.stderr
    replay = lab("replay", "mine.repro.tgz", "--engine", engine.name, "--yes")
    assert replay.returncode == 0, replay.stdout + replay.stderr


def test_lab_home_moves_the_results(lab: Installed, tmp_path: Path) -> None:
    assert lab("runs", "list", LAB_HOME=str(tmp_path / "kept")).returncode == 0
    assert (tmp_path / "kept").is_dir()
    assert list(lab.home.iterdir()) == []
