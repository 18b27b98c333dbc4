"""A base is made once on a machine, and two labs that do not know of each other do not spoil each other's."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT

WAITS = "another lab on this machine makes the base"


class Maker:
    """A lab that makes a base, as a process that goes on when it is told to."""

    def __init__(self, engine: Path, locks: Path) -> None:
        locks.mkdir(mode=0o700, exist_ok=True)
        argv = [sys.executable, str(ROOT / "tests" / "fakes" / "base_maker.py"), str(engine)]
        environ = {**os.environ, "XDG_RUNTIME_DIR": str(locks), "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def until(self, *begin: str) -> str:
        """The next line that begins so; empty where it ended before."""
        assert self.process.stdout is not None
        return next((line.strip() for line in self.process.stdout if line.startswith(begin)), "")

    def go_on(self) -> None:
        """Let it do the step that it has named."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ended(self) -> tuple[int, str]:
        """How it ended, and what it said then."""
        _, complaint = self.process.communicate(timeout=60)
        return self.process.returncode, complaint


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """The folder that stands for an engine."""
    folder = tmp_path / "engine"
    folder.mkdir()
    return folder


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Whoever is still at work at the end is ended."""
    with ExitStack() as stack:
        yield stack


def maker(started: ExitStack, engine: Path, locks: Path) -> Maker:
    made = Maker(engine, locks)
    started.enter_context(made.process)
    started.callback(made.process.kill)
    return made


def images(engine: Path) -> list[str]:
    """The tags there are, without the digest."""
    return sorted(
        path.name.partition(":py311-any-")[0] + path.name.partition("-any-")[2][12:] for path in engine.iterdir()
    )


def test_of_two_labs_that_need_one_base_at_once_the_second_waits_and_finds_it(
    tmp_path: Path, engine: Path, started: ExitStack
) -> None:
    first = maker(started, engine, tmp_path / "locks")
    assert first.until("bootstrap") == "bootstrap"
    second = maker(started, engine, tmp_path / "locks")
    assert second.until(WAITS, "bootstrap").startswith(WAITS)
    first.go_on()
    assert first.until("link") == "link"
    first.go_on()
    assert first.ended() == (0, "")
    assert second.until("bootstrap", "link") == ""
    assert second.ended() == (0, "")
    assert images(engine) == ["paddle-repro-lab_base"]


def test_labs_that_share_an_engine_and_no_lock_do_not_take_each_others_image_away(
    tmp_path: Path, engine: Path, started: ExitStack
) -> None:
    both = [maker(started, engine, tmp_path / f"locks-{one}") for one in ("a", "b")]
    for one in both:
        assert one.until("bootstrap") == "bootstrap"
    for one in both:
        one.go_on()
        assert one.until("link") == "link"
    for one in both:
        one.go_on()
        assert one.ended() == (0, "")
    assert images(engine) == ["paddle-repro-lab_base"]
