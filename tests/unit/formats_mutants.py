"""Damaged copies of real model files, each looked at under hard limits; run as a program by test_formats_mutants.

usage: formats_mutants.py COUNT SEED FOLDER
"""

import io
import json
import random
import resource
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from lab.errors import UsageError
from lab.formats import inspect
from lab.report import inspect as report_inspect
from lab.storage import store
from tests.unit.formats_files import FIRST, NEW, OLD

MEMORY = 64 * 1024**2
"""Bytes of address space that all looks together may add."""
SECONDS = 400
"""CPU time of the whole program; a look that hangs ends it with a signal."""
SEEDS = (
    OLD / "net.pdmodel",
    OLD / "net.pdiparams",
    OLD / "net.pdiparams.info",
    OLD / "net.pdparams",
    FIRST / "net.json",
    NEW / "net.json",
)
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


def mutant(number: int, seed: int) -> tuple[Path, bytes]:
    """The n-th damaged file and its origin: the same for the same seed."""
    rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - a repeatable choice
    origin = SEEDS[number % len(SEEDS)]
    data = bytearray(origin.read_bytes())
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if data:
            rng.choice(CHANGES)(rng, data)
    return origin, bytes(data)


def look(path: Path, *, drawn: bool) -> str:
    """Look at one file to the last word of its answer."""
    try:
        found = inspect(path)
    except UsageError:
        return "refused"
    store.pretty(found)
    if drawn:
        Console(file=io.StringIO(), width=120).print(report_inspect.render(found))
    return "broken" if found.broken else "readable"


def main(count: int, seed: int, folder: Path) -> None:
    for whole in (OLD, FIRST, NEW):
        shutil.copytree(whole, folder / whole.name)
    before = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (before + MEMORY, before + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for number in range(count):
        origin, data = mutant(number, seed)
        path = folder / origin.parent.name / origin.name
        path.write_bytes(data)
        try:
            counts[look(path, drawn=number % 5 == 0)] += 1
        except BaseException:  # noqa: BLE001 - whatever escapes is what the test is about
            failures.append(f"mutant {number} of {origin.name}:\n{traceback.format_exc()[-1500:]}")
        shutil.copyfile(origin, path)
    print(json.dumps({"counts": counts, "failures": failures}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
