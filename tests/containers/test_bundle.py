"""A bundle of the main job, for real: proved, then replayed by somebody who has an engine and nothing of the lab."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.containers


def test_a_bundle_of_the_main_job_replays_with_an_engine_alone(
    cli: Cli, real: Path, engine: Any, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios")
    words = ("--savers", "2.6.2", "--loaders", "3.0.0", "--engine", "docker")
    assert cli("run", "jit_load_pir", *words).code == 0
    path = tmp_path / "x.repro.tgz"
    answer = cli("bundle", "last", "-o", str(path), "--repeat", "1", "--engine", "docker")
    assert answer.code == 0, answer.err
    assert "replayed 1/1, same signature" in answer.out

    empty = tmp_path / "empty"
    empty.mkdir()
    subprocess.run(["tar", "xf", str(path)], cwd=empty, check=True)
    (folder,) = empty.iterdir()
    # The mount is read by nobody where this test runs as root.
    for one in (tmp_path, empty, folder):
        one.chmod(0o755)
    done = subprocess.run(
        ["sh", str(folder / "run.sh")], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("same")
    assert "ValueError in load with paddle 3.0.0" in done.stdout

    answer = cli("replay", str(path), "--yes", "--offline", "--engine", "docker")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("same")
