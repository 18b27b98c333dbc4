"""What tests of commands that take a user's model share."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS, Model
from tests.conftest import ROOT, Cli


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
