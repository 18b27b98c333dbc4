"""A signal interrupts the main thread also where the kernel alone would not."""

import queue
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from lab.machine import signals

WORD = signal.SIGUSR1


class Woken(Exception):  # noqa: N818 - what a handler raises to end a wait
    """The handler was called."""


def wake(number: int, frame: FrameType | None) -> None:
    raise Woken


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = signal.getsignal(WORD)
    yield
    signal.signal(WORD, before)


def to_another_thread() -> None:
    """What a signal is that comes just before the main thread begins to wait: noted, and interrupting nothing."""
    threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), WORD)).start()


def test_a_wait_that_the_signal_did_not_interrupt_is_ended_all_the_same() -> None:
    box: queue.SimpleQueue[None] = queue.SimpleQueue()
    with signals.delivered((WORD,), wake):
        for _ in range(2):
            to_another_thread()
            with pytest.raises(Woken):
                box.get(timeout=60)


def test_one_signal_calls_its_handler_once() -> None:
    calls: list[int] = []
    with signals.delivered((WORD,), lambda number, _: calls.append(number)):
        signal.raise_signal(WORD)
        assert threading.Event().wait(5 * signals.AGAIN_S) is False
    assert calls == [WORD]


def test_what_this_job_ignores_stays_ignored() -> None:
    signal.signal(WORD, signal.SIG_IGN)
    with signals.delivered((WORD,), wake):
        signal.raise_signal(WORD)
    assert signal.getsignal(WORD) is signal.SIG_IGN


def test_nothing_of_it_is_left_after_the_block() -> None:
    with signals.delivered((WORD,), wake):
        (ours,) = (one for one in threading.enumerate() if one.name == "signals")
    ours.join(60)
    assert not ours.is_alive()
    assert signal.set_wakeup_fd(-1) == -1
