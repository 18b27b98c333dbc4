"""A guest that is forked from a warm Python is to the lab, and to itself, what one that is started anew is."""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.machine import process
from tests.warm import WarmChild

LOOK = """
import json, os, random, signal, sys
import numpy
words = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE)
found = {
    "argv": sys.argv, "path": sys.path, "env": dict(os.environ), "cwd": os.getcwd(), "main": sys.modules["__main__"].__file__,
    "leads": os.getpid() == os.getsid(0) == os.getpgrp(), "hears": [str(signal.getsignal(one)) for one in words],
    "open": sorted(int(one) for one in os.listdir("/proc/self/fd"))[:-1], "streams": [sys.stdin.fileno(), sys.stdout.fileno()],
    "parent": os.getppid(), "paddle": "paddle" in sys.modules, "supervisor": "supervisor" in sys.modules,
}
drawn = [random.random(), float(numpy.random.rand())]
with open(sys.argv[1], "w") as file:
    json.dump([found, drawn], file)
sys.exit(7)
"""
Starts = Callable[..., Any]


def looked(starts: Starts, folder: Path) -> tuple[dict[str, Any], list[float]]:
    """What a script sees of itself."""
    (folder / "look.py").write_text(LOOK)
    env = {"PYTHONPATH": str(folder / "first"), "PATH": "/bin", "SOME": "thing", "PYTHONDONTWRITEBYTECODE": "1"}
    with starts([sys.executable, str(folder / "look.py"), str(folder / "seen")], env=env) as child:
        assert child.wait() == 7
    found, drawn = json.loads((folder / "seen").read_text())
    found["env"].pop("LC_CTYPE", None)  # a Python that is started sets it for itself where it is not set
    return found, drawn


def test_it_sees_what_a_new_one_sees_and_draws_numbers_of_its_own(tmp_path: Path, starts: Starts) -> None:
    warm, drawn = looked(starts, tmp_path)
    assert warm == looked(process.started, tmp_path)[0]
    assert set(drawn) & set(looked(starts, tmp_path)[1]) == set()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("pass", 0),
        ("raise SystemExit('no')", 1),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os._exit(3)", 3),
        ("import atexit, os; atexit.register(os._exit, 5)", 5),
    ],
)
def test_it_ends_as_a_new_one_ends(tmp_path: Path, starts: Starts, source: str, code: int) -> None:
    (tmp_path / "ends.py").write_text(source)
    for how in (starts, process.started):
        with how([sys.executable, str(tmp_path / "ends.py")], env={}) as child:
            assert child.wait() == code


def test_it_is_ended_by_a_stop_and_by_the_end_of_its_block(tmp_path: Path, starts: Starts) -> None:
    (tmp_path / "sleeps.py").write_text("import time; time.sleep(600)")
    words = [sys.executable, str(tmp_path / "sleeps.py")]
    with starts(words, env={}) as child:
        threading.Thread(target=process.end_all).start()
        assert child.wait() == -15
    with starts(words, env={}) as child:
        assert child.poll() is None
    assert child.returncode == -15
    assert not process.alive(child.pid)


def test_one_whose_end_is_known_before_its_id_was_read_is_heard() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"4711\n9\n")
    os.close(writer)
    child = WarmChild(reader)
    assert (child.pid, child.poll(), child.wait()) == (4711, 9, 9)
