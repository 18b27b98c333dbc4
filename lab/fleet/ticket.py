"""A ticket: all that one member needs to join one fleet, by a pipe or a private file; held in memory while it is used."""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lab import documents
from lab.errors import UsageError
from lab.fleet import certificates, private_file, where
from lab.fleet.certificates import Credentials

PROTOCOL = 1
LARGEST = private_file.LARGEST
STDIN = "-"
AGAIN = "lab fleet ticket NAME makes a new one, on the machine of lab fleet start: a ticket is for one fleet and 7 days"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """Who a member is (`name`), where the fleet's scheduler is, and what proves both.

    `address` is what the member binds to, empty for its own address on the way to the scheduler. `slots` 0 lets the host
    find how many steps it carries; `labels` are words that a user gave it. `once` lets its file be removed as it is read: the
    host comes with a command or a job and never again. Certificates and key are PEM.
    """

    protocol: int
    name: str
    scheduler: str
    authority: str
    certificate: str
    key: str = field(repr=False)
    address: str = ""
    slots: int = 0
    labels: tuple[str, ...] = ()
    once: bool = False

    @property
    def credentials(self) -> Credentials:
        """What it proves itself with."""
        return Credentials(certificate=self.certificate, key=self.key)


@dataclass(frozen=True, kw_only=True)
class HeldTicket:
    """Where a process finds the three parts of its ticket while it holds them: in its own memory, by paths that are only its own."""

    authority: str
    certificate: str
    key: str


def written(ticket: Ticket) -> bytes:
    """One line, as it goes down a pipe or into a file."""
    return msgspec.json.encode(ticket) + b"\n"


def read(data: bytes, source: str) -> Ticket:
    """One ticket from what somebody handed over; UsageError with `source` where it is none, or not good any more."""
    try:
        ticket = documents.json(data, Ticket)
    except ValueError as error:
        raise UsageError(f"{source} is no ticket of a fleet: {error}", AGAIN) from error
    if ticket.protocol != PROTOCOL:
        said = f"{source} is a ticket of protocol {ticket.protocol}, and this lab speaks {PROTOCOL}"
        raise UsageError(said, "install the same lab on every machine of a fleet")
    where.scheduler(ticket.scheduler, f"{source}: {ticket.scheduler!r}")
    refuse_ended(ticket, source)
    return ticket


def refuse_ended(ticket: Ticket, source: str) -> None:
    """UsageError where a ticket is not good, or not good any more; `source` is where it came from."""
    wrong = certificates.complaint(ticket.authority, ticket.credentials, certificates.moment())
    if wrong:
        raise UsageError(f"{source}: the ticket of {ticket.name} {wrong}", AGAIN)


def from_stdin(descriptor: int = 0) -> Ticket:
    """The ticket in the first line of a pipe; what follows stays there, for it is the lease."""
    data = bytearray()
    while not data.endswith(b"\n"):
        piece = os.read(descriptor, 1)  # one at a time: nothing behind the line may be taken out of the pipe
        if not piece:
            break
        data += piece
        if len(data) > LARGEST:
            raise UsageError(f"what came on stdin is no ticket of a fleet: it has more than {LARGEST:,} bytes", AGAIN)
    if not data:
        raise UsageError("no ticket came on stdin", "lab fleet host --ticket - takes it in its first line")
    return read(bytes(data), "what came on stdin")


def leased(descriptor: int = 0) -> bool:
    """Whether the end of this stream means that whoever handed the ticket over is gone: so with pipes, not with files."""
    kind = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)


def from_file(path: Path) -> Ticket:
    """The ticket in a private file, which is removed as soon as it is read where the ticket says so.

    A file that others may read, another user's, a link or no plain file is refused and left where it is.
    """
    found = read(private_file.read(path, AGAIN), str(path))
    if found.once:
        try:
            path.unlink()
        except OSError as error:
            said = f"the ticket {path} cannot be removed: {error.strerror}"
            raise UsageError(said, "put it into a folder of your own") from error
    return found


def to_file(ticket: Ticket, path: Path) -> None:
    """Put a ticket into a file that only this user can read, whole or not at all; InfraError where the disk refuses."""
    private_file.write(written(ticket), path)


@contextlib.contextmanager
def held(ticket: Ticket) -> Iterator[HeldTicket]:
    """Keep a ticket's parts in this process's memory, under paths that libraries of TLS take; gone with the block."""
    with contextlib.ExitStack() as stack:
        authority, certificate, key = (
            stack.enter_context(_in_memory(name, text))
            for name, text in (
                ("authority", ticket.authority),
                ("certificate", ticket.certificate),
                ("key", ticket.key),
            )
        )
        yield HeldTicket(authority=authority, certificate=certificate, key=key)


@contextlib.contextmanager
def _in_memory(name: str, text: str) -> Iterator[str]:
    descriptor = os.memfd_create(f"lab-{name}", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
