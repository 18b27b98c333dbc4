"""A signal reaches its handler at once, whatever the main thread waits for.

Python runs a handler in the main thread between two of its own steps, and the kernel ends that thread's wait only where the signal comes
during it. One that comes a moment before, when the thread is about to wait for a lock or a queue, ends nothing: the
handler would be called when the wait is over, which may be never
(https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers). So a thread that hears of each signal sends it
again until the handler was called.
"""

import contextlib
import io
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

Handler = Callable[[int, FrameType | None], None]

AGAIN_S = 0.1
RARELY_S = 2.0
MANY = 4096


@contextlib.contextmanager
def delivered(words: Sequence[signal.Signals], handler: Handler) -> Iterator[None]:
    """See to it that these signals call `handler` soon while the block runs; one that this job ignores stays ignored.

    The handlers stay afterwards, for a process has no better ones while it ends. Only for the main thread.
    """
    called = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        called.set()
        handler(number, frame)

    heard, bell = os.pipe()
    os.set_blocking(bell, False)
    for word in words:
        if signal.getsignal(word) is not signal.SIG_IGN:
            signal.signal(word, told)
    before = signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    thread = threading.Thread(
        target=_repeat, args=(heard, frozenset(words), called, threading.get_ident()), name="signals", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(bell)


def _repeat(heard: int, words: frozenset[signal.Signals], called: threading.Event, main: int) -> None:
    """Send what was heard again until its handler was called; ends with the other end of the pipe."""
    with open(heard, "rb", buffering=0) as bells:
        while numbers := _read(bells, None):
            wanted = words & set(numbers)
            wait = AGAIN_S
            while wanted and not called.wait(wait):
                signal.pthread_kill(main, min(wanted))
                wait = min(2 * wait, RARELY_S)
            if wanted:
                called.clear()
                _read(bells, 0)  # what was sent again from here rang too


def _read(bells: io.FileIO, wait: float | None) -> bytes:
    """The numbers of the signals that rang, waiting `wait` seconds, or for ever, for the first; none at the pipe's end."""
    return bells.read(MANY) if select.select([bells], [], [], wait)[0] else b""
