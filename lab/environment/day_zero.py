"""Day 0: whether the index has a newer Paddle than the catalogue, said from what was heard of it within the last day.

It is asked in the background, at most once a day, and never where LAB_OFFLINE is set. No answer waits for it; only the end of
a command that is shorter may, for the two seconds that are left to the index.
"""

import atexit
import contextlib
import os
import platform
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.version import InvalidVersion, Version

from lab import documents
from lab.environment import Catalogue, asked_index
from lab.errors import LabError
from lab.storage import store

OFFLINE = "LAB_OFFLINE"
ASKED_S = 2.0
THREAD = "day zero"
PACKAGE = "paddlepaddle"
AGAIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What the index had when it was asked: the newest stable version, and when that was (ISO 8601, UTC)."""

    version: str
    asked: str


def note(known: Heard | None, catalogue: Catalogue) -> str:
    """The sentence on a newer release and the command that adds it; empty where none is known."""
    newest = catalogue.newest.version
    try:
        newer = known is not None and Version(known.version) > Version(newest)
    except InvalidVersion:
        return ""
    if known is None or not newer:
        return ""
    return f"the index has Paddle {known.version}, and the newest here is {newest}; lab images add {known.version}"


def heard(cache: Path) -> Heard | None:
    """What was heard last; None where nobody asked, or what is kept cannot be read."""
    path = _kept(cache)
    try:
        return documents.json(path.read_bytes(), Heard) if path.is_file() else None
    except (OSError, ValueError, RecursionError):  # it is asked again
        return None


def ask(cache: Path, catalogue: Catalogue) -> threading.Thread | None:
    """Have the index asked beside everything else, where that is due; None where it is not."""
    known = heard(cache)
    if os.environ.get(OFFLINE) or (known is not None and _fresh(known)):
        return None
    thread = threading.Thread(target=_ask, args=(cache, catalogue.known.preferred[0]), name=THREAD, daemon=True)
    thread.start()
    atexit.register(thread.join, ASKED_S)  # a short command would else end before any answer is kept
    return thread


def _fresh(known: Heard) -> bool:
    try:
        asked = datetime.fromisoformat(known.asked)
    except ValueError:
        return False
    return timedelta(0) <= datetime.now(UTC) - asked < AGAIN if asked.tzinfo is not None else False


def _ask(cache: Path, python: str) -> None:
    """Keep the answer, or that there was none: a silent index is not asked again before tomorrow either."""
    known = heard(cache)
    try:
        version = asked_index.newest(PACKAGE, python, platform.machine(), ASKED_S)
    except LabError:
        version = known.version if known is not None else ""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with contextlib.suppress(LabError):  # what cannot be kept is asked again: a full disk is told by who needs it
        store.write(_kept(cache), store.pretty(Heard(version=version, asked=now)))


def _kept(cache: Path) -> Path:
    return cache / "newest.json"
