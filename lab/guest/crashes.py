"""What is left of a native crash: Python's frames from faulthandler, C++ frames from what Paddle's own handler prints."""

import faulthandler
import signal

SIGNALS = (signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGBUS, signal.SIGILL)
POINTER_BYTES = 8
SIGACTION_BYTES = 512
"""More than struct sigaction takes on any Linux; its content is only handed back."""
TRACE_CAP = 64 << 10
MARK = b"C++ Traceback (most recent call last):"


def actions(libc):
    """What is done on each of the signals of a crash, as the system keeps it."""
    import ctypes  # noqa: PLC0415 - after Paddle: nothing that loads a library comes before it

    found = {}
    for number in SIGNALS:
        held = ctypes.create_string_buffer(SIGACTION_BYTES)
        libc.sigaction(int(number), None, held)
        found[number] = held.raw
    return found


def handler(action):
    """The function of an action; the rest of the struct may hold what was on the stack before."""
    return action[:POINTER_BYTES]


class PythonFrames:
    """Writes Python's frames to a file when the process crashes, also where Paddle takes over the signals at its import."""

    def __init__(self, file):
        self._file = file
        self._enable()

    def go_first(self):
        """Come before the handler that Paddle has put over this one, so that both tell what they see."""
        import ctypes  # noqa: PLC0415 - after Paddle, as above

        libc = ctypes.CDLL(None)
        found = actions(libc)
        faulthandler.disable()
        self._enable()
        own = actions(libc)
        others = {number: held for number, held in found.items() if handler(held) != handler(own[number])}
        if others:
            faulthandler.disable()  # it puts back what was there before itself
            for number, held in others.items():
                libc.sigaction(int(number), held, None)
            self._enable()

    def _enable(self):
        faulthandler.enable(file=self._file, all_threads=True)


def cpp_traceback(*ends):
    """The last C++ traceback in one of these ends of logs, from its heading on; empty where there is none.

    What is too long loses its outer frames: it crashed in the inner ones, which come last.
    """
    for end in ends:
        _before, mark, rest = end.rpartition(MARK)
        if mark:
            cut = b"" if len(rest) <= TRACE_CAP else b"\n[...]\n"
            return (mark + cut + rest[-TRACE_CAP:]).decode("utf-8", "replace")
    return ""
