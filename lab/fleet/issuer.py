"""Who gives the tickets of one fleet: in memory for a fleet that comes with a command, in a private file for one that stands."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from lab import documents
from lab.errors import UsageError
from lab.fleet import certificates, private_file, ticket
from lab.fleet.certificates import Credentials
from lab.fleet.ticket import Ticket

AGAIN = "begin the fleet again: lab fleet start ADDRESS --hosts HOST,HOST"


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """The authority of a fleet with its key, and where the fleet's scheduler is: whoever has it can let anybody in."""

    scheduler: str
    authority: Credentials = field(repr=False)

    def ticket(self, name: str) -> Ticket:
        """A new ticket, good for a certificate's life from now."""
        own = certificates.issued(self.authority, name, certificates.moment())
        return Ticket(
            protocol=ticket.PROTOCOL, name=name, scheduler=self.scheduler, authority=self.authority.certificate,
            certificate=own.certificate, key=own.key,
        )  # fmt: skip


def issuer(scheduler_address: str) -> Issuer:
    """The authority of a new fleet."""
    now = certificates.moment()
    return Issuer(
        scheduler=scheduler_address,
        authority=certificates.authority(f"fleet {secrets.token_hex(4)} of paddle-repro-lab", now),
    )


def keep(one: Issuer, path: Path) -> None:
    """Put a fleet's authority into a file that only this user can read."""
    private_file.write(documents.written(one), path)


def kept(path: Path) -> Issuer:
    """The authority that was kept; UsageError where there is none that is private, whole and still good."""
    data = private_file.read(path, AGAIN)
    try:
        found = documents.json(data, Issuer)
        ends = certificates.ends(found.authority.certificate)
    except ValueError as error:
        raise UsageError(f"{path} holds no authority of a fleet: {error}", AGAIN) from error
    if certificates.moment() >= ends:
        raise UsageError(f"{path}: the authority of this fleet ended at {ends:%Y-%m-%d %H:%M} UTC", AGAIN)
    return found
