"""Damaged copies of real models and of pickles, each looked at under hard limits; run as a program by test_formats_mutants.

usage: formats_mutants.py COUNT SEED FOLDER

Each pickle is then loaded for real, in a process of its own, to learn whether it executes. The answer is one line of
JSON: how often what was seen, and every failure (a crash, a hang, an execution while looking, an executing pickle that
was called harmless) with the number of its mutant.
"""

import contextlib
import io
import json
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import traceback
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from lab.errors import UsageError
from lab.formats import inspect
from lab.formats.pickle_values import USUAL
from lab.report import inspect as report_inspect
from lab.storage import store
from tests.unit import pickle_assembler as assembler
from tests.unit.formats_files import FIRST, NEW, OLD

MEMORY = 64 * 1024**2
"""Bytes of address space that all looks together may add."""
SECONDS = 20
"""CPU time of one look, or of one load: more is a hang."""
MODELS = (
    OLD / "net.pdmodel",
    OLD / "net.pdiparams",
    OLD / "net.pdiparams.info",
    OLD / "net.pdparams",
    FIRST / "net.json",
    NEW / "net.json",
)
MARKER = "executed"
"""The folder that a pickle makes where it executes."""
EVENTS = frozenset(
    {"pickle.find_class", "os.mkdir", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen"}
)
"""What no look at a file may cause (https://docs.python.org/3/library/audit_events.html)."""
BOMBS = (
    b"\xff" * 4,
    b"\xff" * 8,
    b"\xff" * 9 + b"\x01",
    b"\xff\xff\xff\x7f",
    b"\x80" * 12,
    b"[" * 5000,
    b'{"a":' * 3000,
)

Change = Callable[[random.Random, bytearray], None]


def flip(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def insert(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.randint(1, 64))


def drop(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randint(1, 64)]


def bomb(rng: random.Random, data: bytearray) -> None:
    """A length, a number or a nesting far too large, at any place."""
    at, what = rng.randrange(len(data)), rng.choice(BOMBS)
    data[at : at + rng.choice((0, len(what)))] = what


def repeat(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randint(1, 400)] * rng.randint(1, 50)


def digits(rng: random.Random, data: bytearray) -> None:
    """Numbers in text become enormous, negative or other words."""
    places = [at for at, byte in enumerate(data) if chr(byte).isdigit()] or [0]
    at = rng.choice(places)
    data[at : at + 1] = rng.choice((b"9" * 400, b"-1", b"1e999", b"null", b"1.5", b"[]", b'"x"'))


CHANGES: tuple[Change, ...] = (flip, cut, insert, drop, bomb, repeat, digits)


class DenseTensor:
    """What paddle.save makes of a DenseTensor."""

    def __reduce__(self) -> Any:
        return eval, ("data", {"data": np.ones((2, 2), "float32")})


def pickles() -> tuple[bytes, ...]:
    """Pickles as Paddle writes them in every protocol, and as many that execute, alone, in disguise and in archives."""
    state = OrderedDict(w=np.ones((2, 3), "float32"), b=("name", np.zeros(3)), c=[1, 2.5, None, {"x": b"y"}])
    plain = [pickle.dumps(state, protocol) for protocol in range(6)] + [pickle.dumps(DenseTensor(), 2)]
    return (*plain, *_executing(), *(_zipped(one) for one in (plain[2], _executing()[0])))


def _executing() -> list[bytes]:
    """Pickles that make the folder MARKER where they are loaded."""
    short, names = assembler.short, assembler.short("os") + assembler.short("mkdir")
    call = b"cos\nmkdir\n(S'%s'\ntR" % MARKER.encode()
    push = short(MARKER)
    return [
        call + b".",
        b"\x80\x04" + names + short("numpy") + short("dtype") + b"00\x93" + push + b"\x85R.",
        names + b"(" + short("numpy") + short("dtype") + b"1\x93" + push + b"\x85R.",
        b"S'os'\np7\n0S'mkdir'\np8\n0S'numpy'\n0g7\ng8\n\x93" + push + b"\x85R.",
        b"(S'%s'\nios\nmkdir\n." % MARKER.encode(),
        b"cfunctools\npartial\ncos\nmkdir\n" + push + b"\x86\x81)R.",
        assembler.by_state(MARKER) + b".",
        assembler.extension(MARKER) + b".",
        pickle.dumps({"w": np.ones(3, "float32")}, 2)[:-1] + b"0" + call + b".",
        b"GGUF" + bytes(5) + b"0" + call + b".",
    ]


def _zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("model/data.pkl"), data)
        archive.writestr(zipfile.ZipInfo("model/data/0"), bytes(range(256)))
    return file.getvalue()


@cache
def seeds() -> tuple[tuple[Path, bytes], ...]:
    """What is damaged, and the file of a whole model that it takes the place of: models and pickles in turns."""
    made = pickles()
    models = [(path, path.read_bytes()) for path in MODELS]
    places = (OLD / "net.pdparams", OLD / "net.pdiparams.info", OLD / "net.pdiparams")
    every = [(places[number % len(places)], data) for number, data in enumerate(made)]
    return tuple(one for number in range(len(every)) for one in (models[number % len(models)], every[number]))


def mutant(number: int, seed: int) -> tuple[Path, bytes]:
    """The n-th damaged file and the place it takes: the same for the same seed; each pickle also comes undamaged."""
    rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - a repeatable choice
    place, origin = seeds()[number % len(seeds())]
    data = bytearray(origin)
    if number < len(seeds()) and number % 2:
        return place, origin
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if data:
            rng.choice(CHANGES)(rng, data)
    return place, bytes(data)


class _Watch:
    """What Python's own audit sees while it is asked to look."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.on = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event in EVENTS and not (event == "pickle.find_class" and arguments in USUAL):
            self.seen.append(f"{event} {arguments!r}"[:200])


def look(path: Path, *, drawn: bool) -> tuple[str, bool]:
    """Look at one file to the last word of its answer; whether a pickle in it is called harmless."""
    try:
        found = inspect(path)
    except UsageError:
        return "refused", False
    store.pretty(found)
    if drawn:
        Console(file=io.StringIO(), width=120).print(report_inspect.render(found))
    mine = [one for one in found.pickles if one.file == path.name or one.file.startswith(f"{path.name}, ")]
    return "broken" if found.broken else "readable", bool(mine) and all(one.harmless for one in mine)


def executes(path: Path, watch: _Watch) -> bool:
    """Whether loading a file does more than what Paddle's own files do: found out in a process of its own."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        os.chdir(path.parent)
        watch.seen, watch.on = [], True
        for stream in _streams(path):
            with contextlib.suppress(BaseException):
                while True:
                    pickle.load(stream, encoding="latin1")  # noqa: S301 - to see what it does
        os._exit(bool(watch.seen))
    _, status = os.waitpid(child, 0)
    made = path.parent / MARKER
    there = made.is_dir()
    shutil.rmtree(made, ignore_errors=True)
    return there or os.waitstatus_to_exitcode(status) == 1


def _streams(path: Path) -> list[io.BytesIO]:
    """A file, and the members of the archive that it may be."""
    found = [io.BytesIO(path.read_bytes())]
    with contextlib.suppress(Exception), zipfile.ZipFile(path) as archive:
        found += [io.BytesIO(archive.read(name)) for name in archive.namelist()]
    return found


def try_one(path: Path, watch: _Watch, counts: Counter[str], *, drawn: bool, loaded: bool) -> None:
    """Look at one file, then load it where it may be a pickle; AssertionError where one of the promises is broken."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    watch.seen, watch.on = [], True
    kind, harmless = look(path, drawn=drawn)
    watch.on = False
    signal.setitimer(signal.ITIMER_PROF, 0)
    assert not watch.seen, f"looking caused {watch.seen}"
    counts[kind] += 1
    if loaded or harmless:
        executed = executes(path, watch)
        counts["loaded"] += 1
        counts["harmless"] += harmless
        counts["executing"] += executed
        assert not (executed and harmless), "it executes, and is called harmless"


def _hangs(number: int, frame: object) -> None:
    del number, frame
    raise TimeoutError(f"a look took more than {SECONDS} s")


def main(count: int, seed: int, folder: Path) -> None:
    for whole in (OLD, FIRST, NEW):
        shutil.copytree(whole, folder / whole.name)
    watch = _Watch()
    signal.signal(signal.SIGPROF, _hangs)
    before = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (before + MEMORY, before + MEMORY))
    counts: Counter[str] = Counter(loaded=0, harmless=0, executing=0)
    failures: list[str] = []
    for number in range(count):
        origin, data = mutant(number, seed)
        path = folder / origin.parent.name / origin.name
        path.write_bytes(data)
        try:
            try_one(path, watch, counts, drawn=number % 5 == 0, loaded=number % 2 == 1)
        except BaseException:  # noqa: BLE001 - whatever escapes is what the test is about
            failures.append(f"mutant {number} of {origin.name}:\n{traceback.format_exc()[-1500:]}")
            watch.on = False
        shutil.copyfile(origin, path)
    print(json.dumps({"counts": counts, "failures": failures}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
