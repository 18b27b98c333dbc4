"""A small disk for a workspace, and the lab over the toy engine as a process of its own on it."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Answer

TOY_LAB = ROOT / "tests" / "fakes" / "toy_lab.py"


@dataclass(frozen=True, kw_only=True)
class SmallDisk:
    """A mounted disk with a workspace and a cache on it."""

    root: Path

    @property
    def bench(self) -> Path:
        return self.root / "bench"

    def lab(self, *words: str, timeout: float = 240, **env: str) -> Answer:
        """One command, with everything it writes on this disk."""
        mine = {
            "LAB_WORKSPACE": str(self.bench), "LAB_CACHE": str(self.root / "cache"), "COLUMNS": "200",
            "XDG_RUNTIME_DIR": str(self.root / "run"), **env,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(TOY_LAB), *words], env={**os.environ, **mine}, capture_output=True, text=True,
            check=False, timeout=timeout, cwd=ROOT,
        )  # fmt: skip
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)

    @contextlib.contextmanager
    def filled(self, *, kilobytes: int = -1, inodes: int = -1) -> Iterator[None]:
        """Leave only so much of it while the block lasts."""
        facts = os.statvfs(self.root)
        ballast = self.root / "ballast"
        ballast.mkdir()
        if kilobytes >= 0:
            (ballast / "one").write_bytes(bytes(max(0, facts.f_bavail * facts.f_bsize - kilobytes * 1024)))
        for number in range(facts.f_favail - inodes - 1 if inodes >= 0 else 0):
            (ballast / str(number)).touch()
        try:
            yield
        finally:
            shutil.rmtree(ballast)


@contextlib.contextmanager
def small_disk(place: Path, options: str) -> Iterator[SmallDisk]:
    """A file system in memory at a place, with a workspace that has one scenario; skipped where none can be mounted."""
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=False, capture_output=True
    ).returncode:
        pytest.skip("NO MOUNT: this user cannot mount a small file system")
    try:
        disk = SmallDisk(root=place)
        for name in ("images", "scenarios"):
            (disk.bench / name).mkdir(parents=True)
        for path in (ROOT / "images").iterdir():
            target = disk.bench / "images" / path.name
            shutil.copyfile(path, target) if path.is_file() else target.symlink_to(path)
        for name in ("cures.toml", "known.toml"):
            shutil.copyfile(ROOT / "scenarios" / name, disk.bench / "scenarios" / name)
        source = text(load=OLD_READER_FAILS, more=FAILING)
        (disk.bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
        (place / "run").mkdir()
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)


def resume_of(answer: Answer) -> list[str]:
    """The words of the command that the remedy names, after `lab`; none where it names none."""
    _, found, command = answer.err.rpartition("; then: lab ")
    return command.split() if found else []


def one_sentence(answer: Answer) -> None:
    """The lab says what is wrong and what to do, once, and nothing tears."""
    said = [line for line in answer.err.splitlines() if line.startswith("lab: ")]
    assert len(said) == 1, answer.err
    assert answer.err.count("  try: ") == 1, answer.err
    assert "Traceback" not in answer.err
    assert answer.code == 7, answer.err
