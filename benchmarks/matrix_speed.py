"""`lab matrix` against the same pairs by hand: 5 savers x 5 loaders of jit_load_pir, plain `docker run` one after another.

Needs an engine, the lab's images, and a quiet machine. Both sides use the same images; nothing is timed inside. Prints a
Markdown table; nothing is asserted.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.engine.docker import connect
from lab.environment import load

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ("2.6.2", "3.0.0", "3.1.1", "3.2.2", "3.3.1")
ROUNDS = 2
SCENARIO = ROOT / "scenarios" / "jit_load_pir.py"
DRIVE = ROOT / "bench" / "drive.py"
PYTHON = "/opt/paddle/bin/python"


def images() -> dict[str, str]:
    """The tag of the image that the lab itself would use, by release."""
    engine = connect("docker", ROOT / "images")
    keys = {release: load(ROOT / "images").environment(release).key for release in RELEASES}
    tags = {one.environment: one.tag for one in reversed(engine.images())}
    missing = [key for key in keys.values() if key not in tags]
    if missing:
        sys.exit(f"no image for {', '.join(missing)}: lab images build {' '.join(RELEASES)}")
    return {release: tags[key] for release, key in keys.items()}


def step(image: str, mode: str, folder: Path) -> None:
    """One container as a careful person starts it; a load that fails is an answer."""
    mounts = ["-v", f"{SCENARIO}:/s/scenario.py:ro", "-v", f"{DRIVE}:/s/drive.py:ro", "-v", f"{folder}:/d"]
    limits = ["--network", "none", "--memory", "4g", "--cpus", "1", "-e", "OMP_NUM_THREADS=1", "--user", "0"]
    argv = ["docker", "run", "--rm", *limits, *mounts, image, PYTHON, "/s/drive.py", mode, "/d"]
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=mode == "save")


def by_hand(tags: dict[str, str]) -> float:
    """Each of the 25 pairs by itself: save, then load, as when one asks pair by pair."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        for saver in RELEASES:
            for loader in RELEASES:
                folder = Path(home) / f"{saver}-{loader}"
                folder.mkdir()
                step(tags[saver], "save", folder)
                step(tags[loader], "load", folder)
    return time.perf_counter() - start


def by_hand_saving_once(tags: dict[str, str]) -> float:
    """The same by somebody who saves once a row: 5 saves and 25 loads."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        for saver in RELEASES:
            folder = Path(home) / saver
            folder.mkdir()
            step(tags[saver], "save", folder)
            for loader in RELEASES:
                step(tags[loader], "load", folder)
    return time.perf_counter() - start


def by_lab() -> float:
    """`lab matrix`, everything anew."""
    places = ["--savers", ",".join(RELEASES), "--loaders", ",".join(RELEASES)]
    argv = [sys.executable, "-m", "lab", "matrix", SCENARIO.stem, *places, "--fresh", "--engine", "docker"]
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr[-3000:])
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns and print the table."""
    if shutil.which("docker") is None:
        sys.exit("there is no docker client here")
    tags = images()
    by_lab()
    rounds = [(by_lab(), by_hand_saving_once(tags), by_hand(tags)) for _ in range(ROUNDS)]
    mine, once, hand = (statistics.median(column) for column in zip(*rounds, strict=True))
    print("| 25 pairs of jit_load_pir, images ready, not timed | wall | lab / by hand |\n|---|---|---|")
    print(f"| lab matrix | {mine:.1f} s | |")
    print(f"| by hand, a save and a load for each pair | {hand:.1f} s | **{mine / hand:.2f}x** |")
    print(f"| by hand, one save a row | {once:.1f} s | **{mine / once:.2f}x** |")


if __name__ == "__main__":
    main()
