"""E5: the same question again, and one release more: what history saves."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from asv_side import Asv
from place import Benched, Row, Setting, bench, lab

BASE, MORE = ("2.6.2", "3.3.1"), "3.1.1"
TARGET_S = 2.0
SAME = ("--metric", "load,infer", "--blocks", "6")


def run(setting: Setting) -> Iterator[Row]:
    """Measure two releases, keep them, ask again, then ask for one release more; the same with asv."""
    known = bench(setting, "--releases", ",".join(BASE), *SAME, "--fresh")
    added = lab(setting, "track", "add", "last")
    if added.code:
        raise SystemExit(added.out)
    again = lab(setting, "bench", "contest_net", "--releases", ",".join(BASE), *SAME)
    yield Row(
        experiment="E5", question="the same two releases again", tool="lab bench", answer=f"exit {again.code}; first time {known.seconds:.0f} s",
        target=f"under {TARGET_S:.0f} s", met=again.code == 0 and again.seconds < TARGET_S, seconds=again.seconds,
    )  # fmt: skip
    yield _one_more(setting, bench(setting, "--releases", ",".join((*BASE, MORE)), *SAME))
    yield from _asv(setting)


def _one_more(setting: Setting, found: Benched) -> Row:
    sides = sorted({one.side.split("-")[0] for block in found.blocks for one in block.sides})
    history = setting.workspace / "results" / "history"
    return Row(
        experiment="E5", question="one release more", tool="lab bench", answer=f"measured {', '.join(sides)} in {len(found.blocks)} blocks; history holds {_bytes(history)} bytes",
        target=f"only {BASE[0]} and {MORE}", met=sides == sorted((BASE[0], MORE)), seconds=found.seconds,
    )  # fmt: skip


def _bytes(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _asv(setting: Setting) -> Iterator[Row]:
    asv = Asv(setting=setting, name="e5")
    asv.prepare(BASE, commits=1)
    asv.run("--interleave-rounds")
    again = asv.run("--interleave-rounds", "--skip-existing-successful")
    yield Row(
        experiment="E5",
        question="the same two releases again",
        tool="asv --skip-existing-successful",
        answer=f"exit {again.code}; {_bytes(asv.home / 'results')} bytes kept",
        seconds=again.seconds,
    )
    first = _files(asv.home)
    config = asv.home / "repo" / "asv.conf.json"
    more = Asv(setting=setting, name="e5-more")
    more.prepare((*BASE, MORE), commits=1)
    config.write_bytes((more.home / "repo" / "asv.conf.json").read_bytes())
    start = time.perf_counter()
    done = asv.run("--interleave-rounds", "--skip-existing-successful")
    measured = len(_files(asv.home)) - len(first)
    yield Row(
        experiment="E5",
        question="one release more",
        tool="asv --skip-existing-successful",
        answer=f"exit {done.code}; {measured} new result file(s); nothing measured beside it, so old and new were not compared at one time",
        seconds=time.perf_counter() - start,
    )


def _files(home: Path) -> Sequence[Path]:
    return sorted((home / "results").glob("*/*-virtualenv-*.json"))
