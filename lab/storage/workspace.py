"""Where the lab works: the folder with images/, scenarios/ and results/, and the cache beside it."""

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lab.errors import UsageError

MARK = Path("images") / "releases.toml"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A folder laid out for the lab; every path the lab reads or writes hangs below it or below `cache`."""

    root: Path
    cache: Path

    @property
    def images(self) -> Path:
        """Releases, devices, template, rendered Dockerfiles."""
        return self.root / "images"

    @property
    def scenarios(self) -> Path:
        """One file each."""
        return self.root / "scenarios"

    @property
    def results(self) -> Path:
        """Runs and history."""
        return self.root / "results"


def cache_folder() -> Path:
    """Where wheels and local environments are kept: LAB_CACHE, else the user's cache folder."""
    chosen = os.environ.get("LAB_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paddle-repro-lab"


def find(start: Path | None = None, chosen: str = "") -> Workspace:
    """The workspace asked for, or the nearest one at or above `start`; UsageError says how to make one."""
    asked = chosen or os.environ.get("LAB_WORKSPACE", "")
    if asked:
        root = Path(asked).expanduser().resolve()
        if not (root / MARK).is_file():
            raise UsageError(f"{root} is not a lab workspace: {MARK} is missing", f"lab init {asked}")
        return Workspace(root=root, cache=cache_folder())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file() and (folder / "scenarios").is_dir():
            return Workspace(root=folder, cache=cache_folder())
    raise UsageError(f"no lab workspace at or above {here}", "lab init DIR, or --workspace DIR, or LAB_WORKSPACE=DIR")


def carried() -> Path:
    """The workspace data this package carries: inside an installed wheel, or the clone it runs from."""
    inside = Path(str(resources.files("lab"))) / "workspace"
    if inside.is_dir():
        return inside
    clone = Path(__file__).resolve().parents[2]
    if (clone / MARK).is_file():
        return clone
    raise UsageError("this installation carries no workspace data", "install paddle-repro-lab again, or clone it")
