"""A build context on disk: Dockerfile, lock, wheels and uv; whoever has it can build with no network at all."""

from pathlib import Path

from lab.engine.protocol import Recipe
from lab.machine import uv
from lab.storage import copies


def lay_out(recipe: Recipe, wheels: Path, target: Path) -> None:
    """Fill an empty folder; wheels take no space where the disk allows second names."""
    (target / "Dockerfile").write_text(recipe.dockerfile, encoding="utf-8")
    (target / "requirements.txt").write_text(recipe.lock, encoding="utf-8")
    (target / "wheels").mkdir()
    for wheel in sorted(wheels.glob("*.whl")):
        copies.link(wheel, target / "wheels" / wheel.name)
    installer = uv.find()
    if installer:  # it installs from mounted wheels in seconds; without it pip does the work
        copies.link(installer, target / "uv")
        (target / "uv").chmod(0o755)
