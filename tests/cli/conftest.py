"""What tests of commands that take a user's model share."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS, Model
from tests.conftest import ROOT, Cli
from tests.package_index import PackageIndex, reached, serving
from tests.wheel_files import wheel

GPU = "paddlepaddle-gpu"
NIGHTLY = "3.5.0.dev202611{0}"


@pytest.fixture
def lab(bench: Path, toy: Any, cli: Cli) -> Cli:
    """The command line over the toy engine, with the real catalogue of cures and of known problems."""
    for name in ("cures.toml", "known.toml"):
        shutil.copyfile(ROOT / "scenarios" / name, bench / "scenarios" / name)
    return cli


@pytest.fixture
def model(tmp_path: Path) -> Model:
    """A copy of a real model, in a folder with blanks and Chinese characters in its name."""

    def copied(release: str) -> Path:
        folder = tmp_path / f"my model 模型 {release}"
        shutil.copytree(MODELS / release, folder, ignore=shutil.ignore_patterns("*.pdparams"))
        return folder

    return copied


@pytest.fixture
def index(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """An index with what the catalogue has, what came out since, and nightly wheels of four days; over TLS."""
    with serving(tmp_path / "packages") as found:
        reached(found, bench, monkeypatch)
        for version in ("3.0.0", "3.3.1", "3.4.0", "3.5.0rc0"):
            wheel(found.wheels(), version=version, requires=())
        wheel(found.wheels(), version="3.4.0", tags="cp311-cp311-manylinux2014_aarch64", requires=())
        wheel(found.wheels(), version="3.4.0", tags="cp310-cp310-manylinux2014_aarch64", requires=())
        wheel(found.wheels(), version="3.4.0", tags="cp310-cp310-manylinux2014_x86_64", requires=())
        wheel(found.wheels(), version="3.4.0", tags="cp312-cp312-manylinux_2_35_x86_64", requires=())
        wheel(found.wheels(), version="3.4.0", tags="cp39-cp39-win_amd64", requires=())
        wheel(found.wheels("stable/cu129"), package=GPU, version="3.4.0", requires=())
        for day in ("01", "02", "04", "05"):
            wheel(found.wheels("nightly/cpu"), version=NIGHTLY.format(day), requires=())
        wheel(found.wheels("nightly/cu130"), package=GPU, version=NIGHTLY.format("04"), requires=())
        yield found


@pytest.fixture
def checkout(index: PackageIndex, bench: Path) -> Path:
    """The workspace as a clone whose images are checked in; each environment's folder is its own."""
    for link in [one for one in (bench / "images").iterdir() if one.is_symlink()]:
        link.unlink()
        shutil.copytree(ROOT / "images" / link.name, link)
    for words in (["init", "--quiet"], ["add", "images"]):
        subprocess.run(["git", "-C", str(bench), *words], check=True)
    return bench


@pytest.fixture
def dependencies(index: PackageIndex) -> None:
    """Wheels of all that the newest release of the catalogue needs, on the same index; each is empty."""
    for line in (ROOT / "images" / "3.3.1-cpu-py311" / "requirements.txt").read_text().splitlines():
        if not line.startswith(("#", "paddle")):
            name, _, version = line.split()[0].partition("==")
            wheel(index.wheels(), package=name, version=version, tags="py3-none-any", requires=())
