"""Where the lab works: the folder with images/, scenarios/ and results/, and the cache beside it."""

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lab.errors import UsageError
from lab.redaction import own_folders

MARK = Path("images") / "releases.toml"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A folder laid out for the lab; every path the lab reads or writes hangs below it or below `cache`.

    Where nobody laid one out, `carried` is what the installed package brings: it is read and never written, and results
    go to the user's data folder.
    """

    root: Path
    cache: Path
    carried: Path | None = None

    @property
    def images(self) -> Path:
        """Releases, devices, template, rendered Dockerfiles."""
        return (self.carried or self.root) / "images"

    @property
    def scenarios(self) -> Path:
        """One file each."""
        return (self.carried or self.root) / "scenarios"

    @property
    def results(self) -> Path:
        """Runs and history."""
        return self.root / "results"

    def require_own(self, what: str) -> None:
        """UsageError where images/ and scenarios/ are the package's own, to which `what` would write."""
        if self.carried is not None:
            raise UsageError(
                f"{what} writes into a workspace, and none lies at or above this folder", "lab init DIR, and go there"
            )


def cache_folder() -> Path:
    """Where wheels and local environments are kept: LAB_CACHE, else the user's cache folder."""
    chosen = os.environ.get("LAB_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paddle-repro-lab"


def home_folder() -> Path:
    """Where results go where there is no workspace: LAB_HOME, else the user's data folder."""
    chosen = os.environ.get("LAB_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "paddle-repro-lab"


def find(start: Path | None = None, chosen: str = "") -> Workspace:
    """The workspace asked for, else the nearest one at or above `start`, else what the package carries."""
    found = _found(start, chosen)
    own_folders.add(found.root, found.cache)
    return found


def _found(start: Path | None, chosen: str) -> Workspace:
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
    home = home_folder()
    home.mkdir(parents=True, exist_ok=True)
    return Workspace(root=home, cache=cache_folder(), carried=carried())


def carried() -> Path:
    """The workspace data this package carries: inside an installed wheel, or the clone it runs from."""
    inside = Path(str(resources.files("lab"))) / "workspace"
    if inside.is_dir():
        return inside
    clone = Path(__file__).resolve().parents[2]
    if (clone / MARK).is_file():
        return clone
    raise UsageError("this installation carries no workspace data", "install paddle-repro-lab again, or clone it")
