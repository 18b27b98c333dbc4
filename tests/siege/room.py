"""A workspace of one case with everything a lab touches inside one folder: what is left behind can be seen there."""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

TOY = (sys.executable, str(ROOT / "tests" / "fakes" / "toy_lab.py"))
REAL = (sys.executable, "-m", "lab")
LONGEST_S = 600.0
"""How long a command may take that nobody disturbs."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended; no code where it had to be killed."""

    code: int | None
    out: str
    err: str

    @property
    def crashed(self) -> bool:
        """Whether the lab let an exception out; before its first line there is only the interpreter, which has its own ways."""
        return "Traceback (most recent call last)" in self.err and f"{ROOT}/lab/" in self.err


@dataclass(frozen=True, kw_only=True)
class Room:
    """One folder: the workspace, the cache, the temporary files, and where commands are typed."""

    root: Path
    program: tuple[str, ...] = TOY

    @property
    def bench(self) -> Path:
        return self.root / "bench"

    @property
    def runs(self) -> Path:
        return self.bench / "results" / "runs"

    @property
    def here(self) -> Path:
        return self.root / "here"

    @property
    def environment(self) -> Mapping[str, str]:
        places = {
            "LAB_WORKSPACE": self.bench, "LAB_CACHE": self.root / "cache", "XDG_RUNTIME_DIR": self.root / "runtime",
            "TMPDIR": self.root / "tmp", "HOME": self.root / "home", "PYTHONPATH": ROOT,
        }  # fmt: skip
        if self.program == REAL:  # real wheels and images are those of this machine
            for name in ("LAB_CACHE", "HOME", "XDG_RUNTIME_DIR"):
                places.pop(name)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
        return {**kept, **{name: str(place) for name, place in places.items()}, "COLUMNS": "200", "TOY_QUICK": "1"}

    def made(self) -> "Room":
        for name in ("bench/images", "bench/scenarios", "cache", "runtime", "tmp", "home", "here"):
            (self.root / name).mkdir(parents=True)
        (self.root / "runtime").chmod(0o700)
        for path in (ROOT / "images").iterdir():
            target = self.bench / "images" / path.name
            shutil.copyfile(path, target) if path.is_file() else target.symlink_to(path)
        return self

    def again(self, root: Path) -> "Room":
        """The same room once more, for another case."""
        shutil.copytree(self.root, root, symlinks=True)
        return Room(root=root, program=self.program)

    def start(self, *words: str, before: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*before, *self.program, *words], env=self.environment, cwd=self.here, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip

    def run(self, *words: str, seconds: float = LONGEST_S) -> Ended:
        return ended(self.start(*words), seconds)

    def processes(self) -> list[str]:
        """Every process that has to do with this room: it names it in its words, its environment or its folder."""
        mark, found = os.fsencode(self.root) + b"/", []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    words = (entry / "cmdline").read_bytes()
                    told = words + (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink()) + b"/"
                    if mark in told and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                        found.append(words.replace(b"\0", b" ").decode(errors="replace")[:160])
        return found

    def unfinished(self) -> Iterator[str]:
        """Temporary files, pipes, and whatever lies in the folder for temporary files."""
        for folder, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                path = Path(folder, name)
                inside = path.relative_to(self.root)
                if (len(inside.parts) > 1 and inside.parts[0] == "tmp") or (
                    name.startswith(".") and (name.endswith(".part") or LEFT.search(name))
                ):
                    yield str(inside)
                elif stat.S_ISFIFO(path.lstat().st_mode):
                    yield f"{inside} (a pipe)"


LEFT = re.compile(r"\.[0-9a-f]{8,16}(\.old)?$")


def ended(child: "subprocess.Popen[str]", seconds: float) -> Ended:
    """Wait for the end of a command; one that does not come to it in time is killed, and has no exit code."""
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        return Ended(code=None, out=out, err=err)
    return Ended(code=child.returncode, out=out, err=err)


def gone_within(room: Room, seconds: float) -> list[str]:
    """The processes of a room that are still there so many seconds later."""
    end = time.monotonic() + seconds
    while (left := room.processes()) and time.monotonic() < end:
        time.sleep(0.2)
    return left
