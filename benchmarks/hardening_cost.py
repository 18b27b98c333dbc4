"""What digests and the doors to a container's files cost a functional verdict: time inside them, as a share of the whole.

Needs an engine with the images of 2.6.2, 3.0.0 and 3.3.1. Each round is one fresh verdict in a process of its own, in which
every call of a seal or a door is timed; calls in threads beside each other are added up, so the share is the most it can be.
Beside it: the same command again, with nothing changed. The machine's load cancels out, because both are of one run.
"""

import contextlib
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lab.cli.app import app
from lab.cli.ending import run_to_exit_code
from lab.machine import refused
from lab.storage import cleared, outbox, seal

ROOT = Path(__file__).resolve().parent.parent
WORDS = ("run", "jit_load_pir", "--savers", "2.6.2,3.0.0", "--loaders", "3.0.0,3.3.1", "--engine", "docker")
TIMED = (
    "lab.storage.seal.seal", "lab.storage.seal.damage", "lab.storage.cleared.clear", "lab.storage.outbox.GuestFile.read",
    "lab.storage.outbox.GuestFile.ends", "lab.machine.refused.has_room",
)  # fmt: skip
ROUNDS = 5


class Clock:
    """Seconds spent inside what it wraps, by name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._guard = threading.Lock()

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def timed(*words: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return work(*words, **more)
            finally:
                with self._guard:
                    self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - start

        return timed


def one(*more: str) -> None:
    """One verdict in this process, and what it cost, as JSON on stderr."""
    clock, owners = Clock(), {"seal": seal, "cleared": cleared, "GuestFile": outbox.GuestFile, "refused": refused}
    sys.argv = ["lab", *WORDS, *more]
    with contextlib.ExitStack() as stack:
        for name in TIMED:
            *_, owner, last = name.split(".")
            work = getattr(owners[owner], last)
            stack.enter_context(patch.object(owners[owner], last, clock.around(name, work)))
        start = time.perf_counter()
        code = run_to_exit_code(app)
        whole = time.perf_counter() - start
    sys.stderr.write("COST " + json.dumps({"code": code, "whole": whole, "spent": clock.spent}) + "\n")


def measured(results: Path, *more: str) -> dict[str, Any]:
    """The same in a process of its own, in a workspace of its own."""
    env = {**os.environ, "LAB_WORKSPACE": str(results)}
    done = subprocess.run(
        [sys.executable, __file__, "--one", *more], env=env, capture_output=True, text=True, check=True, cwd=ROOT
    )
    found: dict[str, Any] = json.loads(done.stderr.rpartition("COST ")[2])
    return found


def main() -> None:
    """Interleaved: a fresh verdict, then the same again, so often."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("images", "scenarios"):
            (place / name).symlink_to(ROOT / name)
        measured(place)  # images, caches
        shares, wholes, again = [], [], []
        for _ in range(ROUNDS):
            fresh = measured(place, "--fresh")
            shares.append(sum(fresh["spent"].values()) / fresh["whole"])
            wholes.append(fresh["whole"])
            again.append(measured(place)["whole"])
            print(f"verdict {wholes[-1]:.2f} s, of that {shares[-1]:.2%} in seals and doors; again {again[-1]:.2f} s")
        print(
            f"median: {statistics.median(shares):.2%} of {statistics.median(wholes):.2f} s (wanted: 3 % at most); "
            f"unchanged {statistics.median(again):.2f} s (wanted: below 1 s)"
        )


if __name__ == "__main__":
    one(*sys.argv[2:]) if sys.argv[1:2] == ["--one"] else main()
