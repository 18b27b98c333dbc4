"""The parts that are tests: each runs until its time is over, in an order drawn from the seed, and says how many it tried."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.siege.tally import Budget, Harm, Tally

MUTANTS, AT_A_TIME = 10_000, 500
LATE_S = 600


def guests(root: Path, budget: Budget) -> Tally:
    """A guest puts every kind of thing in the place of every file that the host reads."""
    return _tests(Tally(what="guests that misbehave", wanted=200), root, budget, ["tests/siege/test_guests.py"])


def secrets(root: Path, budget: Budget) -> Tally:
    """Planted secrets are looked for in every artefact."""
    words = ["tests/cli/test_planted_secrets.py", "tests/unit/test_exporters.py"]
    return _tests(Tally(what="planted secrets (tests)", wanted=0), root, budget, words)


def mutants(root: Path, budget: Budget) -> Tally:
    """Damaged models and pickles are looked at; another seed each time, so that none is tried twice."""
    tally = Tally(what="mutated models and pickles", wanted=MUTANTS)
    seed = budget.chances("mutants").randrange(1 << 30)
    while tally.tried < MUTANTS and not budget.over:
        seed += 1
        folder = root / str(seed)
        folder.mkdir()
        words = [sys.executable, "tests/unit/formats_mutants.py", str(AT_A_TIME), str(seed), str(folder)]
        ended = _ended(words, LATE_S)
        if ended is None:
            tally.add(Harm.HANG, f"seed {seed}", f"no end within {LATE_S} s")
        elif ended.returncode:
            tally.add(Harm.CRASH, f"seed {seed}", ended.stderr[-300:])
        else:
            for failure in json.loads(ended.stdout.splitlines()[-1])["failures"]:
                tally.add(Harm.CRASH, f"seed {seed}", str(failure))
        tally.tried += AT_A_TIME
    return tally


def _tests(tally: Tally, root: Path, budget: Budget, words: Sequence[str]) -> Tally:
    """Run tests under the plugin that ends them in time; each that fails is a promise that broke."""
    told = root / "told.json"
    plugin = [
        "-p",
        "tests.siege.in_time",
        "--siege-seconds",
        str(max(1.0, budget.left)),
        "--siege-seed",
        str(budget.seed),
    ]
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(root / "tests"), *plugin]
    ended = _ended([*argv, "--siege-into", str(told), *words], budget.left + LATE_S)
    if ended is None or not told.is_file():
        tally.add(Harm.HANG, " ".join(words), "the tests came to no end" if ended is None else ended.stdout[-300:])
        return tally
    for test in json.loads(told.read_text()):
        tally.tried += 1
        if test["failed"]:
            harm = (
                Harm.HANG if "Timeout" in test["failed"] else Harm.OUTSIDE if "MARK" in test["failed"] else Harm.FAILED
            )
            tally.add(harm, test["name"], test["failed"])
    tally.wanted = tally.wanted or tally.tried
    return tally


def _ended(words: Sequence[str], seconds: float) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
            errors="replace", timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
