"""A command's way to its fleet: the ticket this machine has for it, the connection, and engine and executor over it."""

import atexit
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine import choose
from lab.engine.choose import EngineChoice
from lab.engine.protocol import Engine
from lab.environment.wheels import WheelStore
from lab.errors import UsageError
from lab.fleet import ticket
from lab.fleet.bases import Bases, Say
from lab.fleet.engine import FleetEngine
from lab.fleet.executor import FleetExecutor
from lab.fleet.link import FleetLink
from lab.fleet.parcels import Packer
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port
from lab.storage.outbox import GuestFile
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class OpenFleet:
    """A fleet while a command works on it."""

    link: FleetLink
    engine: FleetEngine
    executor: FleetExecutor


def ticket_path(address: str, cache: Path) -> Path:
    """Where a driver's ticket for the fleet at an address lies on this machine."""
    host, port = host_and_port(address)
    return cache / "fleets" / f"{host.replace(':', '.')}-{port}.ticket"


def ticket_for(address: str, cache: Path) -> Ticket:
    """This machine's ticket for a fleet; UsageError says where to put one."""
    path = ticket_path(address, cache)
    try:
        data = GuestFile(out=path.parent, name=path.name).read(ticket.LARGEST)
    except OSError as error:
        raise UsageError(
            f"this machine has no ticket for the fleet at {address}: {path} {error.strerror or error}",
            "lab fleet start writes it where it is typed: copy it from there, readable by you alone",
        ) from error
    found = ticket.read(data, str(path))
    if host_and_port(found.scheduler) != host_and_port(address):
        raise UsageError(
            f"{path} is the ticket of the fleet at {found.scheduler}, and not of the one at {address}",
            f"--fleet {found.scheduler}, or the ticket that lab fleet start wrote for the other",
        )
    return found


def linked(address: str, cache: Path) -> FleetLink:
    """A connection to the fleet at an address, closed when the process ends."""
    return linked_by(ticket_for(address, cache))


def linked_by(mine: Ticket) -> FleetLink:
    """The same with a ticket that is at hand."""
    link = FleetLink(mine)
    atexit.register(link.close)
    return link


def opened(link: FleetLink, found: Workspace, choice: EngineChoice, words: Sequence[str], say: Say) -> OpenFleet:
    """The fleet behind a connection, ready for a run's steps on hosts that have all `words` as labels."""
    cache, wheels = found.cache, WheelStore(folder=found.cache / "wheels")
    engine = FleetEngine(link, choice, wheels, words)

    def own() -> Engine:
        return choose.choose(EngineChoice(engine.name), images=found.images, cache=cache)[0]

    link.news.say = say
    bases = Bases(folder=cache / "fleet" / "bases", offers=link.offers, engine=own, say=say)
    packer = Packer(link=link, engine=engine, wheels=wheels, bases=bases)
    return OpenFleet(link=link, engine=engine, executor=FleetExecutor(link, engine, packer, cache))
