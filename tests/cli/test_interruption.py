"""Ctrl-C is a state: 130 at once, and nothing starts any more, not even what waited for a lock."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.machine import timing_lock
from tests.cli.locks import somebody_waits, wait_until
from tests.cli.scenario_text import text
from tests.conftest import ROOT

# Far longer than `ended` waits: whoever waits for such a step to end fails there, on a machine however busy.
SLOW = "time.sleep(600)"


@contextlib.contextmanager
def lab_at_work(bench: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A lab of its own process over the toy engine."""
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "fakes" / "toy_lab.py"), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=bench,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def started(bench: Path) -> list[Path]:
    """What was laid out for a guest: the first thing that happens when a step starts."""
    return sorted((bench / "results" / "runs").glob("*/**/in/request.json"))


def ended(lab: subprocess.Popen[str], word: signal.Signals) -> str:
    """What it says when it gets this signal; it must be gone long before anything it waits for would be over."""
    lab.send_signal(word)
    return lab.communicate(timeout=60)[1]


@pytest.fixture
def toy_scenario(bench: Path) -> Path:
    (bench / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    return bench


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_step_that_waits_for_a_timing_never_starts_after_an_interrupt(
    toy_scenario: Path, word: signal.Signals
) -> None:
    with timing_lock.alone(), lab_at_work(toy_scenario, "repro", "toy") as lab:
        wait_until(somebody_waits, "a step waits for the lock")
        said = ended(lab, word)
    assert lab.returncode == 130, said
    assert "--resume last" in said
    assert "Traceback" not in said
    assert started(toy_scenario) == []


def test_steps_that_run_end_at_once_and_leave_no_result(toy_scenario: Path) -> None:
    (toy_scenario / "scenarios" / "toy.py").write_text(text(load=SLOW), encoding="utf-8")
    with lab_at_work(toy_scenario, "repro", "toy") as lab:
        wait_until(lambda: any("trials" in one.parts for one in started(toy_scenario)), "a load has started")
        said = ended(lab, signal.SIGINT)
    assert lab.returncode == 130, said
    assert "Traceback" not in said
    (run,) = (toy_scenario / "results" / "runs").iterdir()
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"
    assert list(run.glob("trials/*/step.json")) == []


def test_a_lab_that_waits_for_another_labs_build_of_the_same_image_ends_as_soon(toy_scenario: Path) -> None:
    locks = Path(os.environ["LAB_CACHE"]) / "locks"
    locks.mkdir(parents=True)
    with contextlib.ExitStack() as held:
        for version in ("3.0.0", "3.3.1"):
            file = held.enter_context((locks / f"{version}-cpu-py311.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        lab = held.enter_context(lab_at_work(toy_scenario, "repro", "toy"))
        wait_until(lambda: any((toy_scenario / "results").glob("runs/*/run.json")), "the run has begun")
        time.sleep(0.5)
        said = ended(lab, signal.SIGINT)
    assert lab.returncode == 130, said
    assert started(toy_scenario) == []


def test_a_job_that_was_started_without_ctrl_c_goes_on(toy_scenario: Path) -> None:
    """As a shell starts it in the background of a script: SIGINT is for others then."""
    with timing_lock.alone():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            held = lab_at_work(toy_scenario, "repro", "toy", "--rounds", "0")
            lab = held.__enter__()
        finally:
            signal.signal(signal.SIGINT, before)
        wait_until(somebody_waits, "a step waits for the lock")
        lab.send_signal(signal.SIGINT)
    lab.communicate(timeout=120)
    held.__exit__(None, None, None)
    assert lab.returncode == 0
