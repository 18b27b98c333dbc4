"""A standing fleet: its authority, and a ticket for each host and each driver of it."""

import errno
import glob
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from lab.errors import UsageError
from lab.fleet import driver, issuer, ticket
from lab.fleet.issuer import Issuer
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port

SCHEDULER, DRIVER = "scheduler", "driver"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def refuse(names: Sequence[str], said: str = "--hosts") -> None:
    """UsageError where hosts cannot be called so: a name stands in a file's name and in certificates, and is one host's.

    `said` is where the names stood.
    """
    for name in names:
        if not _NAME.fullmatch(name) or ".." in name:
            raise UsageError(f"{said}: {name!r} is no name of a host", "letters, digits, - and ., as in gpu1,gpu2")
        if name in (SCHEDULER, DRIVER):
            raise UsageError(
                f"{said}: {name} is what the fleet calls a member of its own", "another name for that host"
            )
        if list(names).count(name) > 1:
            raise UsageError(f"{said}: {name} stands there twice", "one name for each host")


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


def unfinished(address: str, cache: Path) -> bool:
    """Whether a fleet was begun here at this address that nobody stopped and that can go on: its hosts wait for a scheduler."""
    try:
        return bool(issuer.kept(_authority(address, cache)))
    except UsageError:
        return False


def begun(address: str, hosts: Sequence[str], cache: Path) -> dict[str, Path]:
    """Begin a fleet, or go on with one that is unfinished: a ticket for commands and one for each host named, in private files.

    Gives where they are, by name.
    """
    if not unfinished(address, cache):
        forget(address, cache)
        issuer.keep(issuer.issuer(address), _authority(address, cache))
    return _written(issuer.kept(_authority(address, cache)), (DRIVER, *hosts), cache)


def serving(address: str, cache: Path) -> Ticket:
    """A new ticket for the scheduler of a fleet that was begun here."""
    return issuer.kept(_authority(address, cache)).ticket(SCHEDULER)


def added(address: str, hosts: Sequence[str], cache: Path) -> dict[str, Path]:
    """New tickets for hosts of a fleet that was begun here: those that join, and those whose ticket ended or is lost."""
    path = _authority(address, cache)
    if not path.exists():
        raise UsageError(
            f"no fleet was begun at {address} from here", "type it on the machine, and as the user, of lab fleet start"
        )
    return _written(issuer.kept(path), hosts, cache)


def forget(address: str, cache: Path) -> None:
    """Remove the authority of a fleet that is over, and every ticket of it that lies here."""
    at = driver.ticket_path(address, cache)
    for path in (at, _authority(address, cache), *at.parent.glob(f"{glob.escape(at.stem)}.*.ticket")):
        path.unlink(missing_ok=True)


def _authority(address: str, cache: Path) -> Path:
    return driver.ticket_path(address, cache).with_suffix(".authority")


def _written(by: Issuer, names: Sequence[str], cache: Path) -> dict[str, Path]:
    """Put a new ticket for each name into a private file of this user; returns where, by name."""
    at = driver.ticket_path(by.scheduler, cache)
    places = {name: at if name == DRIVER else at.with_suffix(f".{name}.ticket") for name in names}
    for name, path in places.items():
        ticket.to_file(by.ticket(name), path)
    return places
