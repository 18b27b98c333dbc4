"""How fast a bisection is beside the work it must do, all from one run: `python bench/bisect_speed.py`.

Two ratios. Cold: no image there, a bisection over nine releases against building all nine first. Ready: all images there, a
bisection against the sum of its containers' own time. The lab's own images are not touched: the Dockerfile gets a word of no effect
that no cached layer has, in a workspace of its own, and only images with these tags are removed at the end. The wheels come
from the usual store and are fetched before anything is timed. Nothing is asserted, for times on shared machines are noisy.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab.engine.docker import connect
from lab.environment import load
from lab.environment.prepare import Preparer
from lab.storage.workspace import Workspace, cache_folder

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ("3.0.0b2", "3.0.0rc0", "3.0.0rc1", "3.0.0", "3.1.0", "3.1.1", "3.2.0", "3.2.1", "3.2.2")
# Every release of the row can be had, so the scenario makes a turn of its own in the middle.
FIRST_BAD = "3.1.1"
SCENARIO = "slow_inference_pir"
MARK = "set -eu; \\"
LAB = [sys.executable, "-m", "lab"]
ASK = ["bisect", SCENARIO, "--good", RELEASES[0], "--bad", RELEASES[-1], "--engine", "docker", "--json", "--fresh"]
ROUNDS = 3


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """A workspace whose images nobody has; what was built for it is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "space"
        for name in ("images", "scenarios"):
            shutil.copytree(ROOT / name, root / name)
        template = root / "images" / "Dockerfile.j2"
        text = template.read_text(encoding="utf-8")
        if MARK not in text:
            sys.exit("the Dockerfile has changed: this benchmark would measure a cached layer")
        template.write_text(text.replace(MARK, f"set -eu; : {time.time_ns()}; \\"), encoding="utf-8")
        _turn(root / "scenarios" / f"{SCENARIO}.py")
        try:
            yield root
        finally:
            _remove(root)


def _turn(path: Path) -> None:
    """Let the scenario fail from one release on."""
    later = RELEASES[RELEASES.index(FIRST_BAD) :]
    text = path.read_text(encoding="utf-8")
    fails = f'    if paddle.__version__ in {later!r}:\n        raise ValueError("no such model")\n'
    path.write_text(text.replace("def load(prefix):\n", f"def load(prefix):\n{fails}"), encoding="utf-8")


def _remove(root: Path) -> None:
    engine = connect("docker", root / "images")
    preparer = Preparer(workspace=Workspace(root=root, cache=cache_folder()), engine=engine, indexes={})
    mine = {preparer.recipe(load(root / "images").environment(release)).tag for release in RELEASES}
    for image in engine.images():
        if image.tag in mine:
            engine.remove(image)


def lab(root: Path, *words: str) -> tuple[float, str]:
    """Wall seconds and stdout of one lab command in a workspace."""
    start = time.perf_counter()
    done = subprocess.run(
        [*LAB, *words], cwd=ROOT, env={**os.environ, "LAB_WORKSPACE": str(root)}, capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"lab {' '.join(words)} failed:\n{done.stderr.decode()[-3000:]}")
    return time.perf_counter() - start, done.stdout.decode()


def own_time(root: Path, said: str) -> float:
    """Seconds that the containers of a bisection ran, saves and loads, as the engine counted them."""
    run = root / "results" / "runs" / json.loads(said)["run"]
    return sum(float(json.loads(path.read_text())["seconds"]) for path in run.glob("*/*/step.json"))


def main() -> None:
    """Measure both ratios and print the table."""
    with workspace() as root:
        lab(root, "images", "fetch", *RELEASES)
        built, _ = lab(root, "images", "build", *RELEASES, "--engine", "docker")
        ready = []
        for _ in range(ROUNDS):
            wall, said = lab(root, *ASK)
            ready.append((wall, own_time(root, said)))
    with workspace() as root:
        cold, said = lab(root, *ASK)
        (strip,) = json.loads(said)["strips"]
    asked = sum(bool(one["sort"]) for one in strip["row"])
    wall, own = sorted(ready)[ROUNDS // 2]
    print(f"first bad {strip['suspects']}, {asked} of {len(RELEASES)} releases tried")
    print("| what | bisection | beside | ratio |\n|---|---|---|---|")
    print(f"| cold, beside building all nine first | {cold:.1f} s | {built:.1f} s | **{cold / built:.2f}x** |")
    first = built + wall
    print(
        f"| cold, beside building all nine first and then bisecting | {cold:.1f} s | {first:.1f} s | **{cold / first:.2f}x** |"
    )
    print(f"| images ready, beside its containers' own time | {wall:.1f} s | {own:.1f} s | **{wall / own:.2f}x** |")


if __name__ == "__main__":
    main()
