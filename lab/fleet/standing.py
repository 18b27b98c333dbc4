"""A standing fleet: its authority, and a ticket for each host and each driver of it."""

import errno
import re
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path

from lab.errors import UsageError
from lab.fleet import certificates, driver, ticket
from lab.fleet.ticket import PROTOCOL, Ticket
from lab.fleet.where import host_and_port
from lab.storage.outbox import GuestFile

SCHEDULER, DRIVER = "scheduler", "driver"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def refuse(names: Sequence[str]) -> None:
    """UsageError where hosts cannot be called so: a name stands in a file's name and in certificates, and is one host's."""
    for name in names:
        if not _NAME.fullmatch(name) or ".." in name:
            raise UsageError(
                f"--hosts: {name!r} is no name of a host", "letters, digits, - and ., as in --hosts gpu1,gpu2"
            )
        if name in (SCHEDULER, DRIVER):
            raise UsageError(
                f"--hosts: {name} is what the fleet calls a member of its own", "another name for that host"
            )
        if list(names).count(name) > 1:
            raise UsageError(f"--hosts: {name} stands there twice", "one name for each host")


def refuse_taken(address: str) -> None:
    """UsageError where nobody could listen at a fleet's address, before anything of a fleet that is there is overwritten."""
    host, port = host_and_port(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise UsageError(
                    f"something listens at {address} already",
                    f"if it is a fleet of yours: lab fleet status --fleet {address}",
                ) from error
            raise UsageError(
                f"{address} is no address that this machine can listen at: {error.strerror}",
                "an address of this machine that the hosts can reach",
            ) from error


def tickets(address: str, hosts: Sequence[str]) -> dict[str, Ticket]:
    """New tickets of a new fleet by name: its scheduler's, a driver's, and one for each host; the authority's key is kept nowhere."""
    now = certificates.moment()
    authority = certificates.authority(f"fleet {secrets.token_hex(4)} of paddle-repro-lab", now)
    made = {}
    for name in (SCHEDULER, DRIVER, *hosts):
        own = certificates.issued(authority, name, now)
        made[name] = Ticket(
            protocol=PROTOCOL, name=name, scheduler=address, authority=authority.certificate, certificate=own.certificate,
            key=own.key,
        )  # fmt: skip
    return made


def going_on(address: str, cache: Path) -> Ticket | None:
    """The scheduler's ticket of the fleet that was begun here at this address; None where there is none that is still good.

    With it a scheduler that died begins again, and its hosts, which wait for it, come back.
    """
    path = _place(address, cache, SCHEDULER)
    try:
        return ticket.read(GuestFile(out=path.parent, name=path.name).read(ticket.LARGEST), str(path))
    except (OSError, UsageError):
        return None


def _place(address: str, cache: Path, name: str) -> Path:
    at = driver.ticket_path(address, cache)
    return at if name == DRIVER else at.with_suffix(f".{name}.ticket")


def written(made: dict[str, Ticket], address: str, cache: Path) -> dict[str, Path]:
    """Put all tickets into private files of this user; returns where, by name."""
    places = {name: _place(address, cache, name) for name in made}
    for name, one in made.items():
        ticket.to_file(one, places[name])
    return places
