"""A build context on disk: Dockerfile, lock, wheels and uv; whoever has it can build with no network at all."""

import os
import shutil
from pathlib import Path

from lab.engine.protocol import Recipe
from lab.machine import uv


def lay_out(recipe: Recipe, wheels: Path, target: Path) -> None:
    """Fill an empty folder; wheels are hard links where the disk allows, so a gigabyte costs nothing."""
    (target / "Dockerfile").write_text(recipe.dockerfile, encoding="utf-8")
    (target / "requirements.txt").write_text(recipe.lock, encoding="utf-8")
    (target / "wheels").mkdir()
    for wheel in sorted(wheels.glob("*.whl")):
        _link(wheel, target / "wheels" / wheel.name)
    installer = uv.find()
    if installer:  # it installs from mounted wheels in seconds; without it pip does the work
        _link(Path(installer), target / "uv")
        (target / "uv").chmod(0o755)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
