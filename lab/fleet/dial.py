"""Hosts over ssh: one connection each is authentication, ticket and lease at once, and is dialled again when it breaks."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from lab.errors import Interrupted
from lab.fleet import launch, ticket
from lab.fleet.ticket import Ticket
from lab.machine import process
from lab.machine.process import LeasedProgram
from lab.text import clean

LEAVE_S = 8.0
"""How long a host may take to end its containers once it was told to leave."""
SETTLED_S = 60.0
"""A connection that lived so long was a good one: the next is dialled soon again."""
_NOT_FOUND = (126, 127)
_REFUSED = 2
_LEFT = 0
_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class LineEnd:
    """How one connection ended: what the last program on it returned, and its last words."""

    code: int
    said: str

    @property
    def final(self) -> bool:
        """Whether the next one would end in the same way: there is no lab there, it was refused, or its fleet let it go."""
        return self.code in (*_NOT_FOUND, _REFUSED, _LEFT)


def sentence(host: str, end: LineEnd, wait: int) -> str:
    """What is said of a connection that ended; `wait` are the seconds until the next one, where there is one."""
    said = f": {end.said}" if end.said else ""
    if end.code in _NOT_FOUND:
        return f"{host} has no program of that name{said}; install the same lab there, or say --program PATH, or LAB_FLEET_PROGRAM"
    if end.code == _REFUSED:
        return f"{host} does not join{said}"
    if end.code == _LEFT:
        return f"{host} has left the fleet"
    return f"{host} is gone (exit code {end.code}){said}; dialled again in {wait} s"


@dataclass(kw_only=True)
class DialledHost:
    """One host, for as long as its fleet lives; each connection gets a ticket of its own."""

    host: str
    ticket: Callable[[], Ticket]
    lab: str
    say: Callable[[str], None]
    _left: threading.Event = field(default_factory=threading.Event)
    _line: LeasedProgram | None = None

    def stay(self) -> None:
        """Dial, and dial again, until the host is told to leave or nothing better can come of it."""
        pauses = launch.waits()
        while not self._left.is_set():
            begun = time.monotonic()
            try:
                end = self._connected()
            except Interrupted:
                return
            if self._left.is_set():
                return
            if time.monotonic() - begun > SETTLED_S:
                pauses = launch.waits()
            wait = next(pauses)
            self.say(sentence(self.host, end, wait))
            if end.final:
                return
            self._left.wait(wait)

    def leave(self) -> None:
        """Ask the host to end: it does so with its stdin."""
        self._left.set()
        line = self._line
        if line is not None:
            line.leave()

    def cut(self) -> None:
        """End the connection on this side: the other one ends with it."""
        line = self._line
        if line is not None:
            line.kill()

    def _connected(self) -> LineEnd:
        last: deque[str] = deque(maxlen=3)
        words = launch.ssh_command(self.host, self.lab)
        with process.leased(words, ticket.written(self.ticket()).decode()) as line:
            self._line = line
            if self._left.is_set():  # it was told to leave before there was anything to tell
                line.leave()
            last.extend(said.strip() for said in line.lines())
            return LineEnd(code=line.code(), said=clean(" ".join(last), _SHOWN))


@contextlib.contextmanager
def dialled(
    hosts: Sequence[str], ticket_for: Callable[[str], Ticket], say: Callable[[str], None], lab: str = "lab"
) -> Iterator[Callable[[], int]]:
    """Hold one connection to each host until the block ends; then each is asked to leave, and ended if it does not.

    Gives what tells how many hosts are still there or dialled again.
    """
    members = [DialledHost(host=host, ticket=partial(ticket_for, host), lab=lab, say=say) for host in hosts]
    threads = [threading.Thread(target=one.stay, name=f"dial {one.host}", daemon=True) for one in members]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(thread.is_alive() for thread in threads)
    finally:
        for one in members:
            one.leave()
        end = time.monotonic() + LEAVE_S
        for one, thread in zip(members, threads, strict=True):
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                one.cut()
                thread.join()
