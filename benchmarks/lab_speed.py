"""How fast the lab itself is, as ratios to the same work by hand, all from one run: `make bench-lab`.

Needs an engine and network (the images by hand are built with pip). Prints a Markdown table; nothing is asserted, for
times on shared machines are noisy: look at the ratios.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from lab.engine.docker import connect
from lab.engine.docker.build import builder
from lab.engine.protocol import Teller
from lab.environment import load
from lab.environment.prepare import Preparer
from lab.storage.workspace import Workspace, cache_folder

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ("2.6.2", "3.0.0", "3.3.1")
ROUNDS = 3
HAND = "lab-bench-by-hand"
DOCKERFILE = """\
ARG BASE
FROM ${{BASE}}
ARG AGAIN=0
RUN --mount=type=cache,target=/cache --mount=type=bind,target=/context \\
    if [ -f /context/ca.crt ]; then export PIP_CERT=/context/ca.crt; fi; \\
    python3 -m venv /venv && \\
    /venv/bin/pip install --cache-dir /cache paddlepaddle=={release} {numpy} "setuptools<81" && echo ${{AGAIN}}
"""
EMPTY = "import typer\napp = typer.Typer()\n@app.command()\ndef a(): pass\n@app.command()\ndef b(): pass\napp()\n"
BIG = """
import resource, sys, numpy as np
from pathlib import Path
from lab.compare import compare
from lab.compare.planted import write_outputs
folder = Path(sys.argv[1])
if sys.argv[2] == "make":
    big = np.random.default_rng(0).random(2**27, dtype="float32")
    write_outputs(folder / "a.npz", {"y": big})
    big[::3] += np.float32(1e-7)
    write_outputs(folder / "b.npz", {"y": big})
else:
    compare(folder / "a.npz", folder / "b.npz")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
LAB = [sys.executable, "-m", "lab"]


def wall(argv: list[str], **more: object) -> float:
    """Wall seconds of one command; its failure ends the benchmark."""
    start = time.perf_counter()
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, check=False, **more)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(f"{argv} failed:\n{done.stdout.decode()[-3000:]}")
    return time.perf_counter() - start


def build_by_hand(release: str, base: str, again: int) -> float:
    """Build the plain image with pip; its cache is warm from the second time on."""
    with tempfile.TemporaryDirectory() as folder:
        numpy = '"numpy<2"' if release.startswith("2.") else '"numpy<2.4"'
        (Path(folder) / "Dockerfile").write_text(DOCKERFILE.format(release=release, numpy=numpy))
        bundle = os.environ.get("SSL_CERT_FILE", "")
        if bundle:
            shutil.copyfile(bundle, Path(folder) / "ca.crt")
        chosen = builder("docker")
        argv = [*chosen.argv, "--network", "host", "--build-arg", f"BASE={base}", "--build-arg", f"AGAIN={again}"]
        argv += ["--tag", f"{HAND}:{release}", folder]
        return wall(argv, env={**os.environ, **dict(chosen.env)})


def build_by_lab(preparer: Preparer, release: str, again: int) -> float:
    """Build the lab's image from the warm wheel store; `again` is a word of no effect that no cached layer has."""
    recipe = preparer.recipe(load(ROOT / "images").environment(release))
    text = recipe.dockerfile.replace("set -eu; \\", f"set -eu; : {time.time_ns()} {again}; \\")
    if text == recipe.dockerfile:
        sys.exit("the Dockerfile has changed: this benchmark would measure a cached layer")
    recipe = replace(recipe, dockerfile=text, tag=f"{HAND}:lab")
    silent = Teller(say=lambda _: None, passing=lambda _: None)
    preparer.fetch(recipe, silent)
    start = time.perf_counter()
    with preparer.wheels.gathered(recipe.lock) as wheels:
        preparer.engine.build(recipe, wheels, Path(tempfile.gettempdir()) / "lab-bench.log", silent)
    return time.perf_counter() - start


def verdict_by_hand() -> float:
    """The whole job from a shell script."""
    with tempfile.TemporaryDirectory() as folder:
        scenario, drive = ROOT / "scenarios" / "jit_load_pir.py", ROOT / "bench" / "drive.py"
        return wall(["sh", str(ROOT / "bench" / "by_hand.sh"), str(scenario), str(drive), folder, HAND])


def row(what: str, mine: list[float], other: list[float], unit: str = "s") -> str:
    """One line: medians, and the ratio of medians."""
    own, their = statistics.median(mine), statistics.median(other)
    return f"| {what} | {own:.2f} {unit} | {their:.2f} {unit} | **{own / their:.2f}x** |"


def main() -> None:
    """Measure everything and print the table."""
    engine = connect("docker", ROOT / "images")
    space = Workspace(root=ROOT, cache=cache_folder())
    preparer = Preparer(workspace=space, engine=engine, indexes={})
    base = next(one.base for one in engine.images() if one.environment == "3.0.0-cpu-py311")
    for release in RELEASES:
        build_by_hand(release, base, time.time_ns())
    hand = [build_by_hand("3.0.0", base, time.time_ns()) for _ in range(ROUNDS)]
    own = [build_by_lab(preparer, "3.0.0", again) for again in range(ROUNDS)]
    print("| what | lab | by hand | ratio |\n|---|---|---|---|")
    print(row("building the 3.0.0 image, wheel store and pip cache warm", own, hand))
    fresh = [*LAB, "repro", "jit_load_pir", "--rounds", "0", "--fresh", "--engine", "docker"]
    wall(fresh)
    pairs = [(wall(fresh), verdict_by_hand()) for _ in range(ROUNDS)]
    print(row("functional verdict, images ready", [one for one, _ in pairs], [two for _, two in pairs]))
    known = [wall([*LAB, "repro", "jit_load_pir", "--rounds", "0", "--engine", "docker"]) for _ in range(5)]
    print(f"| the same again, nothing changed | {statistics.median(known):.2f} s | | |")
    starts = [(wall([*LAB, "--help"]), wall([sys.executable, "-c", EMPTY, "--help"])) for _ in range(15)]
    print(row("lab --help against an empty Typer app", [one for one, _ in starts], [two for _, two in starts]))
    with tempfile.TemporaryDirectory() as folder:
        wall([sys.executable, "-c", BIG, folder, "make"])
        peak = subprocess.check_output([sys.executable, "-c", BIG, folder, "compare"], cwd=ROOT).decode().strip()
    print(f"| peak memory of the host process, two outputs of 512 MB | {peak} MB | | |")
    for release in (*RELEASES, "lab"):
        subprocess.run(["docker", "rmi", "--force", f"{HAND}:{release}"], capture_output=True, check=False)


if __name__ == "__main__":
    main()
