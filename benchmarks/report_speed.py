"""How long `lab report` takes for 100,000 measured values over 50 releases, and how soon its first page can be used.

Promised are under 5 s, under 200 MB, a first page under 1 MB that is interactive in under 1 s.

usage: python bench/report_speed.py [--keep FOLDER] [--scenarios N] [--releases N] [--blocks N] [--machines N]

The history is made up, with a fixed seed, in a temporary folder: it says something of the report, and nothing of Paddle.
"""

import argparse
import hashlib
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from lab.model.bench import Change, HistoryLine
from lab.storage.history import SCHEMA, machine

ROOT = Path(__file__).resolve().parent.parent
ROUTES = ("jit", "predictor")
METRICS = {"infer": 8, "load": 8, "first": 1, "import": 1, "memory": 1}
ROUNDS = 5


def release(number: int) -> str:
    return f"{2 + number // 25}.{number // 5 % 5}.{number % 5}-cpu-py311"


def verdict(rng: random.Random, log: float, delta: float) -> Change:
    if abs(log) > math.log(1 + delta):
        return Change.SLOWER if log > 0 else Change.FASTER
    return rng.choice((Change.SAME, Change.SAME, Change.SAME, Change.UNDECIDED))


def line(rng: random.Random, where: str, scenario: str, route: str, metric: str, side: str, blocks: int) -> HistoryLine:
    truth = rng.choice((0.0, 0.0, 0.0, rng.gauss(0, 0.05), rng.gauss(0.1, 0.5)))
    noise = {"infer": 0.03, "load": 0.04}.get(metric, 0.08)
    pairs = tuple(
        tuple(rng.gauss(truth + rng.gauss(0, noise), noise) for _ in range(METRICS[metric])) for _ in range(blocks)
    )
    middle = statistics.median(statistics.median(block) for block in pairs)
    delta, half = max(0.05, 2 * noise), 3 * noise / math.sqrt(blocks)
    about = f"{where} {scenario} {route} {metric} {side}"
    reference = {"memory": 3e8, "import": 1.3, "first": 0.02}.get(metric, 0.001)
    return HistoryLine(
        schema=SCHEMA, key=hashlib.sha256(about.encode()).hexdigest(), date="2026-01-01T00:00:00+00:00",
        run=f"20260101-000000-{scenario}-{hashlib.sha256(side.encode()).hexdigest()[:4]}", scenario=scenario, scenario_sha256="0" * 64, machine=where,
        anchor=release(0), anchor_digest="sha256:" + "a" * 64, side=side, digest="sha256:" + "b" * 64, metric=metric,
        change=verdict(rng, middle, delta), ratio=math.exp(middle), low=math.exp(middle - half), high=math.exp(middle + half),
        p=0.001, delta=delta, reference=reference, value=reference * math.exp(middle),
        unit="B" if metric == "memory" else "s", seed=1, pairs=pairs, route=route,
    )  # fmt: skip


def history(root: Path, scenarios: int, releases: int, blocks: int, machines: int) -> tuple[int, int]:
    """Write the history, and say how many lines and values it has."""
    rng, lines, values = random.Random(1), 0, 0
    for number in range(machines):
        where = machine(
            {"cpu": "Made Up CPU", "cores": "2", "memory_gib": str(8 + number), "arch": "x86_64", "isa": "avx"}
        )
        (root / where).mkdir(parents=True)
        for scenario in (f"scenario_{n:03}" for n in range(scenarios)):
            with (root / where / f"{scenario}.jsonl").open("wb") as sink:
                for route in ROUTES:
                    for metric in METRICS:
                        for side in (release(n) for n in range(1, releases)):
                            made = line(rng, where, scenario, route, metric, side, blocks)
                            sink.write(msgspec.json.encode(made) + b"\n")
                            lines += 1
                            values += sum(len(block) for block in made.pairs)
    return lines, values


def once(workspace: Path, out: str) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one report, start of Python included."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "report", "-o", out],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "LAB_WORKSPACE": str(workspace)},
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, "lab report failed"
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def interactive(page: Path) -> list[float]:
    """Milliseconds from the start of loading to the moment at which filters and switches answer, in fresh Chromiums."""
    from selenium import webdriver  # noqa: PLC0415 - only where a Chromium is there

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for word in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ):
        options.add_argument(word)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    found = []
    for _ in range(ROUNDS):
        driver = webdriver.Chrome(options=options, service=service)
        try:
            driver.get(page.as_uri())
            found.append(driver.execute_script("return performance.getEntriesByName('lab-interactive')[0].startTime"))
        finally:
            driver.quit()
    return found


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--keep", help="write workspace and report there and keep them")
    for name, default in (("scenarios", 9), ("releases", 50), ("blocks", 6), ("machines", 1)):
        words.add_argument(f"--{name}", type=int, default=default)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(asked.keep or folder).absolute()
        shutil.copytree(ROOT / "images", root / "images", dirs_exist_ok=True)
        (root / "scenarios").mkdir(exist_ok=True)
        shutil.copyfile(ROOT / "scenarios" / "cures.toml", root / "scenarios" / "cures.toml")
        lines, values = history(
            root / "results" / "history", asked.scenarios, asked.releases, asked.blocks, asked.machines
        )
        print(f"{values} measured values in {lines} rows, {asked.releases} releases")
        runs = [once(root, str(root / "report")) for _ in range(ROUNDS)]
        print(
            f"lab report: median {statistics.median(one[0] for one in runs):.2f} s, peak memory {max(one[1] for one in runs):.0f} MB"
        )
        page = root / "report" / "index.html"
        largest = max((root / "report" / "scenario").iterdir(), key=lambda one: one.stat().st_size)
        print(f"first page {page.stat().st_size / 1000:.0f} kB")
        if shutil.which("chromium") and shutil.which("chromedriver"):
            print(f"first page interactive after {statistics.median(interactive(page)):.0f} ms in Chromium")
            print(
                f"largest scenario page ({largest.stat().st_size / 1000:.0f} kB) after {statistics.median(interactive(largest)):.0f} ms"
            )
        else:
            print("no chromium and chromedriver here: make browser installs them")


if __name__ == "__main__":
    main()
