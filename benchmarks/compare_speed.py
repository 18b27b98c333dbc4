"""How fast the comparator is beside `numpy.testing.assert_allclose` on the same two files: promised are 5x and 200 MB.

usage: python bench/compare_speed.py [--gib 1] [--rounds 3] [--cases A,B] [--workers 1] [--folder FOLDER]

FOLDER needs twice as much room as --gib. Both outputs.npz hold one float32 array of [rows, 1000], as a classifier
writes it, and lie in the page cache, as they do right after a run. The lab reads the files and makes every metric;
assert_allclose gets the same numbers mapped into memory and the tolerance the lab applies, and makes none. Each
measurement has a process of its own, lab and numpy in turns, and calls twice: the first call pays for memory that the
machine hands out for the first time (numpy needs gigabytes of it), the second does not. The ratio is that of the second
calls, which is kinder to numpy. Extra memory is the peak of what the process holds itself, over what it held before.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lab.compare.planted import write_outputs

ROOT = Path(__file__).resolve().parent.parent
WIDTH, SLICE = 1000, 1 << 24
CALLS = ("first", "second")
CASES = {
    "equal": "the same bytes",
    "one ULP": "every third value one unit in the last place away",
    "last bits": "every value off by about 1e-7 of itself",
    "drift": "every value off by about 1e-5 of itself",
    "mismatch": "every value off by about 1e-2 of itself",
    "odd": "one ULP, and a NaN in every 100,000th place of both sides",
}
MEASURE = """
import json, sys, threading, time
from pathlib import Path
import numpy as np
good, bad, which = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

def own():
    fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(fields["RssAnon"].split()[0]) / 1024

def watch():
    while not done.is_set():
        peaks.append(own())
        done.wait(0.005)

if which == "lab":
    import lab.compare.outputs
    from lab.compare import compare
    lab.compare.outputs.WORKERS = int(sys.argv[4]) or lab.compare.outputs.WORKERS
    def call():
        (diff,) = compare(good, bad)
        return diff.grade.value
else:
    from lab.compare import TABLE, Outputs
    bound = TABLE["float32"].close
    def mapped(path):
        with Outputs(path) as found:
            one = found.arrays["y"]
            return np.memmap(path, one.dtype, "r", one.offset, one.shape)
    sides = mapped(bad), mapped(good)
    def call():
        try:
            np.testing.assert_allclose(*sides, rtol=bound.rtol, atol=bound.atol, verbose=False)
        except AssertionError:
            return "not close"
        return "close"
before, peaks, done = own(), [], threading.Event()
thread = threading.Thread(target=watch)
thread.start()
seconds = []
for _ in range(2):
    start = time.perf_counter()
    said = call()
    seconds.append(time.perf_counter() - start)
done.set()
thread.join()
print(json.dumps({"first": seconds[0], "second": seconds[1], "extra": max(peaks) - before, "said": said}))
"""


def write(case: str, folder: Path, rows: int) -> tuple[Path, Path]:
    """Make both sides of a case, drawn anew from one seed."""
    rng = np.random.default_rng(7)
    good = rng.standard_normal((rows, WIDTH), dtype=np.float32)
    bad = good.copy()
    flat = bad.reshape(-1)
    if case in {"one ULP", "odd"}:
        flat[::3] = np.nextafter(flat[::3], np.float32(9))
    scale = {"last bits": 1e-7, "drift": 1e-5, "mismatch": 1e-2}.get(case)
    for start in range(0, flat.size if scale else 0, SLICE):
        part = flat[start : start + SLICE]
        part *= 1 + np.float32(scale) * rng.standard_normal(part.size, dtype=np.float32)
    if case == "odd":
        good.reshape(-1)[::100_000] = flat[::100_000] = np.nan
    return write_outputs(folder / "good.npz", {"y": good}), write_outputs(folder / "bad.npz", {"y": bad})


def measure(good: Path, bad: Path, which: str, workers: int = 0) -> dict[str, Any]:
    """One measurement in a process of its own."""
    argv = [sys.executable, "-c", MEASURE, str(good), str(bad), which, str(workers)]
    return dict(json.loads(subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout))


def main() -> None:
    """Measure every case and print a Markdown table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0, help="threads of the lab; else as many as it takes by itself")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--cases", default=",".join(CASES), help="of: " + ", ".join(CASES))
    asked = parser.parse_args()
    rows = int(asked.gib * 2**28) // WIDTH
    print("| what differs | lab | assert_allclose | ratio | ratio of first calls | extra memory | grade |")
    print("|---|---|---|---|---|---|---|")
    for case in asked.cases.split(","):
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            sides = write(case, Path(folder), rows)
            turns = [(measure(*sides, "lab", asked.workers), measure(*sides, "numpy")) for _ in range(asked.rounds)]
        print(row(case, turns), flush=True)


def row(case: str, turns: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    """One line: medians of the second calls, ratios of medians, the largest extra memory."""
    first, second = ([statistics.median(turn[side][call] for turn in turns) for side in (0, 1)] for call in CALLS)
    extra = [max(turn[side]["extra"] for turn in turns) for side in (0, 1)]
    return (
        f"| {CASES[case]} | {second[0]:.2f} s | {second[1]:.2f} s | **{second[1] / second[0]:.1f}x** "
        f"| {first[1] / first[0]:.1f}x | {extra[0]:.0f} MB against {extra[1]:.0f} MB | {turns[0][0]['said']} |"
    )


if __name__ == "__main__":
    main()
