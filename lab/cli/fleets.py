"""A command on a fleet: opened by the words of --fleet, and shown while it works."""

import atexit
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.cli import spread
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice
from lab.errors import EngineMissingError, UsageError
from lab.fleet import where
from lab.fleet.where import FleetKind, FleetPlace
from lab.storage.workspace import Workspace

if TYPE_CHECKING:
    from lab.fleet.driver import OpenFleet
    from lab.fleet.link import FleetLink
    from lab.fleet.summon import Summons

EXTRA = "pip install 'paddle-repro-lab[fleet]'"
LOOK_S = 0.2
NEEDED = frozenset({"cryptography", "dask", "distributed", "tornado", "msgpack", "cloudpickle"})


def opened(found: Workspace, choice: EngineChoice, screen: Screen, place: FleetPlace) -> "OpenFleet":
    """The fleet that the words mean, its hosts said once; UsageError where the extra for fleets is not installed."""
    require()
    from lab.fleet import driver  # noqa: PLC0415 - the extra may be missing

    if place.kind is FleetKind.STANDING:
        link = driver.linked(place.address, found.cache)
    else:
        link = brought(summons(place), screen.tell)
    fleet = driver.opened(link, found, choice, spread.labels(), screen.tell)
    for word in (spread.words().save_on, spread.words().load_on):
        fleet.engine.refuse_unknown(word)
    members = fleet.engine.members()
    slots = sum(one.slots for one in members)
    screen.tell(f"fleet of {len(members)} host(s) and {slots} slot(s): {', '.join(one.name for one in members)}")
    screen.beside(fleet.executor.line)
    return fleet


def linked(said: str, cache: Path) -> "FleetLink":
    """A connection to the fleet that was said, by --fleet or LAB_FLEET."""
    require()
    from lab.fleet import driver  # noqa: PLC0415 - the extra may be missing

    return driver.linked(standing_address(said), cache)


def standing_address(said: str) -> str:
    """The address of the fleet that was said, by --fleet or LAB_FLEET; UsageError for none, and for one that does not stand."""
    place = where.asked(said or None, os.environ)
    if place is None:
        raise UsageError("which fleet is not said", "--fleet tls://HOST:PORT, or LAB_FLEET")
    return standing(place)


def standing(place: FleetPlace) -> str:
    """The address of a fleet that stands already; UsageError for one that comes with its command."""
    if place.kind is FleetKind.STANDING:
        return place.address
    raise UsageError(
        f"--fleet {place.words} is a fleet that comes and goes with a command, and this asks about one that stands",
        f"lab fleet start {place.words}, and then --fleet with the address it says",
    )


def summons(
    place: FleetPlace, names: tuple[str, ...] = (), address: str = "", program: str = "", image: str = ""
) -> "Summons":
    """What is brought together for a place: what was not said stands in variables, or is found out."""
    from lab.fleet import address as addresses  # noqa: PLC0415 - the extra may be missing
    from lab.fleet import summon  # noqa: PLC0415

    found = summon.from_variables(place, os.environ)
    own = address or found.own
    if own:
        addresses.refuse(own)
    return replace(found, named=names, own=own, program=program or found.program, image=image or found.image)


def brought(asked: "Summons", say: Callable[[str], None]) -> "FleetLink":
    """A connection to a fleet that comes with this command, and leaves when the process ends; EngineMissingError without a host."""
    from lab.fleet import driver, summon  # noqa: PLC0415 - the extra may be missing

    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    fleet = stack.enter_context(summon.summoned(asked, say))
    link = driver.linked_by(fleet.ticket)
    say(f"waiting for {', '.join(fleet.names)}")
    if not fleet.waited(lambda: len(link.members())):
        said = f"no host of {asked.place.words} has joined"
        raise EngineMissingError(
            said, "see what was said of each above; the same command without --fleet works here alone"
        )
    return link


def stay(asked: "Summons", cache: Path, say: Callable[[str], None]) -> None:
    """Bring a fleet together and keep it until it is stopped; commands on this machine find its ticket meanwhile."""
    from lab.fleet import driver, ticket  # noqa: PLC0415 - the extra may be missing

    link = brought(asked, say)
    path = driver.ticket_path(link.ticket.scheduler, cache)
    try:
        ticket.to_file(link.ticket, path)
        say(f"commands  {path}\n  --fleet {link.ticket.scheduler}")
        while not link.lost:
            time.sleep(LOOK_S)
    finally:
        path.unlink(missing_ok=True)


def by_hand(asked: "Summons", cache: Path) -> str:
    """What one would type to bring a fleet together oneself."""
    from lab.fleet import address, printed, summon  # noqa: PLC0415 - the extra may be missing

    here = summon.listening(asked.own or address.own_address(asked.place), where.PORT)
    like: Any = asked.program or "lab"
    if asked.place.kind is FleetKind.SLURM:
        like = summon.job_like(asked, cache / "fleets")
    elif asked.place.kind is FleetKind.KUBERNETES:
        like = summon.pod_like(asked, here)
    return printed.lines(asked.names(), here, cache, like)


def require() -> None:
    """UsageError says what to install where the extra for fleets is missing."""
    try:
        import_module("lab.fleet.driver")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise UsageError(f"a fleet needs what is not installed here ({error.name})", EXTRA) from error
