"""Damaged models and pickles: none crashes the look, none hangs it, none makes it take memory, none is run, none fools it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit import formats_mutants

ROOT = Path(__file__).parents[2]
COUNT = int(os.environ.get("LAB_MUTANTS", "1500"))
"""How many are tried; the siege tries 10,000."""


def test_damaged_models_and_pickles_never_crash_hang_execute_or_fool_the_look(tmp_path: Path) -> None:
    words = [sys.executable, formats_mutants.__file__, str(COUNT), "1", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    assert ended.returncode == 0, ended.stderr[-3000:]
    said = json.loads(ended.stdout.splitlines()[-1])
    assert said["failures"] == []
    counts = said["counts"]
    assert sum(counts.get(kind, 0) for kind in ("broken", "readable", "refused")) == COUNT
    assert counts["broken"] > COUNT / 3
    assert counts["loaded"] >= COUNT / 2 - 1
    assert counts["executing"] > COUNT / 20
    assert counts["harmless"] > 10


def test_a_mutant_is_the_same_every_time_and_differs_from_its_origin() -> None:
    mutants = [formats_mutants.mutant(number, 1) for number in range(100, 160)]
    assert mutants == [formats_mutants.mutant(number, 1) for number in range(100, 160)]
    assert len({data for _, data in mutants}) > 50
