"""One lab that makes a base from Debian packages, as a process of its own: `base_maker.py ENGINE`, a folder that stands for the engine.

Its images are the files of that folder. Before it bootstraps and before it links it prints which of them it does next, and
waits for a line; what it says is printed, too.
"""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import docker.errors

from lab.engine.docker import base, build
from lab.engine.protocol import Teller
from lab.machine.process import Completed

ROOT = Path(__file__).resolve().parents[2]


class FolderEngine:
    """Images as files, one a tag."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.images = self

    def _of(self, tag: str) -> Path:
        return self._folder / tag.replace("/", "_")

    def get(self, tag: str) -> Any:
        """What Docker's SDK gives for a tag, as far as it is asked for."""
        if not self._of(tag).is_file():
            raise docker.errors.ImageNotFound(f"No such image: {tag}")
        return SimpleNamespace(tag=lambda repository, word: self.made(f"{repository}:{word}"))

    def made(self, tag: str) -> None:
        """Keep an image under a tag."""
        self._of(tag).touch()

    def remove(self, tag: str) -> None:
        """Take a tag away."""
        self.get(tag)
        self._of(tag).unlink()


def main(folder: Path) -> None:
    """Make the base of Python 3.11, step by step."""
    engine: Any = FolderEngine(folder)

    def said(text: str) -> None:
        print(text, flush=True)

    def step(name: str) -> None:
        said(name)
        sys.stdin.readline()

    def bootstrapped(_ground: object, _suite: object, root: Path) -> None:
        step("bootstrap")
        root.mkdir()

    def linked(_engine: object, order: build.BuildOrder, _log: object, _teller: object) -> Completed:
        step("link")
        engine.get(order.base)
        engine.made(order.tag)
        return Completed(argv=(), returncode=0, stdout="", stderr="")

    environment: Any = SimpleNamespace(
        device=SimpleNamespace(base="none", apt=()), python="3.11", arch="any", key="any"
    )
    address: Any = SimpleNamespace(kind="docker", environment={})
    with (
        patch.object(base, "_pulled", return_value=False),
        patch.object(base, "_bootstrap", bootstrapped),
        patch.object(base, "_trim"),
        patch.object(base, "_import", lambda _ground, _archive, tag, _suite: engine.made(tag)),
        patch.object(build, "run_build", linked),
    ):
        base.ensure(engine, address, environment, ROOT / "images", folder / "log", Teller(say=said, passing=said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
