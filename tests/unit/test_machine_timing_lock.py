"""One timing at a time, and nothing of the lab beside it."""

import threading
from pathlib import Path

import pytest

from lab.machine import timing_lock


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path))


def starts_while(held: bool, wanted: bool) -> bool:  # noqa: FBT001 - alone or not, each
    """Whether somebody else may begin while the lock is held; afterwards they always may."""
    began = threading.Event()

    def other() -> None:
        with timing_lock.alone() if wanted else timing_lock.shared():
            began.set()

    thread = threading.Thread(target=other)
    with timing_lock.alone() if held else timing_lock.shared():
        thread.start()
        at_once = began.wait(0.3)
    thread.join()
    assert began.is_set()
    return at_once


def test_work_goes_on_beside_work_and_waits_for_a_timing() -> None:
    assert starts_while(held=False, wanted=False)
    assert not starts_while(held=True, wanted=False)


def test_work_that_comes_later_does_not_keep_a_timing_out() -> None:
    order: list[str] = []
    first, waits = timing_lock.shared(), threading.Event()

    def timing() -> None:
        waits.set()
        with timing_lock.alone():
            order.append("timing")

    def work() -> None:
        with timing_lock.shared():
            order.append("work")

    threads = [threading.Thread(target=timing), threading.Thread(target=work)]
    with first:
        threads[0].start()
        waits.wait()
        threads[0].join(0.3)  # it stands in the door by now
        threads[1].start()
        threads[1].join(0.3)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == ["timing", "work"]


def test_a_timing_waits_for_work_and_for_another_timing() -> None:
    assert not starts_while(held=False, wanted=True)
    assert not starts_while(held=True, wanted=True)


def test_a_timing_can_say_that_it_has_to_wait() -> None:
    assert not timing_lock.busy()
    with timing_lock.shared():
        assert timing_lock.busy()
    with timing_lock.alone():
        assert timing_lock.busy()
    assert not timing_lock.busy()
