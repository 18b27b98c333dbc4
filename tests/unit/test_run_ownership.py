"""What a killed lab left in the folder of its run is removed by the next one; what is held stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.run.ownership import OPEN, clear_killed, owned
from lab.storage.store import Store
from tests.conftest import ROOT

KILLED = """
import os, pathlib, signal, sys
from lab.run.ownership import owned
folder = pathlib.Path(sys.argv[1])
with owned(folder):
    (folder / "in").mkdir()
    os.mkfifo(folder / "in" / "nonce")
    (folder / "run.json").write_text("{}")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(root=tmp_path / "results")


def killed(kept: Store, run_id: str) -> Path:
    """The folder of a run whose lab was killed in the middle of a step."""
    folder = kept.folder(run_id)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=env, check=False)
    assert (folder / "in" / "nonce").is_fifo()
    return folder


def marks(kept: Store) -> list[str]:
    return [one.name for one in (kept.root / OPEN).iterdir()]


def test_the_pipes_of_a_killed_lab_are_removed_and_nothing_else(kept: Store) -> None:
    folder = killed(kept, "one")
    clear_killed(kept)
    assert sorted(one.name for one in folder.rglob("*")) == ["in", "run.json", "run.lock"]
    assert marks(kept) == []


def test_a_run_that_a_lab_is_at_work_on_keeps_its_pipes(kept: Store) -> None:
    folder = killed(kept, "one")
    with owned(folder):
        clear_killed(kept)
        assert (folder / "in" / "nonce").is_fifo()
        with pytest.raises(UsageError), owned(folder):
            pass
        assert marks(kept) == ["one"]
    assert marks(kept) == []


def test_nothing_is_said_where_no_run_was_ever_begun_or_its_folder_is_gone(kept: Store) -> None:
    clear_killed(kept)
    with owned(kept.folder("one")):
        pass
    (kept.root / OPEN / "two").touch()
    clear_killed(kept)
    assert marks(kept) == []
