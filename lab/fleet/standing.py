"""A standing fleet: its authority, and a ticket for each host and each driver of it."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from lab.fleet import certificates, driver, ticket
from lab.fleet.ticket import PROTOCOL, Ticket

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


def written(made: dict[str, Ticket], address: str, cache: Path) -> dict[str, Path]:
    """Put the driver's ticket and those of the hosts into private files of this user; returns where, by name."""
    places = {}
    for name, one in made.items():
        if name == SCHEDULER:
            continue
        at = driver.ticket_path(address, cache)
        places[name] = at if name == DRIVER else at.with_suffix(f".{name}.ticket")
        ticket.to_file(one, places[name])
    return places
