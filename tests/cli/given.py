"""Real model files as a user gives them."""

from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT

MODELS = ROOT / "tests" / "golden" / "models"
Model = Callable[[str], Path]


def listing(folder: Path) -> dict[str, tuple[bytes, float, int]]:
    return {one.name: (one.read_bytes(), one.stat().st_mtime, one.stat().st_mode) for one in folder.iterdir()}
