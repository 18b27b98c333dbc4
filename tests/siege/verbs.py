"""Every verb that works or writes, as a command over toy releases, and the workspaces these start from."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.cli.benches import SAME
from tests.cli.given import MODELS
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.cli.test_explain import BROKEN, CURES, FAILS, KNOWN, OFF, VERSION, WORKS
from tests.cli.test_sweep import CRASH, SKEW, TABLE
from tests.siege.room import Room

PLAIN, DONE = "plain", "done"
REPORT = "Works in 2.6.2, fails in 3.0.0 (PaddlePaddle/Paddle#71996):\n\nValueError: path does not exist\n"


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One command: where it starts from, whether it can be gone on with, and what it puts where something may not lie already."""

    typed: str
    room: str = PLAIN
    resumes: bool = True
    makes: str = ""
    noisy: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(shlex.split(self.typed))


VERBS = (
    Verb(typed="repro toy --rounds 1 --json"),
    Verb(typed="repro --all --rounds 0 --json"),
    Verb(typed="run toy --savers 3.0.0 --loaders 2.6.2,3.3.1 --rounds 1 --json"),
    Verb(typed="matrix toy --savers 2.6.2,3.0.0 --loaders 2.6.2,3.0.0,3.3.1 -o m.html -o m.json"),
    Verb(typed="sweep --savers 3.0.0 --loaders 3.0.0,3.3.1 --also '' --route jit,static --json"),
    Verb(typed="check model-3.0.0 --to 3.3.1 --rounds 1 --json"),
    Verb(typed="bisect newer --good 2.6.2 --bad 3.3.1 --json"),
    Verb(typed="cure newer --at 3.3.1 --saver 2.6.2 --rounds 0 --repeat 2 --json"),
    Verb(typed="isolate newer --good release=2.6.2 --bad release=3.1.1 --saver 2.6.2 --json"),
    Verb(typed="explain newer --rounds 0 -o page.md --json"),
    Verb(typed="bench even --releases 3.0.0,3.3.1 --seed 7 --blocks 6 --json", noisy=True),
    Verb(typed="stamp model-3.0.0 --json", makes="model-3.0.0/net.lab.json"),
    Verb(typed="convert model-2.6.2 --to json -o converted --json", makes="converted"),
    Verb(typed="bundle last -o x.repro.tgz --json", room=DONE, resumes=False),
    Verb(typed="replay made.repro.tgz --yes --repeat 2 --json", room=DONE, resumes=False),
    Verb(typed="images build 3.3.1-cpu-py311", resumes=False),
    Verb(typed="images render", resumes=False),
    Verb(typed="report -o site", room=DONE, resumes=False),
    Verb(typed="track add even", room=DONE, resumes=False),
    Verb(typed="new mine", resumes=False, makes="../bench/scenarios/mine.py"),
    Verb(typed="new report.md --name told", resumes=False, makes="../bench/scenarios/told.py"),
    Verb(typed="init fresh", resumes=False, makes="fresh"),
    Verb(typed="issue last", room=DONE, resumes=False),
)


def furnished(room: Room) -> None:
    """Scenarios, operators, cures and models as a user would have them."""
    scenarios = room.bench / "scenarios"
    newer = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    newer += WORKS.format("2.6.2", "3.3.1") + '# loader_env = { FLAGS_enable_pir_api = "0" }\n'
    files = {
        "toy.py": text(load=OLD_READER_FAILS, more=FAILING),
        "newer.py": text(load=f'if {VERSION} >= "3.1.1" and not {OFF}: {BROKEN}', more=newer),
        "even.py": text(infer=SAME),
        "cures.toml": CURES,
        "known.toml": KNOWN,
        "sweep/operators.toml": TABLE.format(bad=f"{SKEW}\n{CRASH}"),
    }
    for name, words in files.items():
        (scenarios / name).parent.mkdir(exist_ok=True)
        (scenarios / name).write_text(words, encoding="utf-8")
    for release in ("2.6.2", "3.0.0"):
        shutil.copytree(MODELS / release, room.here / f"model-{release}", ignore=shutil.ignore_patterns("*.pdparams"))
    (room.here / "report.md").write_text(REPORT, encoding="utf-8")


@cache
def rooms(root: Path) -> dict[str, Room]:
    """The workspaces that verbs start from, made once: an empty one, and one with finished runs and a bundle."""
    plain = Room(root=root / PLAIN).made()
    furnished(plain)
    done = plain.again(root / DONE)
    for words in (
        ("bench", "even", "--releases", "3.0.0,3.3.1", "--seed", "7", "--blocks", "6", "--json"),
        ("repro", "toy", "--rounds", "1", "--json"),
        ("bundle", "last", "-o", "made.repro.tgz", "--repeat", "1", "--json"),
    ):
        ended = done.run(*words)
        if ended.code not in {0, 3}:
            raise RuntimeError(f"lab {' '.join(words)} ended with {ended.code}:\n{ended.err}")
    return {PLAIN: plain, DONE: done}


# What differs between two runs of one command: who took it over, where and when it was, and what was measured.
OWN = frozenset(
    {
        "reused", "run", "id", "started", "finished", "command", "machine", "folder", "next", "path", "bundle", "date", "proof",
        "made", "headline", "facts", "save", "load", "warnings", "detail", "runs", "size", "noise",
    }
)  # fmt: skip
TIMES = re.compile(r"\d+(\.\d+)?x\b|\d+(\.\d+)? [um]?s\b")
RUN = re.compile(r"\d{8}-\d{6}-[\w.+-]*-[0-9a-f]{4}")


def gist(verb: Verb, out: str) -> tuple[object, ...]:
    """What an answer says that must be the same every time; of a timing only which rows there are."""
    try:
        document = json.loads(out)
    except ValueError:
        return ()
    return tuple(sorted(_leaves(document, "", noisy=verb.noisy)))


def _leaves(value: object, where: str, *, noisy: bool) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, one in value.items():
                if key not in OWN:
                    yield from _leaves(one, f"{where}.{key}", noisy=noisy)
        case list():
            for one in value:
                yield from _leaves(one, where, noisy=noisy)
        case str() if not noisy or where.endswith((".metric", ".side")):
            yield where, TIMES.sub("<times>", RUN.sub("<run>", value))
        case bool() if not noisy:
            yield where, str(value)
