import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab.errors import InfraError, Interrupted
from lab.machine import interruption, process
from tests.cli.locks import wait_until


def test_what_a_program_says_and_how_it_ends_is_returned() -> None:
    done = process.run([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"])
    assert (done.returncode, done.stdout, done.stderr, done.ok) == (3, "out\n", "err\n", False)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(InfraError, match="no-such-program-here"):
        process.run(["no-such-program-here"])


def test_a_program_that_does_not_end_is_given_up() -> None:
    with pytest.raises(InfraError, match="did not end within"):
        process.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.2)


def test_a_streamed_program_fills_its_log_and_tells_each_line(tmp_path: Path) -> None:
    told: list[str] = []
    log = tmp_path / "deep" / "build.log"

    def seen(line: str) -> None:
        told.append(line)
        assert log.read_text().endswith(f"{line}\n")

    done = process.stream([sys.executable, "-c", "print('one'); print('two')"], log, seen=seen)
    assert done.ok
    assert told == ["one", "two"]
    assert log.read_text() == "one\ntwo\n"


def test_only_the_last_lines_of_a_flood_are_kept_in_memory(tmp_path: Path) -> None:
    done = process.stream([sys.executable, "-c", "for n in range(5000): print(n)"], tmp_path / "log")
    assert done.stdout.splitlines()[-1] == "4999"
    assert len(done.stdout.splitlines()) == 40


def test_leaving_the_block_ends_the_whole_group(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(marker)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    with process.started([sys.executable, "-c", code]):
        while not (marker.exists() and marker.read_text()):
            pass
    ended = lambda: not process.alive(int(marker.read_text()))  # noqa: E731
    wait_until(ended, "the grandchild, which was told to end, is gone: a busy machine takes its time")


def test_a_process_of_this_machine_is_alive_and_an_impossible_one_is_not() -> None:
    assert process.alive(1)
    assert not process.alive(2**22 + 1)


def test_a_later_process_with_the_same_id_is_not_the_one_that_was_asked_after() -> None:
    start = process.own_start()
    assert start > 0
    assert process.alive(os.getpid(), start)
    assert not process.alive(os.getpid(), start - 1)


def test_a_dead_process_that_nobody_has_buried_is_dead() -> None:
    child = subprocess.Popen(["true"])
    try:
        end = time.monotonic() + 10
        while process.alive(child.pid):
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        child.wait()


def test_another_namespaces_proc_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where /proc shows other processes under the same ids, nothing in it says that one of ours is dead."""
    another = process.own_start() + 10**6
    assert not process.alive(os.getppid(), another)
    monkeypatch.setattr("os.getpid", lambda: 2**22 + 1)
    assert process.alive(os.getppid(), another)


def test_no_program_starts_once_the_lab_is_told_to_end() -> None:
    interruption.hear()
    try:
        with pytest.raises(Interrupted):
            process.run(["true"])
    finally:
        interruption.forget()


def test_a_program_that_started_while_the_lab_was_told_to_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not there yet when everything that lived was ended."""
    begun: list[subprocess.Popen[str]] = []
    true_popen = subprocess.Popen

    def popen(*words: Any, **named: Any) -> "subprocess.Popen[str]":
        begun.append(true_popen(*words, **named))
        interruption.hear()
        return begun[0]

    monkeypatch.setattr(subprocess, "Popen", popen)
    try:
        with pytest.raises(Interrupted):
            process.stream([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log")
    finally:
        interruption.forget()
    assert begun[0].returncode == -15


def test_end_all_kills_what_does_not_listen() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    with process.started([sys.executable, "-c", deaf], merged=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        process.end_all()
        assert child.wait(timeout=5) == -9


def test_end_all_ends_what_another_thread_waits_for() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(
            process.run, [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
        )
        while not waiting.done():
            process.end_all()
            time.sleep(0.05)
    assert waiting.result().returncode == -15
