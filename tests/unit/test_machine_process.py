import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab.errors import InfraError
from lab.machine import process


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
    done = process.stream([sys.executable, "-c", "print('one'); print('two')"], log, seen=told.append)
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
    grandchild = Path("/proc") / marker.read_text() / "stat"
    assert not grandchild.exists() or grandchild.read_text().split()[2] == "Z"


def test_a_process_of_this_machine_is_alive_and_an_impossible_one_is_not() -> None:
    assert process.alive(1)
    assert not process.alive(2**22 + 1)


def test_end_all_ends_what_another_thread_waits_for() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(
            process.run, [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
        )
        while not waiting.done():
            process.end_all()
            time.sleep(0.05)
    assert waiting.result().returncode == -15
