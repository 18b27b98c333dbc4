"""Change the pure rooms one small thing at a time, by mutmut, and say room by room how many changes the tests noticed.

`python scripts/mutants.py [--tenths N] [--children N] [--again] [ROOM ...]` works in a copy below build/mutants; N tenths
of all mutants are tried, chosen by the last digit of their number. With `--again` only those that survived the last time
are tried: for whoever has written more tests, and left the room itself as it was. Exit code 1 where one survived that
nobody accepted.
"""

import argparse
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ROOT / "tests" / "mutants.toml"
LEFT_ALONE = [r"raise \w*Error", r"\.refused\(", r"raise .*\.wrong\("]
"""Lines whose statement is the sentence of a failure."""
PATIENT = "--hypothesis-profile=ci"
"""The same examples each time, and none fails for a busy machine: that would look like a mutant that was noticed."""
KILLED, SURVIVED, UNTESTED = "killed", "survived", "no test"
WORDS = {0: SURVIVED, 5: UNTESTED, 33: UNTESTED, None: "not tried", 34: "skipped"}
"""What mutmut's exit code of a mutant means, where it is not that a test failed, hung or died of it."""
DIGITS = "7305182946"
"""The order in which last digits join a sample, so that a larger sample holds the smaller one."""


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A mutant that no test noticed: its name, the line that it made, and why that is accepted, if it is."""

    name: str
    word: str
    change: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoomResult:
    """What became of one room's mutants."""

    room: str
    counts: Counter[str]
    survivors: tuple[Survivor, ...]

    @property
    def tried(self) -> int:
        """How many were started, or would have been if a test reached them."""
        return sum(count for word, count in self.counts.items() if word in {KILLED, SURVIVED, UNTESTED})

    @property
    def accepted(self) -> int:
        """How many survivors nobody could notice."""
        return sum(bool(one.reason) for one in self.survivors)

    def row(self) -> str:
        """A line of the table of docs/architecture.md."""
        open_ones = len(self.survivors) - self.accepted
        share = (self.tried - open_ones) / self.tried if self.tried else 0.0
        made = sum(self.counts.values())
        return f"| {self.room} | {made:,} | {self.tried:,} | {self.counts[KILLED]:,} | {self.accepted} | {open_ones} | {share:.1%} |"


HEAD = "| room | mutants | tried | killed | accepted | open | killed or accepted |\n|---|---|---|---|---|---|---|"


def copied(room: dict[str, Any], into: Path) -> Path:
    """A fresh copy of the tracked files, with mutmut's configuration for one room."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    shutil.rmtree(into, ignore_errors=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, into / name)
    others = sorted({path.name for path in into.iterdir()} - {"lab", "tests", "pyproject.toml"})
    settings = {
        "source_paths": ["lab"], "only_mutate": room["files"], "also_copy": others, "track_dependencies": False,
        "pytest_add_cli_args_test_selection": room["tests"], "do_not_mutate_patterns": LEFT_ALONE,
        "pytest_add_cli_args": ["-n", "0", "-p", "no:cacheprovider", PATIENT], "use_git_change_detection": False,
    }  # fmt: skip
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    with (into / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[tool.mutmut]\n{lines}")
    return into


def mutmut(tree: Path, *words: str) -> str:
    """Run mutmut in the copy; what it printed."""
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environ.pop("PYTHONPATH", None)  # the mutants are in the copy of the copy, and nowhere else
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words], cwd=tree, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"mutmut {words[0]} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def outcomes(tree: Path) -> dict[str, str]:
    """Every mutant's name, and the word for what became of it."""
    found: dict[str, str] = {}
    for path in sorted((tree / "mutants").rglob("*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found |= {name: WORDS.get(code, KILLED) for name, code in codes.items()}
    return found


def files(tree: Path, room: dict[str, Any]) -> dict[str, bytes]:
    """What a room's mutants are made of, by path: as long as that is the same, a mutant's name says which one it is."""
    return {
        str(path.relative_to(tree)): path.read_bytes() for glob in room["files"] for path in sorted(tree.glob(glob))
    }


def last_time(tree: Path, room: dict[str, Any]) -> dict[str, str]:
    """What became of all mutants the last time; SystemExit where that was of other files, or never."""
    known = tree.with_suffix(".json")
    if not known.is_file() or files(tree, room) != files(ROOT, room):
        sys.exit(f"{tree.name} was never tried as it is now: try it without --again")
    return dict(json.loads(known.read_text(encoding="utf-8")))


def change(tree: Path, name: str) -> str:
    """The line that a mutant made, or the one it took away."""
    diff = mutmut(tree, "show", name).splitlines()
    made = [line[1:].strip() for line in diff if re.match(r"\+(?!\+\+)", line)]
    gone = [f"- {line[1:].strip()}" for line in diff if re.match(r"-(?!--)", line)]
    return (made or gone or [""])[0]


def reason(accepted: list[dict[str, str]], name: str, line: str) -> str:
    """Why a survivor is accepted; empty where it is not."""
    plain = re.sub(r"__mutmut_\d+$", "", name)
    return next((one["reason"] for one in accepted if one["in"] == plain and one["change"] == line), "")


def tried(name: str, room: dict[str, Any], *, tenths: int, children: int, again: bool) -> RoomResult:
    """One room's mutants, each against the tests that reach it."""
    tree = ROOT / "build" / "mutants" / name
    before = last_time(tree, room) if again else {}
    copied(room, tree)
    chosen = [] if tenths >= len(DIGITS) else [f"*__mutmut_*{digit}" for digit in DIGITS[:tenths]]
    if again:
        chosen = [one for one, word in before.items() if word in {SURVIVED, UNTESTED}]
        if not chosen:
            sys.exit(f"nothing of {name} survived the last time")
    mutmut(tree, "run", "--max-children", str(children), *chosen)
    found = outcomes(tree)
    if chosen:  # a rerun by name is what mutmut does with them; the rest was never started
        found = {
            one: word if any(fnmatch.fnmatch(one, glob) for glob in chosen) else before.get(one, "not tried")
            for one, word in found.items()
        }
    tree.with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")
    survivors = []
    for mutant, word in found.items():
        if word in {SURVIVED, UNTESTED}:
            line = change(tree, mutant)
            survivors.append(
                Survivor(name=mutant, word=word, change=line, reason=reason(room.get("accepted", []), mutant, line))
            )
    return RoomResult(room=name, counts=Counter(found.values()), survivors=tuple(survivors))


def main() -> int:
    """Try the rooms that are named, or all, and say what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*")
    parser.add_argument("--tenths", type=int, default=len(DIGITS))
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    rooms = tomllib.loads(ROOMS.read_text(encoding="utf-8"))["room"]
    unknown = sorted(set(asked.rooms) - set(rooms))
    if unknown:
        print(f"there is no room {unknown[0]}: {', '.join(rooms)}")
        return 2
    results = []
    for name in asked.rooms or rooms:
        results.append(tried(name, rooms[name], tenths=asked.tenths, children=asked.children, again=asked.again))
        for one in results[-1].survivors:
            print(f"{'accepted' if one.reason else one.word:<9} {one.name}\n          {one.change}", flush=True)
        print(results[-1].row(), flush=True)
    print("\n" + "\n".join([HEAD, *(one.row() for one in results)]))
    return int(any(not survivor.reason for one in results for survivor in one.survivors))


if __name__ == "__main__":
    sys.exit(main())
