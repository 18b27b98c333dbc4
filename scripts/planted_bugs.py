"""Plant each bug of tests/planted_bugs.toml in a copy of the tree and run the tests that must find it.

`python scripts/planted_bugs.py [WORD ...]` plants those whose name holds a word. Exit code 1 where a bug survives. Each
bug costs one start of pytest on the tests that guard it and never more than LONGEST, so all of them are bounded.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUGS = ROOT / "tests" / "planted_bugs.toml"
FOUND, CLEAN = 1, 0
"""How pytest ends where a test failed, and where none did; anything else means that nothing was tested."""
PATIENT = "--hypothesis-profile=ci"
"""The same examples each time, and none fails for a busy machine: that would look like a bug that was found."""
HUNG = -1
LONGEST = 300
"""Seconds of one start of pytest: its tests take a few without a bug, so one that makes them hang was noticed."""


def read() -> list[dict[str, Any]]:
    """The bugs: a name, the file, the text that stands there once, the bug in its place, and the tests that find it."""
    return list(tomllib.loads(BUGS.read_text(encoding="utf-8"))["bug"])


def copied(into: Path) -> Path:
    """The tracked files as they are now, somewhere else."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, into / name)
    return into


def tested(tree: Path, names: list[str], longest: float | None) -> int:
    """Run tests in the copy; how pytest ended, HUNG where it had to be ended."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", PATIENT, *names]
    environ = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    started = subprocess.Popen(words, cwd=tree, env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        return started.wait(longest)
    except subprocess.TimeoutExpired:
        return HUNG
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def planted(tree: Path, bug: dict[str, Any]) -> str:
    """Plant one bug, run its tests, take it out again; the word for what came of it."""
    path = tree / bug["file"]
    whole = path.read_text(encoding="utf-8")
    if whole.count(bug["old"]) != 1:
        return f"CANNOT BE PLANTED: its text stands {whole.count(bug['old'])} times"
    path.write_text(whole.replace(bug["old"], bug["new"]), encoding="utf-8")
    try:
        ended = tested(tree, bug["tests"], LONGEST)
    finally:
        path.write_text(whole, encoding="utf-8")
    return {FOUND: "found", HUNG: "found", CLEAN: "SURVIVED"}.get(ended, f"NOT TESTED: pytest ended with {ended}")


def main() -> int:
    """Plant all, or those named, and say what each came to."""
    words = sys.argv[1:]
    bugs = [one for one in read() if not words or any(word in one["name"] for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        clean = tested(tree, sorted({name for one in bugs for name in one["tests"]}), longest=None)
        if clean != CLEAN:
            print(f"the tests do not pass without any bug: pytest ended with {clean}")
            return 2
        said: list[str] = []
        for one in bugs:
            began = time.monotonic()
            said.append(planted(tree, one))
            print(f"{said[-1]:<10} {time.monotonic() - began:5.1f} s  {one['name']}", flush=True)
    found = said.count("found")
    print(f"{found} of {len(said)} planted bugs found")
    return 0 if found == len(said) else 1


if __name__ == "__main__":
    sys.exit(main())
