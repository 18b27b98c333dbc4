"""A ticket: all that one member needs to join one fleet, handed over once and kept in no file that lasts."""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lab import documents, scratch
from lab.errors import InfraError, UsageError
from lab.fleet import certificates, where
from lab.fleet.certificates import Credentials
from lab.machine import refused

PROTOCOL = 1
LARGEST = 64 << 10
STDIN = "-"
AGAIN = "let lab fleet start make a new one: a ticket is for one fleet and 7 days"
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OTHERS = 0o077


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """Who a member is (`name`), where the fleet's scheduler is, and what proves both.

    `address` is what the member binds to, empty for its own address on the way to the scheduler. `slots` 0 lets the host
    find how many steps it carries; `labels` are words that a user gave it. Certificates and key are PEM.
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
    wrong = certificates.complaint(ticket.authority, ticket.credentials, certificates.moment())
    if wrong:
        raise UsageError(f"{source}: the ticket of {ticket.name} {wrong}", AGAIN)
    return ticket


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
    """The ticket in a private file, which is removed as soon as it is read, whatever was in it.

    A file that others may read, another user's, a link or no plain file is refused and left where it is.
    """
    try:
        descriptor = os.open(path, _FILE)
    except OSError as error:
        raise UsageError(f"the ticket {path} cannot be opened: {error.strerror}", AGAIN) from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(f"the ticket {path} is no plain file", AGAIN)
        if facts.st_uid != os.getuid() or facts.st_mode & _OTHERS:
            raise UsageError(f"the ticket {path} can be read by others, so it may have been copied", AGAIN)
        data = os.read(descriptor, LARGEST + 1)  # a plain file gives all that was asked for and is there
    finally:
        os.close(descriptor)
    try:
        path.unlink()
    except OSError as error:
        said = f"the ticket {path} cannot be removed: {error.strerror}"
        raise UsageError(said, "put it into a folder of your own") from error
    if len(data) > LARGEST:
        raise UsageError(f"{path} is no ticket of a fleet: it has more than {LARGEST:,} bytes", AGAIN)
    return read(data, str(path))


def to_file(ticket: Ticket, path: Path) -> None:
    """Put a ticket into a file that only this user can read, whole or not at all; InfraError where the disk refuses."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with scratch.file_beside(path) as made:
            made.chmod(0o600)
            made.write_bytes(written(ticket))
            made.replace(path)
    except OSError as error:
        raise InfraError(f"{path} could not be written: {error.strerror}", refused.ROOM) from error


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
