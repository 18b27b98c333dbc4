"""2,000 damaged files: none crashes the look, none hangs it, none makes it take more memory than its limit."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit import formats_mutants

ROOT = Path(__file__).parents[2]
COUNT = 2000


def test_damaged_files_never_crash_hang_or_take_memory(tmp_path: Path) -> None:
    words = [sys.executable, formats_mutants.__file__, str(COUNT), "1", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    assert ended.returncode == 0, ended.stderr[-3000:]
    said = json.loads(ended.stdout)
    assert said["failures"] == []
    assert sum(said["counts"].values()) == COUNT
    assert said["counts"]["broken"] > COUNT / 2


def test_a_mutant_is_the_same_every_time_and_differs_from_its_origin() -> None:
    mutants = [formats_mutants.mutant(number, 1) for number in range(60)]
    assert mutants == [formats_mutants.mutant(number, 1) for number in range(60)]
    assert len({data for _, data in mutants}) > 55
