"""What a wheel in the place of a release costs: `python benchmarks/given_wheel.py [ROUNDS]`.

Two questions. First: from a wheel's file that nobody has seen to its image (read, hashed, copied into the store, locked, built) beside the
same release from the catalogue, whose wheel lies in the store; in turns, each time in a workspace and a cache of its own, and with a
word of no effect in the Dockerfile, so that no layer is cached; then the same wheel again. Second: what the question for a newer
release adds to a command where its answer is known. Docker must answer and have the base image; the wheels come from the usual
store. Only the images that were built here are removed. Nothing is asserted, for times on shared machines are noisy.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab.engine.docker import connect
from lab.environment import day_zero, load
from lab.environment.wheels import parse_lock
from lab.storage.workspace import cache_folder

ROOT = Path(__file__).resolve().parent.parent
RELEASE = "3.3.1"
ENVIRONMENT = f"{RELEASE}-cpu-py311"
MARK = "set -eu; \\"
LAB = [sys.executable, "-m", "lab"]
WANTED, WANTED_MS = 1.15, 30
ASKED = 200


@contextlib.contextmanager
def place(sha256: str = "") -> Iterator[tuple[Path, Path]]:
    """A workspace and a cache nobody has used, with the wheels of the usual store but the one of this hash."""
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        root, cache = Path(folder) / "space", Path(folder) / "cache"
        for name in ("images", "scenarios"):
            shutil.copytree(ROOT / name, root / name)
        template = root / "images" / "Dockerfile.j2"
        text = template.read_text(encoding="utf-8")
        if MARK not in text:
            sys.exit("the Dockerfile has changed: this benchmark would measure a cached layer")
        template.write_text(text.replace(MARK, f"set -eu; : {time.time_ns()}; \\"), encoding="utf-8")
        left_out = shutil.ignore_patterns(sha256) if sha256 else None
        shutil.copytree(cache_folder() / "wheels", cache / "wheels", ignore=left_out, copy_function=os.link)
        yield root, cache


def built(root: Path, cache: Path, what: str) -> tuple[float, str]:
    """Wall seconds of one build, and the image's tag."""
    env = {**os.environ, "LAB_WORKSPACE": str(root), "LAB_CACHE": str(cache), "LAB_OFFLINE": "1"}
    start = time.perf_counter()
    done = subprocess.run(
        [*LAB, "images", "build", what, "--engine", "docker"], cwd=ROOT, env=env, capture_output=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"lab images build {what} failed:\n{done.stderr.decode()[-3000:]}")
    return seconds, done.stdout.decode().split()[1]


def turn(wheel: Path, sha256: str) -> tuple[float, float, float]:
    """Seconds for the release of the catalogue, the wheel the first time, and the wheel again; the images are removed."""
    with place() as (root, cache):
        catalogue, tag = built(root, cache, ENVIRONMENT)
        remove(tag)
    with place(sha256) as (root, cache):
        first, tag = built(root, cache, str(wheel))
        again, _ = built(root, cache, str(wheel))
        remove(tag)
    return catalogue, first, again


def remove(tag: str) -> None:
    """Take an image away that was built here."""
    engine = connect("docker", ROOT / "images")
    for image in engine.images():
        if image.tag == tag:
            engine.remove(image)


def asked_ms() -> list[float]:
    """Milliseconds that the question for a newer release takes where its answer is kept, each as a command asks it."""
    catalogue, found = load(ROOT / "images"), []
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        if (thread := day_zero.ask(cache, catalogue)) is not None:
            thread.join()  # from here on its answer is known, also that there was none
        for _ in range(ASKED):
            start = time.perf_counter()
            day_zero.note(day_zero.heard(cache), catalogue)
            if day_zero.ask(cache, catalogue) is not None:
                sys.exit("the index was asked again: the answer was not kept, or LAB_OFFLINE is not the reason")
            found.append(1000 * (time.perf_counter() - start))
    return found


def main() -> None:
    """Measure both and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lock = (ROOT / "images" / ENVIRONMENT / "requirements.txt").read_text(encoding="utf-8")
    (paddle,) = [one for one in parse_lock(lock) if one.name == "paddlepaddle"]
    kept = next((cache_folder() / "wheels" / paddle.hashes[0]).glob("*.whl"), None)
    if kept is None:
        sys.exit(f"the wheel store has no paddlepaddle {RELEASE}: lab images fetch {ENVIRONMENT}")
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        wheel = Path(folder) / kept.name
        shutil.copyfile(kept, wheel)
        turns = [turn(wheel, paddle.hashes[0]) for _ in range(rounds)]
    ratios = [first / catalogue for catalogue, first, _ in turns]
    catalogue, first, again = (statistics.median(column) for column in zip(*turns, strict=True))
    asked = asked_ms()
    print(f"{rounds} turn(s); every ratio: {', '.join(f'{one:.2f}x' for one in ratios)}")
    print("| what | seconds | beside | ratio | wanted |\n|---|---|---|---|---|")
    print(
        f"| a wheel the first time, beside {RELEASE} of the catalogue | {first:.1f} s | {catalogue:.1f} s "
        f"| **{statistics.median(ratios):.2f}x** | {WANTED}x |"
    )
    print(f"| the same wheel again | {again:.1f} s | | | |")
    print(
        f"| the question for a newer release, answer kept | {statistics.median(asked):.2f} ms at the median, "
        f"{max(asked):.2f} ms at most | | | {WANTED_MS} ms |"
    )


if __name__ == "__main__":
    main()
