"""kill -9, Ctrl-C and two labs at once: nothing finished is lost, nothing stays behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker import build
from lab.engine.protocol import Teller
from lab.machine import timing_lock
from tests.cli.locks import somebody_waits, wait_until
from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = [pytest.mark.containers, pytest.mark.undisturbed]

SLOW_S = 40


def started(bench: Path, *before: str, load: str = "") -> subprocess.Popen[str]:
    """A lab of its own process, started by the words `before`, at work on a scenario whose loads last until a certain time."""
    slow = f"time.sleep(max(0, {time.time() + SLOW_S} - time.time()))"
    source = (
        text(load=load or slow).replace('loader = ["3.0.0", "3.3.1"]', 'loader = "3.3.1"').replace('"3.0.0"', '"3.3.1"')
    )
    (bench / "scenarios" / "slow.py").write_text(source, encoding="utf-8")
    argv = [*before, sys.executable, "-m", "lab", "repro", "slow", "--engine", "docker", "--rounds", "0"]
    return subprocess.Popen(
        argv,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LAB_WORKSPACE": str(bench)},
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


def test_after_kill_9_resume_repeats_nothing_and_leaves_no_container(
    cli: Cli, real: Path, engine: Any, image: str
) -> None:
    lab = started(real)
    step = wait_for_load(real, engine)
    before = step.stat().st_mtime_ns
    lab.kill()
    lab.communicate()
    assert left_behind(engine, real)
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
    _, said = lab.communicate(timeout=30)  # the step itself would sleep much longer
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


def test_a_step_that_waits_for_a_timing_makes_no_container_after_ctrl_c(real: Path, engine: Any, image: str) -> None:
    with timing_lock.alone():
        lab = started(real)
        try:
            wait_until((real / "results" / "runs").is_dir, "the run has begun")  # others may wait for the lock as well
            wait_until(somebody_waits, "a step waits for the lock")
            lab.send_signal(signal.SIGINT)
            _, said = lab.communicate(timeout=60)  # the lock is held for ever
        finally:
            lab.kill()
    assert lab.returncode == 130, said
    time.sleep(1)  # the lock is free now
    assert left_behind(engine, real) == []


@pytest.fixture
def inside() -> tuple[str, ...]:
    """Words that start a program in a pid namespace of its own, as every lab in a container of its own has one."""
    words = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may make no pid namespace")
    return words


REAP = """
import pathlib
from lab.engine.docker import connect
print(connect("docker", pathlib.Path("images")).reap())
"""


def test_reap_from_another_pid_namespace_removes_nothing_alive(
    real: Path, engine: Any, image: str, inside: tuple[str, ...]
) -> None:
    lab = started(real)
    try:
        wait_for_load(real, engine)
        before = left_behind(engine, real)
        there = subprocess.run(
            [*inside, sys.executable, "-c", REAP], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert there.stdout == "0\n"
        assert left_behind(engine, real) == before
        lab.kill()
        lab.communicate()
        assert engine.reap() >= 1  # here the same container is provably dead
        assert left_behind(engine, real) == []
    finally:
        lab.kill()
        lab.communicate()


@pytest.mark.parametrize("workspaces", [1, 2])
def test_two_labs_in_two_pid_namespaces_on_one_engine_both_finish(
    real: Path, engine: Any, image: str, inside: tuple[str, ...], tmp_path: Path, workspaces: int
) -> None:
    other = real if workspaces == 1 else Path(shutil.copytree(real, tmp_path / "other", symlinks=True))
    first = started(real, *inside, load="time.sleep(4)")
    wait_for_load(real, engine)
    second = started(other, *inside, load="time.sleep(4)")
    try:
        for lab in (first, second):
            _, said = lab.communicate(timeout=120)
            assert lab.returncode == 0, said
    finally:
        for lab in (first, second):
            lab.kill()
    places = dict.fromkeys((real, other))
    runs = [json.loads(one.read_text()) for place in places for one in place.glob("results/runs/*/run.json")]
    assert [one["status"] for one in runs] == ["finished", "finished"]
    assert [left_behind(engine, place) for place in places] == [[]] * len(places)


def test_a_build_ends_with_the_stop_here_and_in_the_engine(engine: Any, image: str, tmp_path: Path) -> None:
    mark = f"sleep 61.{os.getpid()}"  # one of its own, that ends even if nobody ends it
    base = next(one.base for one in engine.images() if one.tag == image)
    (tmp_path / "Dockerfile").write_text(f"ARG BASE\nFROM ${{BASE}}\nRUN {mark}\n", encoding="utf-8")
    order = build.BuildOrder(context=tmp_path, tag="paddle-repro-lab/test-stopped:1", base=base, labels={})
    works = threading.Event()
    teller = Teller(say=lambda _: None, passing=lambda line: works.set() if f"RUN {mark}" in line else None)
    with ThreadPoolExecutor(max_workers=1) as pool:
        built = pool.submit(build.run_build, engine._address, order, tmp_path / "log", teller)
        try:
            assert works.wait(60)
            time.sleep(1)
        finally:
            engine.stop("no-such-run")
        assert not built.result(timeout=30).ok
    time.sleep(1)
    assert subprocess.run(["pgrep", "-f", f"^{mark}"], check=False).returncode == 1
