"""This machine's own address as the hosts of a fleet will dial it: the one it sends from on its way to them."""

import ipaddress
import socket
from collections.abc import Sequence

from lab.errors import UsageError
from lab.fleet.where import NAME, FleetKind, FleetPlace
from lab.machine import process
from lab.text import quoted

_ANY_PORT = 9
ASK_S = 30
SAY = "say which address the hosts reach this machine by: --address ADDRESS"


def refuse(said: str) -> None:
    """UsageError for what is no address or name of one machine alone: a port or a scheme has no place in it."""
    try:
        ipaddress.ip_address(said)
    except ValueError as error:
        if not NAME.fullmatch(said):
            raise UsageError(
                f"{quoted(said)} is no address of this machine alone", "say --address ADDRESS, without a port: 10.0.0.1"
            ) from error


def own_address(place: FleetPlace) -> str:
    """The one address of this machine on the way to all hosts of a place; UsageError where there is none, or more than one."""
    if place.kind is FleetKind.SSH:
        names: Sequence[str] = [_behind(host) for host in place.hosts]
    elif place.kind is FleetKind.SLURM:
        names = _nodes(place.partition)
    else:
        raise UsageError("nothing here knows how the hosts of this fleet reach this machine", SAY)
    found = {name: towards(name) for name in names}
    own = sorted(set(found.values()))
    if len(own) > 1:
        ways = ", ".join(f"{name} by {address}" for name, address in sorted(found.items()))
        raise UsageError(f"this machine reaches its hosts by {len(own)} addresses: {ways}", SAY)
    return own[0]


def towards(host: str) -> str:
    """The address that this machine would send from to a host; nothing is sent. UsageError where there is no way."""
    try:
        family, kind, protocol, _, there = socket.getaddrinfo(host, _ANY_PORT, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as way:
            way.connect(there)
            return str(way.getsockname()[0])
    except OSError as error:
        raise UsageError(f"this machine knows no way to {quoted(host)}: {error.strerror}", SAY) from error


def _behind(host: str) -> str:
    """The machine that a name means to ssh, by the user's own configuration."""
    said = process.run(["ssh", "-G", "--", host], timeout=ASK_S)
    words = dict(line.partition(" ")[::2] for line in said.stdout.splitlines())
    return words.get("hostname", host)


def _nodes(partition: str) -> Sequence[str]:
    """The addresses of a partition's nodes, as Slurm has them."""
    asked = ["sinfo", "--noheader", "--Node", "--format=%o", *([f"--partition={partition}"] if partition else [])]
    said = process.run(asked, timeout=ASK_S)
    found = sorted(set(said.stdout.split()))
    if not said.ok or not found:
        why = said.tail(1) or "it knows no node there"
        raise UsageError(
            f"Slurm names no node of {partition or 'its default partition'}: {why}", "sinfo shows its partitions"
        )
    return found
