"""Hostile bundles are replayed: each is refused in one sentence, or runs within the caps, and nothing is written outside."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from lab.bundle import archive
from lab.cli.app import app
from lab.cli.ending import run_to_exit_code
from lab.engine.protocol import Job
from lab.machine import host
from lab.model import Limits
from tests.conftest import toy_module
from tests.siege.hostile_bundles import Attack, attacks
from tests.siege.room import Room
from tests.siege.tally import Budget, Harm, Tally
from tests.siege.verbs import DONE, rooms

WANTED = 150
LONGEST_S = 60
REFUSED, ENDS = {2, 8}, {0, 1, 2, 3, 4, 5, 7, 8}
ELSEWHERE = (Path("/evil"), Path("/tmp/evil"), Path("/etc/evil"))


@dataclass(frozen=True, kw_only=True)
class Replay:
    """How one replay ended, what it said, what it started, and what lay there before and afterwards."""

    code: int | None
    out: str
    err: str
    jobs: Sequence[Job]
    before: Sequence[str]
    after: Sequence[str]


def campaign(root: Path, budget: Budget) -> Tally:
    """As many attacks as the budget allows, in a random order."""
    tally = Tally(what="hostile bundles", wanted=WANTED)
    room = rooms(root.parent / "rooms")[DONE].again(root / "room")
    every = list(attacks(genuine(room.here / "made.repro.tgz", root)))
    budget.chances("bundles").shuffle(every)
    engine = toy_module().ToyEngine(room.root / "cache")
    with lab_of(room, engine):
        for attack in every:
            if budget.over:
                break
            for harm, seen in harms(attack, replayed(room, engine, attack)):
                tally.add(harm, attack.name, seen)
            tally.tried += 1
    tally.notes.append(f"{len(every)} distinct attacks, {sum(one.refused for one in every)} of them never to run")
    return tally


def genuine(path: Path, room: Path) -> dict[str, bytes]:
    """The files of a bundle that the lab itself wrote."""
    folder = room / "genuine"
    archive.unpack(path, folder)
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and one.name != "MANIFEST.sha256"
    }


@contextlib.contextmanager
def lab_of(room: Room, engine: Any) -> Iterator[None]:
    """This process as a lab in that room, over the toy engine."""
    with (
        patch.dict(os.environ, room.environment),
        patch.object(tempfile, "tempdir", str(room.root / "tmp")),
        patch("lab.cli.opening.choose", lambda *_, **__: (engine.reopened(), "")),
        patch("lab.environment.wheels.WheelStore.fetch"),
        patch("lab.environment.wheels.WheelStore.gathered", return_value=contextlib.nullcontext(room.root)),
    ):
        yield


def replayed(room: Room, engine: Any, attack: Attack) -> Replay:
    """One replay in this very process, ended where it does not end."""
    path = room.here / "evil.repro.tgz"
    path.write_bytes(attack.data)
    engine.jobs.clear()
    before, out, err = listing(room.root), io.StringIO(), io.StringIO()
    code: int | None = None
    words = patch.object(sys, "argv", ["lab", "replay", str(path), "--yes", "--json"])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), words:
        try:
            with alarmed():
                code = run_to_exit_code(app)
        except TimeoutError:
            code = None
        except Exception:  # noqa: BLE001 - what the lab did not foresee is what is looked for
            code = 1
            traceback.print_exc()
    return Replay(
        code=code,
        out=out.getvalue(),
        err=err.getvalue(),
        jobs=tuple(engine.jobs),
        before=before,
        after=listing(room.root),
    )


@contextlib.contextmanager
def alarmed() -> Iterator[None]:
    """TimeoutError in this thread where the block takes too long."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    earlier = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)


def listing(root: Path) -> list[str]:
    """Everything below a folder that a replay must leave as it is."""
    found = [f"{path}" for path in root.rglob("*") if not {"locks", "builds", "runtime"} & set(path.parts)]
    return sorted([*found, *(str(one) for one in ELSEWHERE if one.exists())])


def harms(attack: Attack, seen: Replay) -> Iterator[tuple[Harm, str]]:
    """Every promise that an attack broke."""
    if seen.code is None:
        yield Harm.HANG, f"no end within {LONGEST_S} s"
    if "Traceback (most recent call last)" in seen.err:
        yield Harm.CRASH, seen.err[-400:]
    if attack.refused and seen.jobs:
        yield Harm.FAILED, f"it ran: {seen.out[:200]}"
    if seen.code not in (REFUSED if attack.refused else ENDS) and seen.code is not None:
        yield Harm.FAILED, f"it ends with {seen.code}: {seen.err[:300]}"
    if seen.code in REFUSED and not told(seen.err):
        yield Harm.FAILED, f"it is not refused in one sentence: {seen.err[:300]!a}"
    if seen.before != seen.after:
        yield Harm.OUTSIDE, f"{sorted(set(seen.before) ^ set(seen.after))[:4]}"
    for job in seen.jobs:
        if not within(job):
            yield Harm.OUTSIDE, f"it got {job.limits}, {dict(job.env)}, gpu {job.gpu}"


def told(said: str) -> bool:
    """Whether a refusal is one sentence that can do nothing to a terminal, and what to do."""
    lines = [line for line in said.splitlines() if not line.startswith("[")]
    return (
        bool(lines) and lines[0].startswith("lab: ") and all(line.isprintable() for line in lines) and len(lines) <= 6
    )


def within(job: Job) -> bool:
    """Whether a step got no more than the lab gives its own, no variable of the bundle's making, and no device."""
    most, limits = Limits(), job.limits
    below = all(
        0 < getattr(limits, name) <= getattr(most, name)
        for name in ("memory", "pids", "wall_s", "silent_s", "output", "log")
    )
    threads = int(job.env.get("OMP_NUM_THREADS", "1"))
    evil = any("evil" in word for pair in job.env.items() for word in pair)
    return below and 0 < limits.cpus <= host.cores() and threads <= host.cores() and not job.gpu and not evil
