"""E7: another program starts to use the measured core when half of the work is done: does any verdict turn over?"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from asv_side import Asv, word
from place import CALM, METRICS, Row, Setting, bench

from lab.bench import block_files, cores
from lab.model.bench import BenchReport, Change

SIDES = "3.0.0,3.0.0+LAB_SIDE=2,3.0.0+LAB_SLOWER=0.20"
HOG = "while True: pass"
HALF = 3


@contextlib.contextmanager
def hogged(when: Callable[[], bool]) -> Iterator[list[float]]:
    """A busy loop on the measured core from the moment `when` says so to the end; yields when it began."""
    began: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            if when():
                child = subprocess.Popen(["taskset", "--cpu-list", cores(1), sys.executable, "-c", HOG])
                began.append(time.time())
                over.wait()
                child.kill()
                child.wait()
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield began
    finally:
        over.set()
        thread.join()


def run(setting: Setting) -> Iterator[Row]:
    """The lab with and without the other program, then asv in its default order and interleaved."""
    words = [
        "--releases",
        SIDES,
        "--flag",
        *(f"{name}={value}" for name, value in CALM.items()),
        "--metric",
        "load,infer",
        "--blocks",
        "6",
        "--seed",
        "7",
        "--fresh",
    ]
    calm = bench(setting, *words)
    known = set(_runs(setting))
    with hogged(lambda: _count(setting, known) >= HALF) as began:
        hard = bench(setting, *words)
    flips = _flips(calm.report) + _flips(hard.report)
    yield Row(
        experiment="E7", question="equal sides and +20 %, a CPU hog from half-way on", tool="lab bench",
        answer=f"calm: {_said(calm.report)}; hogged{'' if began else ' (the hog never started)'}: {_said(hard.report)}",
        target="no verdict flips", met=not flips and bool(began), seconds=calm.seconds + hard.seconds,
    )  # fmt: skip
    yield from _asv(setting)


def _runs(setting: Setting) -> list[Path]:
    return list((setting.workspace / "results" / "runs").glob("*-contest_net-*"))


def _count(setting: Setting, known: set[Path]) -> int:
    """Finished blocks of the run that is under way."""
    mine = [one for one in _runs(setting) if one not in known and (one / "bench" / block_files.BLOCKS).is_file()]
    return max((len((one / "bench" / block_files.BLOCKS).read_bytes().splitlines()) for one in mine), default=0)


def _said(report: BenchReport) -> str:
    return ", ".join(
        f"{row.metric} {'+20 %' if 'SLOWER' in row.side else 'equal'} {row.change.value} x{row.wall.ratio:.2f}"
        for row in report.rows
    )


def _flips(report: BenchReport) -> list[str]:
    """Verdicts that the truth contradicts: a change between equal sides; FASTER or SAME for the slowed one."""
    wrong = {True: (Change.FASTER, Change.SAME), False: (Change.FASTER, Change.SLOWER)}
    return [f"{row.metric} {row.side}" for row in report.rows if row.change in wrong["SLOWER" in row.side]]


def _asv(setting: Setting) -> Iterator[Row]:
    asv = Asv(setting=setting, name="e7")
    asv.prepare(["3.0.0"], commits=2)
    for words, name in (((), "default order"), (("--interleave-rounds",), "interleaved")):
        calm = asv.run(*words, env=CALM)
        before = _compared(asv)
        asv.forget(f"{name.replace(' ', '-')}-calm")
        end = time.time() + calm.seconds * 0.5
        with hogged(lambda end=end: time.time() >= end):
            hard = asv.run(*words, env=CALM)
        yield Row(
            experiment="E7",
            question="two equal commits, a CPU hog from half-way on",
            tool=f"asv, {name}",
            answer=f"calm: {before}; hogged: {_compared(asv)}",
            seconds=calm.seconds + hard.seconds,
        )
        asv.forget(f"{name.replace(' ', '-')}-hogged")


def _compared(asv: Asv) -> str:
    found = asv.results()
    one, other = sorted(found)
    pairs = [(found[one][metric] or [], found[other][metric] or []) for metric in METRICS]
    return ", ".join(
        f"{metric} {word(said, *pair)}" for metric, said, pair in zip(METRICS, asv.judge(pairs), pairs, strict=True)
    )
