"""A standing fleet: its authority, and a ticket for each host and each driver of it."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from lab.errors import UsageError
from lab.fleet import certificates, driver, ticket
from lab.fleet.ticket import PROTOCOL, Ticket
from lab.storage.outbox import GuestFile

SCHEDULER, DRIVER = "scheduler", "driver"


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
