"""Unfinished work is gone at the end, and after kill -9 with the next work of the kind; what is held stays."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab import scratch
from lab.storage import store
from tests.conftest import ROOT
from tests.unit.test_imports import MODULES

KILLED = """
import os, pathlib, signal, sys
from lab import scratch
with scratch.{what} as made:
    target = made / "deep" if made.is_dir() else None
    if target is not None:
        target.mkdir()
        (target / "half").write_text("half")
    print(made, flush=True)
    {then}
"""


def unfinished(what: str, then: str = "os.kill(os.getpid(), signal.SIGKILL)") -> "subprocess.Popen[str]":
    """A process of the lab that makes something unfinished; by itself it is killed there."""
    code = KILLED.format(what=what, then=then)
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


def left_by_a_killed(what: str) -> Path:
    child = unfinished(what)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    made = Path(said.strip())
    assert made.exists()
    return made


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of its own, also for this very process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield tmp_path
    monkeypatch.setattr("tempfile.tempdir", None)


def test_a_temporary_folder_of_a_killed_lab_is_removed_by_whatever_the_next_one_makes(temporary: Path) -> None:
    left = left_by_a_killed("folder('proof')")
    with scratch.folder("replay") as mine:
        assert [one.name for one in temporary.iterdir()] == [mine.name]
        assert not left.exists()
    assert list(temporary.iterdir()) == []


def test_a_lab_that_makes_nothing_removes_it_too(temporary: Path, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    left = left_by_a_killed("folder('proof')"), left_by_a_killed(f"folder('fetch', pathlib.Path({str(wheels)!r}))")
    scratch.reap(wheels)
    assert [one.exists() for one in left] == [False, False]


@pytest.mark.parametrize("what", ["file_beside", "folder_beside"])
def test_what_lies_half_made_beside_a_target_is_removed_when_it_is_written_again(tmp_path: Path, what: str) -> None:
    target = tmp_path / "x.repro.tgz"
    left = left_by_a_killed(f"{what}(pathlib.Path({str(target)!r}))")
    assert left.parent == tmp_path
    store.write(target, b"whole")
    assert [one.name for one in tmp_path.iterdir()] == [target.name]


def test_what_a_living_lab_holds_stays(temporary: Path) -> None:
    child = unfinished("folder('proof')", "sys.stdin.read()")
    try:
        made = Path((child.stdout or sys.stdin).readline().strip())
        scratch.reap()
        assert (made / "deep" / "half").read_text() == "half"
    finally:
        child.kill()
        child.communicate()
    scratch.reap()
    assert not made.exists()


def test_what_is_not_the_labs_stays(temporary: Path) -> None:
    (temporary / "paddle-repro-lab-1000").mkdir()
    (temporary / "somebody.part").mkdir()
    (temporary / "kept").mkdir()
    (temporary / "paddle-repro-lab-x.part").symlink_to(temporary / "kept")
    os.mkfifo(temporary / "paddle-repro-lab-y.part")
    scratch.reap()
    assert {"paddle-repro-lab-1000", "somebody.part", "kept"} <= {one.name for one in temporary.iterdir()}


def test_many_labs_that_make_and_sweep_at_once_never_take_each_others(tmp_path: Path) -> None:
    target, together = tmp_path / "run.json", threading.Barrier(8)

    def work(number: int) -> None:
        together.wait()
        for _ in range(60):
            store.write(target, str(number).encode(), lasting=False)
            with scratch.folder_beside(target) as room:
                (room / "mine").write_text("x")
                assert (room / "mine").read_text() == "x"

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(work, range(8)))
    assert [one.name for one in tmp_path.iterdir()] == ["run.json"]


def test_a_name_as_long_as_a_file_system_takes_is_written(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 255)
    store.write(target, b"whole")
    assert target.read_bytes() == b"whole"


def test_a_file_system_without_locks_is_worked_on_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr("fcntl.flock", none)
    (tmp_path / ".x.another.part").write_bytes(b"somebody may hold it")
    store.write(tmp_path / "x", b"whole")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".x.another.part", "x"]


def test_no_other_module_makes_temporary_files() -> None:
    """tempfile leaves them behind where its process is killed."""
    users = {name for name, (_, path) in MODULES.items() if "import tempfile" in path.read_text(encoding="utf-8")}
    # The second and the last only ask where they lie; the third writes a script that runs without the lab.
    assert users == {"scratch", "machine.shared_lock", "search.reduce_script", "site.own_places"}
