"""What every process of a fleet does alike with dask.distributed: its settings, its certificates, and who may speak with whom."""

import asyncio
import logging
import platform
import ssl
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import dask
from distributed.core import rpc
from distributed.security import Security

from lab import __version__
from lab.errors import InfraError, LabError, UsageError
from lab.fleet import times, wire
from lab.fleet.ticket import HeldTicket
from lab.run.guest_files import guest_digest

_SETTINGS: Mapping[str, object] = {
    # A step that never began is not to blame for a host that died: real starts are counted by the lab itself.
    "distributed.scheduler.allowed-failures": 10_000,
    "distributed.scheduler.work-stealing": True,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.profile.enabled": False,
    "distributed.comm.require-encryption": True,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.comm.retry.count": 0,
    "distributed.admin.event-loop": "tornado",
}
SAME = {"protocol": "speaks protocol", "guest": "has the guest", "python": "runs Python", "dask": "has dask"}
"""What must be the same on every member, and how it is said."""
ENDING = "ending"
"""What a scheduler says beside what it is while its hosts leave: whoever comes now comes too late."""
TOPIC = "lab"
QUIET = frozenset({"distributed", "tornado", "asyncio", "bokeh"})
REMEDY = "install the same lab, with the same Python, on every machine of a fleet"


def configure() -> None:
    """The settings that make dask do what a fleet promises; its own log is not the lab's, and is not heard."""
    patience = {
        "scheduler.no-workers-timeout": times.NOBODY_S,
        "scheduler.worker-ttl": times.FORGOTTEN_S,
        "comm.timeouts.tcp": times.LOST_S,
    }
    dask.config.set({**_SETTINGS, **{f"distributed.{name}": f"{seconds}s" for name, seconds in patience.items()}})
    # Some of its loggers have a level of their own, so each is told.
    known = [one for one in logging.root.manager.loggerDict if one.partition(".")[0] in QUIET]
    for name in (*QUIET, *known):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def security(held: HeldTicket) -> Security:
    """Both ends of every connection show a certificate of this fleet; nothing else is spoken."""
    parts = {
        f"tls_{role}_{part}": path
        for role in ("scheduler", "worker", "client")
        for part, path in (("cert", held.certificate), ("key", held.key))
    }
    return Security(tls_ca_file=held.authority, require_encryption=True, **parts)


def about() -> Mapping[str, str]:
    """What others must know of this member before they work with it."""
    return {
        "lab": __version__,
        "protocol": str(wire.PROTOCOL),
        "guest": guest_digest()[:16],
        "python": ".".join(platform.python_version_tuple()[:2]),
        "dask": metadata.version("distributed"),
    }


def unlike(mine: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    """Why two members cannot work together, in words that follow the other's name; empty where they can."""
    for name, words in SAME.items():
        if mine.get(name) != theirs.get(name):
            return f"{words} {str(theirs.get(name))[:40]}, and this lab {str(mine.get(name))[:40]}"
    return ""


def mend(mine: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    """What to install here to be like the others: the first that differs, as they have it."""
    wanted = {
        name: str(theirs.get(name))[:40] for name in ("python", "lab", "dask") if mine.get(name) != theirs.get(name)
    }
    if "python" in wanted:
        return f"install the lab here in Python {wanted['python']}, as that fleet has it"
    if "lab" in wanted:
        return f"install here what that fleet has: pip install 'paddle-repro-lab[fleet]=={wanted['lab']}'"
    if "dask" in wanted:
        return f"install here what that fleet has: pip install 'distributed=={wanted['dask']}'"
    return REMEDY


async def greeted(scheduler: str, certificates: Security, name: str) -> None:
    """Ask a scheduler whether this member may join; UsageError with its reason where not, InfraError where none answers."""
    try:
        async with rpc(scheduler, connection_args=certificates.get_connection_args("client"), timeout=10) as other:
            theirs: Mapping[str, Any] = await asyncio.wait_for(other.lab_hello(name=name, about=dict(about())), 20)
    except (TimeoutError, OSError, ValueError) as error:
        raise unreached(scheduler, error) from error
    if why := unlike(about(), theirs):
        raise UsageError(f"the fleet at {scheduler} {why}: {name} does not join it", mend(about(), theirs))
    if theirs.get(ENDING):
        raise UsageError(f"the fleet at {scheduler} was told to stop", "begin it again with lab fleet start")


async def holder(scheduler: str, certificates: Security, name: str) -> str:
    """The address of another host that is in a fleet under a name and alive; empty where there is none."""
    async with rpc(scheduler, connection_args=certificates.get_connection_args("client"), timeout=10) as other:
        return str(await asyncio.wait_for(other.lab_place(name=name), 20))


def unreached(scheduler: str, error: BaseException) -> LabError:
    """What it means that a scheduler did not answer, told by what the connection ended with."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return UsageError(
                f"{scheduler} and this ticket are not of one fleet: {_reason(cause)}",
                "use the ticket that lab fleet start wrote for that fleet",
            )
        cause = cause.__cause__ or cause.__context__
    return InfraError(
        f"no scheduler of a fleet answers at {scheduler}", f"lab fleet start {scheduler}, on that machine"
    )


def _reason(error: ssl.SSLError) -> str:
    return str(getattr(error, "reason", None) or error).replace("_", " ").lower()
