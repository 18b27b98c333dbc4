"""A lab is ended at a random moment of any verb: no finished step may be lost, nothing half-written trip the next, nothing stay."""

import json
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lab.model import Kind
from tests.siege.room import Ended, Room, ended, gone_within
from tests.siege.tally import Budget, Harm, Tally
from tests.siege.verbs import VERBS, Verb, gist, rooms

WANTED = 200
AT_ONCE = 2
PROMISED_S = 30.0
"""How long a lab may take to end that was asked to: its promise is 5 s, on a machine with nothing else to do."""
IMPORTS_S = 0.6
KILL, TWICE = "SIGKILL", "SIGINT twice"
WAYS = (KILL, KILL, KILL, KILL, "SIGTERM", "SIGHUP", "SIGINT", TWICE)


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """How a command ends that nobody disturbs: its code, what its answer says, and the seconds it takes."""

    code: int | None
    says: tuple[object, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One case: which command, which signal, and when, in seconds since its start."""

    number: int
    verb: Verb
    how: str
    after: float

    @property
    def name(self) -> str:
        return f"{self.number}: {self.how} {self.after:.2f} s into lab {self.verb.typed}"


@dataclass(kw_only=True)
class Siege:
    """What the cases share."""

    root: Path
    tally: Tally
    rooms: Mapping[str, Room]
    undisturbed: dict[Verb, Undisturbed] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def found(self, harm: Harm, kill: Kill, seen: str) -> None:
        with self.lock:
            self.tally.add(harm, kill.name, seen)


def campaign(root: Path, budget: Budget) -> Tally:
    """As many kills as the budget allows, over all verbs in turn."""
    siege = Siege(
        root=root,
        tally=Tally(what="kill -9 and other signals, all verbs", wanted=WANTED),
        rooms=rooms(root.parent / "rooms"),
    )
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for verb, one in zip(VERBS, pool.map(lambda verb: undisturbed(siege, verb), VERBS), strict=True):
            siege.undisturbed[verb] = one
        list(pool.map(lambda kill: tried(siege, kill, budget), kills(siege, budget.chances("kills"))))
    return siege.tally


def undisturbed(siege: Siege, verb: Verb) -> Undisturbed:
    room = siege.rooms[verb.room].again(siege.root / f"whole-{VERBS.index(verb)}")
    start = time.monotonic()
    done = room.run(*verb.words)
    found = Undisturbed(code=done.code, says=gist(verb, done.out), seconds=time.monotonic() - start)
    if done.code not in {0, 1, 3, 4} or done.crashed:
        siege.tally.notes.append(f"lab {verb.typed} ends with {done.code} undisturbed: {done.err[-300:]}")
    shutil.rmtree(room.root)
    return found


def kills(siege: Siege, chances: random.Random) -> Iterator[Kill]:
    """Every verb in turn, each time in another order; one in six moments lies in the imports."""
    number = 0
    while number < WANTED:
        for verb in chances.sample(VERBS, len(VERBS)):
            number += 1
            early = chances.random() < 1 / 6
            longest = min(IMPORTS_S, siege.undisturbed[verb].seconds) if early else siege.undisturbed[verb].seconds
            yield Kill(number=number, verb=verb, how=chances.choice(WAYS), after=chances.uniform(0, longest))


def tried(siege: Siege, kill: Kill, budget: Budget) -> None:
    """One case from its start to the look at what is left of it; none where the time is over."""
    if budget.over:
        return
    room = siege.rooms[kill.verb.room].again(siege.root / f"case-{kill.number}")
    _killed(siege, kill, room)
    before = steps(room)
    looked = room.run("runs", "list")
    if looked.code != 0 or looked.crashed:
        siege.found(Harm.FAILED, kill, f"then lab runs list: {looked.code} {looked.err[-300:]}")
    _again(siege, kill, room)
    _kept(siege, kill, before, steps(room))
    left = [*gone_within(room, 8), *room.unfinished()]
    if left:
        siege.found(Harm.LEFT, kill, f"{len(left)}: {', '.join(left[:4])}")
    with siege.lock:
        siege.tally.tried += 1
    shutil.rmtree(room.root, ignore_errors=True)


def _killed(siege: Siege, kill: Kill, room: Room) -> None:
    child = room.start(*kill.verb.words)
    time.sleep(kill.after)
    if kill.how == KILL:
        child.kill()
    else:
        child.send_signal(signal.Signals[kill.how.split()[0]])
    if kill.how == TWICE:
        time.sleep(0.7)
        child.send_signal(signal.SIGINT)
    done = ended(child, PROMISED_S)
    if done.code is None:
        siege.found(Harm.HANG, kill, f"it did not end within {PROMISED_S:.0f} s")
    elif done.crashed:
        siege.found(Harm.CRASH, kill, done.err[-400:])


def _again(siege: Siege, kill: Kill, room: Room) -> None:
    """Go on as a user would; the end must be the one that nobody disturbed."""
    wanted, there = siege.undisturbed[kill.verb], bool(kill.verb.makes) and (room.here / kill.verb.makes).exists()
    done = _resumed(kill, room) or room.run(*kill.verb.words)
    if done.code is None:
        siege.found(Harm.HANG, kill, "the same command again does not end")
    elif done.crashed:
        siege.found(Harm.CRASH, kill, f"the same command again: {done.err[-400:]}")
    elif there and done.code == 2:
        return
    elif done.code != wanted.code:
        siege.found(Harm.FAILED, kill, f"again {done.code}, undisturbed {wanted.code}: {done.err[-400:]}")
    elif gist(kill.verb, done.out) != wanted.says:
        other = set(gist(kill.verb, done.out)) ^ set(wanted.says)
        siege.found(Harm.FAILED, kill, f"it answers otherwise: {sorted(map(str, other))[:6]}")


def _resumed(kill: Kill, room: Room) -> Ended | None:
    """The command gone on with; nothing where it is finished (a bench: with every block), or had not begun a run."""
    if not kill.verb.resumes:
        return None
    done = room.run(*kill.verb.words, "--resume", "last")
    nothing = ("there is no interrupted run", "there is no run", "no later look is asked for")
    return None if done.code == 2 and any(words in done.err for words in nothing) else done


def steps(room: Room) -> dict[Path, tuple[str, bytes]]:
    """Every finished step that another run may take over: its key and its bytes, by place."""
    found = {}
    for path in room.runs.glob("**/step.json"):
        if {"in", "out"} & set(path.relative_to(room.runs).parts):
            continue
        data = path.read_bytes()
        told = json.loads(data)
        computed = told["outcome"]["reason"] != "given as files"
        if told["files"] and computed and Kind(told["outcome"]["kind"]).kept:
            found[path] = told["key"], data
    return found


def _kept(
    siege: Siege, kill: Kill, before: Mapping[Path, tuple[str, bytes]], after: Mapping[Path, tuple[str, bytes]]
) -> None:
    """Every step that was finished is there as it was, and was not done a second time."""
    for path, (key, data) in before.items():
        where = "/".join(path.parts[-4:-1])
        if path not in after:
            siege.found(Harm.LOST, kill, f"{where} is gone")
        elif after[path] != (key, data):
            siege.found(Harm.LOST, kill, f"{where} was done again")
    done = dict(before.values())
    for path, (key, data) in after.items():
        if path not in before and key in done and data != done[key]:
            siege.found(Harm.LOST, kill, f"{'/'.join(path.parts[-4:-1])} was done again, elsewhere")
