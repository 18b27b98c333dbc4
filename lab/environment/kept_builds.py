"""Builds that were handed over, kept by their content: who names one again need not have its file any more."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import documents, scratch
from lab.environment.wheel_file import sha256
from lab.errors import UsageError
from lab.model import GivenBuild
from lab.storage import store


@dataclass(frozen=True, kw_only=True)
class KeptBuilds:
    """What the cache knows of given builds: a description each, and a wheel's file in the wheel store."""

    cache: Path

    def all(self, tell: Callable[[str], None] = lambda _: None) -> tuple[GivenBuild, ...]:
        """Every build that was ever handed over; a description that is damaged is told, and costs only itself."""
        found: list[GivenBuild] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                found.append(_read(path))
            except UsageError as error:
                tell(f"left out: {error.what}; give that build again, which mends it")
        return tuple(found)

    def keep(self, build: GivenBuild, file: Path | None = None) -> None:
        """Remember a build; a wheel's file is copied, because its owner may change it in place."""
        if file is not None:
            home = self.cache / "wheels" / build.sha256
            if not (home / build.name).is_file():
                self._copied(file, home, build)
        described = self._folder / f"{build.sha256}.json"
        if not _described(described):
            self._folder.mkdir(parents=True, exist_ok=True)
            store.write(described, store.pretty(build))

    @property
    def _folder(self) -> Path:
        return self.cache / "given"

    def _copied(self, file: Path, home: Path, build: GivenBuild) -> None:
        home.parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder("given", home.parent) as room:
            whole = room / build.name
            shutil.copyfile(file, whole)
            if sha256(whole) != build.sha256:
                raise UsageError(f"{file} changed while it was read", "wait until it is built, then run this again")
            home.mkdir(exist_ok=True)
            whole.replace(home / build.name)


def _read(path: Path) -> GivenBuild:
    try:
        return documents.json(path.read_bytes(), GivenBuild)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is damaged: {error}", "give the build again") from error


def _described(path: Path) -> bool:
    try:
        return bool(_read(path))
    except UsageError:
        return False
