"""At which ports a member of a fleet listens: those that the system chooses, or a range that a firewall lets through."""

import errno
import os
import re
import socket

from lab.errors import UsageError

VARIABLE = "LAB_FLEET_PORTS"
LIKE = f"{VARIABLE}=40000-40099"
_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_LAST = 65535
_LOWEST = 1024
OPEN = f"open that port between them; {LIKE} on every machine keeps all ports but the scheduler's in a range"
"""What to do where one member does not reach another."""


def asked() -> range:
    """The ports that this member may listen at; a single 0 lets the system choose. UsageError for what is no range."""
    said = os.environ.get(VARIABLE, "")
    if not said:
        return range(1)
    found = _RANGE.fullmatch(said)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not _LOWEST <= first <= last <= _LAST:
        raise UsageError(f"{VARIABLE} {said!r} is no range of ports from {_LOWEST} to {_LAST}", f"say {LIKE}")
    return range(first, last + 1)


def for_dask() -> str | None:
    """The same as dask takes it; None lets the system choose."""
    found = asked()
    return None if found.start == 0 else f"{found.start}:{found[-1]}"


def listening(address: str, backlog: int | None = None) -> socket.socket:
    """A socket that listens at an address of this machine; UsageError where no port of the range is free, OSError for the address."""
    family, found = socket.AF_INET6 if ":" in address else socket.AF_INET, asked()
    for port in found:
        try:
            return socket.create_server((address, port), family=family, backlog=backlog)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    said = f"{VARIABLE}: none of the ports {found.start}-{found[-1]} is free at {address}"
    raise UsageError(said, "a wider range: a host needs two of them, and each command one")
