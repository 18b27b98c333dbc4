"""Two labs, each in a pid namespace of its own, on one engine: neither may take the other's containers for left behind."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.engine.docker import connect
from lab.errors import EngineMissingError
from tests.cli.scenario_text import text
from tests.conftest import ROOT
from tests.siege.room import REAL, Room, ended
from tests.siege.tally import Budget, Harm, Tally

WANTED = 20
LONGEST_S = 600.0
INSIDE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
WORDS = ("repro", "slow", "--engine", "docker", "--rounds", "0", "--fresh", "--json")


def campaign(root: Path, budget: Budget) -> Tally:
    """Pairs of labs, by turns in one workspace and in two."""
    tally = Tally(what="two labs, two pid namespaces, one engine (runs each)", wanted=WANTED)
    if (
        shutil.which("unshare") is None
        or subprocess.run([*INSIDE, "true"], check=False, capture_output=True).returncode
    ):
        tally.notes.append("not tried: this user may make no pid namespace")
        return tally
    try:
        engine = connect("docker", ROOT / "images")
    except EngineMissingError as error:
        tally.notes.append(f"not tried: {error.what}")
        return tally
    chances = budget.chances("namespaces")
    rooms = tuple(furnished(root / name) for name in ("first", "second"))
    rooms[0].run("images", "build", "3.3.1-cpu-py311", "--engine", "docker", seconds=600)
    while tally.tried < WANTED and not budget.over:
        pair = rooms if tally.tried % 2 else (rooms[0], rooms[0])
        for harm, seen in harms(engine, pair, chances.uniform(0, 3)):
            tally.add(harm, f"pair {tally.tried + 1}, {'two workspaces' if tally.tried % 2 else 'one workspace'}", seen)
        tally.tried += 1
    return tally


def furnished(root: Path) -> Room:
    room = Room(root=root, program=REAL).made()
    source = text(load="time.sleep(2)").replace('loader = ["3.0.0", "3.3.1"]', 'loader = "3.3.1"')
    (room.bench / "scenarios" / "slow.py").write_text(source.replace('"3.0.0"', '"3.3.1"'), encoding="utf-8")
    return room


def harms(engine: Any, pair: tuple[Room, ...], pause: float) -> Iterator[tuple[Harm, str]]:
    """Both at work at once; both must end as one alone does, and leave nothing."""
    labs = []
    for room in pair:
        labs.append(room.start(*WORDS, before=INSIDE))
        time.sleep(pause)
    for lab in labs:
        done = ended(lab, LONGEST_S)
        if done.code is None:
            yield Harm.HANG, f"no end within {LONGEST_S:.0f} s"
        elif done.crashed:
            yield Harm.CRASH, done.err[-400:]
        elif done.code != 0 or json.loads(done.out)["verdict"] != "REPRODUCED":
            yield Harm.FAILED, f"{done.code}: {done.err[-400:]}"
    left = containers(engine, pair)
    if left:
        yield Harm.LEFT, f"containers {left}"
    unfinished = [one for room in dict.fromkeys(pair) for one in room.unfinished()]
    if unfinished:
        yield Harm.LEFT, f"{unfinished[:4]}"


def containers(engine: Any, pair: tuple[Room, ...]) -> list[str]:
    """What still exists of the runs of these rooms."""
    runs = {one.name for room in pair for one in room.runs.iterdir()}
    found = engine._client.containers.list(all=True, filters={"label": "lab.owner"}, ignore_removed=True)
    return [one.name for one in found if one.labels.get("lab.run") in runs]
