"""`lab check` of this tree against that of another one: ResNet18 saved by 2.6.2, to the newest release and to eight of them.

    python benchmarks/check_speed.py OLD_TREE [--rounds N] [--to newest|eight] [--engine docker|local]

OLD_TREE is a worktree of the commit to compare with (`git worktree add OLD_TREE COMMIT`). Both sides use this interpreter, the
same images, a workspace of their own below a temporary folder, and `--rounds 0 --fresh`; they take turns, so that what else the
machine does meets both. With the local engine processor time is counted too, which a loaded machine hardly changes. Every image
must be there already. Prints a Markdown table; nothing is asserted but that both sides find the same, and that every way answers
the same bits.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OLD = "2.6.2"
TARGETS = {"newest": "3.3.1", "eight": "3.0.0,3.1.0,3.1.1,3.2.0,3.2.1,3.2.2,3.3.0,3.3.1"}
SCENARIO = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "ResNet18, to be checked as files"
# ///
"""ResNet18 of paddle.vision with random weights from a seed."""

import numpy as np


def inputs(rng):
    return {"image": rng.rand(1, 3, 224, 224).astype("float32")}


def save(prefix, inputs):
    import paddle

    net = paddle.vision.models.resnet18()
    net.eval()
    spec = [paddle.static.InputSpec([1, 3, 224, 224], "float32", "image")]
    paddle.jit.save(net, prefix, input_spec=spec)
    with paddle.no_grad():
        return {"out0": net(paddle.to_tensor(inputs["image"])).numpy()}


def load(prefix):
    import paddle

    return paddle.jit.load(prefix)


def infer(net, inputs):
    import paddle

    return {"out0": net(paddle.to_tensor(inputs["image"])).numpy()}
'''


class Cost(NamedTuple):
    """Seconds of one command: by the clock, and of processors (of containers nothing is known)."""

    wall: float
    cpu: float


def lab(tree: Path, workspace: Path, *words: str) -> tuple[Cost, subprocess.CompletedProcess[str]]:
    """What one command of a tree cost, and what it said."""
    env = {**os.environ, "PYTHONPATH": str(tree)}
    argv = [sys.executable, "-P", "-m", "lab", *words, "--workspace", str(workspace)]
    start, before = time.perf_counter(), used()
    done = subprocess.run(argv, env=env, cwd=workspace, capture_output=True, text=True, check=False)
    return Cost(wall=time.perf_counter() - start, cpu=used() - before), done


def used() -> float:
    """Processor seconds of everything that this process started and that has ended; of containers nothing is known."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def workspace(home: Path, tree: Path, name: str) -> Path:
    """A workspace of a tree's own data."""
    made = home / name
    made.mkdir()
    for part in ("images", "scenarios"):
        (made / part).symlink_to(tree / part)
    return made


def saved(home: Path, engine: str) -> Path:
    """The model, saved by the lab itself in the old release."""
    path = home / "resnet18.py"
    path.write_text(SCENARIO, encoding="utf-8")
    place = workspace(home, ROOT, "save")
    words = ("run", str(path), "--savers", OLD, "--loaders", OLD, "--rounds", "0", "--engine", engine)
    _cost, done = lab(ROOT, place, *words)
    found = list(place.glob("results/runs/*/saves/*/out/model"))
    if not found:
        sys.exit(f"the model was not saved:\n{done.stdout}{done.stderr}")
    return found[0]


def said(place: Path, done: subprocess.CompletedProcess[str]) -> tuple[object, ...]:
    """What a check found, without its times, and the hash of what each way answered."""
    told = json.loads(done.stdout or "null")
    if told is None:
        sys.exit(f"a check said nothing:\n{done.stderr}")
    answers = sorted((place / "results" / "runs" / told["run"] / "trials").glob("*/out/outputs.npz"))
    bits = tuple((path.parts[-3], hashlib.sha256(path.read_bytes()).hexdigest()) for path in answers)
    ends = tuple((one["release"], one["way"]["route"], one["trial"]["outcome"]["kind"]) for one in told["attempts"])
    return (*ends, *bits)


def main() -> None:
    """Take turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", choices=(*TARGETS, "both"), default="both")
    parser.add_argument("--engine", default="docker")
    asked = parser.parse_args()
    print(
        "| from 2.6.2 to | one start a way | one start a release | ratio | of processor time |\n|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        model = saved(home, asked.engine)
        trees = {tree: workspace(home, tree, side) for side, tree in (("old", asked.old.resolve()), ("new", ROOT))}
        for target in TARGETS if asked.to == "both" else (asked.to,):
            words = ("check", str(model), "--to", TARGETS[target], "--rounds", "0", "--fresh", "--json")
            times: dict[Path, list[Cost]] = {tree: [] for tree in trees}
            answers = set()
            for _ in range(asked.rounds):
                for tree, place in trees.items():
                    cost, done = lab(tree, place, *words, "--engine", asked.engine)
                    times[tree].append(cost)
                    answers.add(said(place, done))
                    print(
                        f"{target} {place.name}: {cost.wall:.1f} s, CPU {cost.cpu:.1f} s, load {os.getloadavg()[0]:.1f}",
                        file=sys.stderr,
                    )
            if len(answers) != 1:
                sys.exit("the two sides do not find the same")
            report(target, *times.values(), counted=asked.engine == "local")


def report(target: str, old: Sequence[Cost], new: Sequence[Cost], *, counted: bool) -> None:
    """One line of the table: medians, and the median of the ratios of each turn."""
    walls = [median([one.wall for one in side]) for side in (old, new)]
    wall = median([b.wall / a.wall for a, b in zip(old, new, strict=True)])
    cpu = f"{median([b.cpu / a.cpu for a, b in zip(old, new, strict=True)]):.2f}x" if counted else ""
    print(f"| {target} | {walls[0]:.1f} s | {walls[1]:.1f} s | **{wall:.2f}x** | {cpu} |", flush=True)


if __name__ == "__main__":
    main()
