"""Plant each bug of tests/planted_bugs.toml in a copy of the tree and run the tests that must find it.

`python scripts/planted_bugs.py [WORD ...]` plants those whose name holds a word. Exit code 1 where a bug survives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUGS = ROOT / "tests" / "planted_bugs.toml"
FOUND, CLEAN = 1, 0
"""How pytest ends where a test failed, and where none did; anything else means that nothing was tested."""


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


def tested(tree: Path, names: list[str]) -> int:
    """Run tests in the copy; how pytest ended."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *names]
    environ = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, cwd=tree, env=environ, stdout=subprocess.DEVNULL, check=False).returncode


def planted(tree: Path, bug: dict[str, Any]) -> str:
    """Plant one bug, run its tests, take it out again; the word for what came of it."""
    path = tree / bug["file"]
    whole = path.read_text(encoding="utf-8")
    if whole.count(bug["old"]) != 1:
        return f"CANNOT BE PLANTED: its text stands {whole.count(bug['old'])} times"
    path.write_text(whole.replace(bug["old"], bug["new"]), encoding="utf-8")
    try:
        ended = tested(tree, bug["tests"])
    finally:
        path.write_text(whole, encoding="utf-8")
    return {FOUND: "found", CLEAN: "SURVIVED"}.get(ended, f"NOT TESTED: pytest ended with {ended}")


def main() -> int:
    """Plant all, or those named, and say what each came to."""
    words = sys.argv[1:]
    bugs = [one for one in read() if not words or any(word in one["name"] for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        clean = tested(tree, sorted({name for one in bugs for name in one["tests"]}))
        if clean != CLEAN:
            print(f"the tests do not pass without any bug: pytest ended with {clean}")
            return 2
        said = {one["name"]: planted(tree, one) for one in bugs}
    for name, word in said.items():
        print(f"{word:<10} {name}", flush=True)
    found = sum(word == "found" for word in said.values())
    print(f"{found} of {len(said)} planted bugs found")
    return 0 if found == len(said) else 1


if __name__ == "__main__":
    sys.exit(main())
