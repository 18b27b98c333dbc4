"""Ctrl-C as a state of this process: from then on nothing new is started, in whatever thread."""

import threading

from lab.errors import Interrupted

_heard = threading.Event()


def hear() -> None:
    """The lab was told to end."""
    _heard.set()


def heard() -> bool:
    """Whether the lab was told to end."""
    return _heard.is_set()


def refuse() -> None:
    """Interrupted (the exception) once the lab was told to end."""
    if heard():
        raise Interrupted("interrupted; nothing new is started", "")


def forget() -> None:
    """A new command begins."""
    _heard.clear()
