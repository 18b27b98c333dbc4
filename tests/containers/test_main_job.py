"""The main job, for real: PaddlePaddle/Paddle#71996 in clean containers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker.build import builder
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers


def test_the_reported_problem_and_its_cure_are_reproduced(cli: Cli, real: Path, engine: Any) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios" / "jit_load_pir.py")
    answer = cli("repro", "jit_load_pir", "--engine", "docker", "--rounds", "1", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["verdict"], found["isolated"]) == (0, "REPRODUCED", True)
    seen = {(one["saver"][:5], one["loader"][:5], bool(one["loader_env"])): one for one in found["trials"]}
    kinds = {pair: one["outcome"]["kind"] for pair, one in seen.items()}
    assert kinds == {
        ("2.6.2", "2.6.2", False): "ok",
        ("2.6.2", "3.0.0", False): "py_exception",
        ("2.6.2", "3.3.1", False): "py_exception",
        ("2.6.2", "3.0.0", True): "ok",
        ("2.6.2", "3.3.1", True): "ok",
        ("3.0.0", "3.0.0", False): "ok",
        ("3.0.0", "3.3.1", False): "ok",
        ("3.0.0", "2.6.2", False): "py_exception",
    }
    failed = seen["2.6.2", "3.0.0", False]["outcome"]
    assert (failed["type"], failed["phase"]) == ("ValueError", "load")
    assert "to load model not exists" in failed["message"]
    assert all(one["diffs"][0]["grade"] == "exact" for one in found["trials"] if one["outcome"]["kind"] == "ok")
    assert left_behind(engine, real) == []


def test_pyperf_reads_the_raw_times(cli: Cli, real: Path, engine: Any) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios" / "jit_load_pir.py")
    words = [
        "run",
        "jit_load_pir",
        "--savers",
        "3.3.1",
        "--loaders",
        "3.3.1",
        "--rounds",
        "2",
        "--engine",
        "docker",
        "--json",
    ]
    found = json.loads(cli(*words).out)
    times = real / "results" / "runs" / found["id"] / found["trials"][0]["folder"] / "timings" / "timings.json"
    done = subprocess.run(
        [sys.executable, "-m", "pyperf", "stats", str(times)], capture_output=True, text=True, check=True
    )
    assert "Total number of run: 2" in done.stdout


def test_the_newest_image_builds_alone_from_its_wheels_with_no_network(
    cli: Cli, real: Path, engine: Any, image: str, tmp_path: Path
) -> None:
    context = tmp_path / "context"
    assert cli("images", "context", "3.3.1", str(context)).code == 0
    base = next(one.base for one in engine.images() if one.tag == image)
    chosen = builder("docker")
    tag = "paddle-repro-lab/test-alone:1"
    argv = [*chosen.argv, "--network", "none", "--build-arg", f"BASE={base}", "--tag", tag, str(context)]
    try:
        done = subprocess.run(
            argv, env=dict(chosen.env) | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
    finally:
        engine._client.images.remove(tag, force=True)
