"""kill -9, Ctrl-C and two labs at once: nothing finished is lost, nothing stays behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers

SLOW = "if not os.path.exists('/lab/saved/quick'): time.sleep(20)"


def started(bench: Path) -> subprocess.Popen[str]:
    """A lab of its own process, at work on a scenario whose loads take long."""
    source = text(load=SLOW).replace('loader = ["3.0.0", "3.3.1"]', 'loader = "3.3.1"').replace('"3.0.0"', '"3.3.1"')
    (bench / "scenarios" / "slow.py").write_text(source, encoding="utf-8")
    argv = [sys.executable, "-m", "lab", "repro", "slow", "--engine", "docker", "--rounds", "0"]
    return subprocess.Popen(
        argv,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=bench,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_load(bench: Path, engine: Any) -> Path:
    """Until the save is finished and the load's container runs; the finished step's file."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        steps = list((bench / "results" / "runs").glob("*/saves/*/step.json"))
        requests = list((bench / "results" / "runs").glob("*/trials/*/in/request.json"))
        if steps and requests and left_behind(engine, bench):
            return steps[0]
        time.sleep(0.1)
    raise AssertionError("the load never started")


def hurry(bench: Path) -> None:
    """Let the next load of the slow scenario end at once."""
    for out in (bench / "results" / "runs").glob("*/saves/*/out"):
        (out / "quick").touch()


def test_after_kill_9_resume_repeats_nothing_and_leaves_no_container(
    cli: Cli, real: Path, engine: Any, image: str
) -> None:
    lab = started(real)
    step = wait_for_load(real, engine)
    before = step.stat().st_mtime_ns
    lab.kill()
    lab.communicate()
    assert left_behind(engine, real)
    hurry(real)
    answer = cli("repro", "slow", "--engine", "docker", "--rounds", "0", "--resume", "last", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["status"], found["verdict"]) == (0, "finished", "REPRODUCED")
    assert step.stat().st_mtime_ns == before
    assert len(list((real / "results" / "runs").iterdir())) == 1
    assert left_behind(engine, real) == []


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_130_keeps_what_is_finished_and_says_how_to_go_on(
    real: Path, engine: Any, image: str, word: signal.Signals
) -> None:
    lab = started(real)
    wait_for_load(real, engine)
    lab.send_signal(word)
    _, said = lab.communicate(timeout=30)
    assert lab.returncode == 130
    assert "--resume last" in said
    assert "Traceback" not in said
    assert left_behind(engine, real) == []
    run = json.loads(next((real / "results" / "runs").glob("*/run.json")).read_text())
    assert run["status"] == "interrupted"


def test_a_second_lab_is_told_that_the_run_is_in_use(cli: Cli, real: Path, engine: Any, image: str) -> None:
    lab = started(real)
    try:
        wait_for_load(real, engine)
        answer = cli("repro", "slow", "--engine", "docker", "--rounds", "0", "--resume", "last")
        assert answer.code == 2
        assert "another lab is at work" in answer.err
        assert lab.poll() is None
    finally:
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=30)
