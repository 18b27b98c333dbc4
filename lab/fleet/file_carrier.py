"""Brings files from another member's door: several pieces in flight, each straight to its place on the disk.

A pull holds LANES pieces of 8 MiB in flight and CHUNK bytes of each in memory, whatever the file's size. A connection that breaks
is made again, and its piece goes on where it was; only where nothing comes for a while is the file given up.
"""

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from lab.errors import UsageError
from lab.fleet import times, where
from lab.fleet.file_door import ASK, CHUNK, GIVEN, NONE, SILENT_S, fill, knocked, patient
from lab.fleet.wire import PIECE, Blob

LANES = 3
PATIENCE_S = 60
"""For so long nothing may come of a file."""
REST_S = 0.2
IDLE = 8
"""Connections kept for the next file."""


def _untold(giver: str, why: str) -> None:
    del giver, why


@dataclass(frozen=True, kw_only=True)
class ShutDoor:
    """A door that was knocked at in vain: since when, and when last."""

    since: float
    last: float


class UngivenError(OSError):
    """A file did not come from whoever was to give it; the text says from whom, and why not."""


class UnreachedError(UngivenError):
    """There is no way to whoever was to give a file."""


@dataclass(kw_only=True)
class FileCarrier:
    """The files of others, for any thread; connections are used again."""

    tls: ssl.SSLContext
    patience_s: float = PATIENCE_S
    silent_s: int = SILENT_S
    enter_s: float = field(default_factory=lambda: times.ENTER_S)
    reach_s: float = field(default_factory=lambda: times.REACH_S)
    unreached: Callable[[str, str], None] = _untold
    """Hears of a door that was knocked at in vain for a while, and why."""
    _shut: dict[str, ShutDoor] = field(default_factory=dict)
    _idle: dict[str, list[ssl.SSLSocket]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pull(self, giver: str, blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        """Write a file from `start` on to the descriptor `sink`; gives the end of what is there without a gap, as it grows.

        UngivenError where it does not come, OSError where the disk takes nothing.
        """
        pull = _Pull(carrier=self, giver=giver, blob=blob, sink=sink, start=start)
        lanes = [
            threading.Thread(target=pull.lane, name=f"lane {blob.sha256[:8]}", daemon=True)
            for _ in range(min(LANES, len(pull.waiting)))
        ]
        for lane in lanes:
            lane.start()
        try:
            yield from pull.progress()
        finally:
            pull.end()
            for lane in lanes:
                lane.join()

    def line(self, giver: str) -> ssl.SSLSocket:
        """A connection to somebody's door, an idle one where there is one."""
        with self._lock:
            idle = self._idle.get(giver)
            found = idle.pop() if idle else None
        if found is not None:
            patient(found, self.enter_s)  # nobody knows whether there still is a way
            return found
        try:
            where.scheduler(giver, "it")
        except UsageError as error:
            raise UngivenError(f"{giver[:200]!r} is no address of a host") from error
        since = time.monotonic()
        try:
            line = knocked(giver, self.tls, self.silent_s, self.enter_s)
        except OSError as error:
            if not _final(error):
                self._in_vain(giver, since, error)
            raise
        with self._lock:
            self._shut.pop(giver, None)
        return line

    def shut(self, giver: str) -> bool:
        """Whether a door was knocked at in vain for long, and never opened since: others are asked first."""
        with self._lock:
            found = self._shut.get(giver)
            return found is not None and found.last - found.since > self.reach_s

    def way(self, giver: str) -> str:
        """Why a door does not open to one knock; empty where it does."""
        try:
            knocked(giver, self.tls, self.silent_s, self.enter_s).close()
        except (OSError, ValueError) as error:
            return _why(error)
        return ""

    def _in_vain(self, giver: str, since: float, error: OSError) -> None:
        """Remember that nobody was reached, and tell it where that goes on."""
        now = time.monotonic()
        with self._lock:
            since = self._shut[giver].since if giver in self._shut else since
            self._shut[giver] = ShutDoor(since=since, last=now)
        if now - since > times.TELL_S:
            self.unreached(giver, _why(error))

    def rest(self, giver: str, line: ssl.SSLSocket) -> None:
        """Keep a connection for the next file."""
        with self._lock:
            if sum(map(len, self._idle.values())) < IDLE:
                self._idle.setdefault(giver, []).append(line)
                return
        line.close()

    def forget(self, giver: str) -> None:
        """End the idle connections to a door: one that broke is no better than the others."""
        with self._lock:
            lines = self._idle.pop(giver, [])
        for line in lines:
            line.close()

    def close(self) -> None:
        """End the connections that are idle."""
        for giver in tuple(self._idle):
            self.forget(giver)


@dataclass(kw_only=True)
class _Pull:
    """One file on its way."""

    carrier: FileCarrier
    giver: str
    blob: Blob
    sink: int
    start: int

    def __post_init__(self) -> None:
        self.waiting = list(range(self.start, self.blob.size, PIECE))[::-1]
        self._here: set[int] = set()
        self._news = threading.Condition()
        self._failed: Exception | None = None
        self._over = False
        self._last = time.monotonic()
        self._lines: set[ssl.SSLSocket] = set()
        self._came = False

    def progress(self) -> Iterator[int]:
        """The end of what came without a gap, each time it grows."""
        for offset in range(self.start, self.blob.size, PIECE):
            with self._news:
                while offset not in self._here:
                    if self._failed is not None:
                        raise self._failed
                    # A lane notices by itself but for one case: its other end is there and gives nothing.
                    patience = self.carrier.patience_s + self.carrier.enter_s
                    self._news.wait(patience)
                    if time.monotonic() - self._last > patience and offset not in self._here:
                        raise self._failed or UngivenError(
                            f"nothing came of {self.blob.path[:200]!r} from {self.giver}"
                        )
            yield min(offset + PIECE, self.blob.size)

    def end(self) -> None:
        """Let no lane go on; whoever waits for bytes is woken by the end of its connection."""
        with self._news:
            self._over = True
            for line in self._lines:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # its own would first forget that it is encrypted

    def lane(self) -> None:
        """Bring one piece after another until none is left, or it cannot go on."""
        line: ssl.SSLSocket | None = None
        try:
            while (offset := self._next()) is not None:
                line = self._piece(line, offset)
                with self._news:
                    self._here.add(offset)
                    self._news.notify_all()
        except Exception as error:  # noqa: BLE001 - it is raised where the file is waited for
            with self._news:
                self._failed = self._failed or error
                self._news.notify_all()
            _closed(line)
        else:
            if line is not None:
                self.carrier.rest(self.giver, line)
        finally:
            with self._news:
                self._lines.discard(line)

    def _next(self) -> int | None:
        with self._news:
            return self.waiting.pop() if self.waiting and not (self._over or self._failed) else None

    def _piece(self, line: ssl.SSLSocket | None, offset: int) -> ssl.SSLSocket | None:
        """One piece to its place; where a connection breaks, its rest comes over another. Gives the one that is left."""
        at, end, asked = offset, min(offset + PIECE, self.blob.size), False
        room = memoryview(bytearray(min(CHUNK, end - at)))
        while at < end:
            part = room[: min(len(room), end - at)]
            try:
                line = line or self._entered()
                if not asked:
                    self._ask(line, at, end - at)
                    asked = True
                fill(line, part)
            except OSError as error:
                self._broken(line, error)
                line, asked = None, False
                continue
            self._last, self._came = time.monotonic(), True
            at += _written(self.sink, part, at)
        return line

    def _entered(self) -> ssl.SSLSocket:
        line = self.carrier.line(self.giver)
        with self._news:
            self._lines.add(line)
        return line

    def _ask(self, line: ssl.SSLSocket, offset: int, size: int) -> None:
        line.sendall(ASK.pack(self.blob.sha256.encode(), offset, size))
        answer = bytearray(1)
        fill(line, memoryview(answer))
        if answer == NONE:
            raise UngivenError(f"{self.giver} has no such piece of {self.blob.path[:200]!r}")
        if answer != GIVEN:
            raise UngivenError(f"{self.giver} gives what is no piece of a file")
        patient(line, self.carrier.silent_s)

    def _broken(self, line: ssl.SSLSocket | None, error: OSError) -> None:
        """Rest before another connection, or raise where none would do better."""
        _closed(line)
        with self._news:
            self._lines.discard(line) if line is not None else None
            over, silent = self._over or self._failed is not None, time.monotonic() - self._last
        if isinstance(error, UngivenError):
            raise error
        self.carrier.forget(self.giver)
        if not self._came and self.carrier.shut(self.giver):
            raise UnreachedError(f"{self.giver} is not reached: {error}") from error
        if over or silent > self.carrier.patience_s or _final(error):
            raise UngivenError(f"{self.giver} gave no more of {self.blob.path[:200]!r}: {error}") from error
        time.sleep(REST_S)


def _final(error: OSError) -> bool:
    """Whether the next connection would end as this one did: nobody is there, or who is there is of another fleet."""
    passing = (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return isinstance(error, ConnectionRefusedError) or (
        isinstance(error, ssl.SSLError) and not isinstance(error, passing)
    )


def _why(error: Exception) -> str:
    """What came of a knock, in a few words."""
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def _written(sink: int, data: memoryview, offset: int) -> int:
    """Write all of it at its place; returns how much that was."""
    done = 0
    while done < len(data):
        done += os.pwrite(sink, data[done:], offset + done)
    return done


def _closed(line: ssl.SSLSocket | None) -> None:
    if line is not None:
        with contextlib.suppress(OSError):
            line.close()
