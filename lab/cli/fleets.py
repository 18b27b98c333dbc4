"""A command on a fleet: opened by the words of --fleet, and shown while it works."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cli import spread
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.fleet import where
from lab.fleet.where import FleetKind, FleetPlace
from lab.storage.workspace import Workspace

if TYPE_CHECKING:
    from lab.fleet.driver import OpenFleet
    from lab.fleet.link import FleetLink

EXTRA = "pip install 'paddle-repro-lab[fleet]'"
NEEDED = frozenset({"cryptography", "dask", "distributed", "tornado", "msgpack", "cloudpickle"})


def opened(found: Workspace, choice: EngineChoice, screen: Screen, place: FleetPlace) -> "OpenFleet":
    """The fleet that the words mean, its hosts said once; UsageError where the extra for fleets is not installed."""
    require()
    from lab.fleet import driver  # noqa: PLC0415 - the extra may be missing

    fleet = driver.opened(standing(place), found.cache, choice, spread.labels())
    members = fleet.engine.members()
    slots = sum(one.slots for one in members)
    screen.tell(f"fleet of {len(members)} host(s) and {slots} slot(s): {', '.join(one.name for one in members)}")
    screen.beside(fleet.executor.line)
    return fleet


def linked(said: str, cache: Path) -> "FleetLink":
    """A connection to the fleet that was said, by --fleet or LAB_FLEET."""
    require()
    from lab.fleet import driver  # noqa: PLC0415 - the extra may be missing

    place = where.asked(said or None, os.environ)
    if place is None:
        raise UsageError("which fleet is not said", "--fleet tls://HOST:PORT, or LAB_FLEET")
    return driver.linked(standing(place), cache)


def standing(place: FleetPlace) -> str:
    """The address of a fleet that stands already; UsageError for one that comes with its command."""
    if place.kind is FleetKind.STANDING:
        return place.address
    raise UsageError(
        f"--fleet {place.words}: such a fleet is begun by itself first",
        f"lab fleet start {place.words}, and then --fleet with the address it says",
    )


def require() -> None:
    """UsageError says what to install where the extra for fleets is missing."""
    try:
        import_module("lab.fleet.driver")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise UsageError(f"a fleet needs what is not installed here ({error.name})", EXTRA) from error
