"""What `--fleet` and LAB_FLEET say: which fleet is meant, as a noun, or one sentence on why it is none."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lab.errors import UsageError
from lab.text import quoted

VARIABLE = "LAB_FLEET"
PORT = 8786
WORDS = f"tls://HOST:{PORT}, ssh:HOST1,HOST2, slurm, slurm:PARTITION or k8s"
"""All that can be said, for whoever refuses the rest."""
NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
_SSH = re.compile(
    r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)"
)
_PARTITION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,-]{0,127}")
_TLS = re.compile(r"tls://(?P<host>\[[^\[\]]*\]|[^:/@\[\]]*)(?::(?P<port>[^:/@]*))?/?")
_LAST_PORT = 65535


class FleetKind(StrEnum):
    """How hosts come to a fleet."""

    STANDING = "tls"
    SSH = "ssh"
    SLURM = "slurm"
    KUBERNETES = "k8s"


@dataclass(frozen=True, kw_only=True)
class FleetPlace:
    """The fleet a command is to work on: a standing one by its scheduler's address, or one whose hosts come with the command.

    `hosts` are names as ssh takes them; an empty `partition` is the cluster's own default.
    """

    kind: FleetKind
    address: str = ""
    hosts: tuple[str, ...] = ()
    partition: str = ""

    @property
    def words(self) -> str:
        """As it is said after `--fleet`; `fleet_place` reads the same from it."""
        if self.kind is FleetKind.STANDING:
            return self.address
        more = ",".join(self.hosts) or self.partition
        return f"{self.kind.value}:{more}" if more else self.kind.value


def asked(option: str | None, variables: Mapping[str, str]) -> FleetPlace | None:
    """The fleet that a command line or, where that says nothing, LAB_FLEET asks for; None for this machine alone."""
    if option is not None:
        return fleet_place(option)
    found = variables.get(VARIABLE, "")
    return fleet_place(found, VARIABLE) if found else None


def fleet_place(text: str, said: str = "--fleet") -> FleetPlace:
    """Read one fleet; UsageError says what is wrong with the words, and how they are written. `said` is where they stood."""
    kind, colon, rest = text.partition(":")
    where = f"{said} {quoted(text)}"
    if kind == FleetKind.STANDING:
        return FleetPlace(kind=FleetKind.STANDING, address=_address(text, where))
    if kind == FleetKind.SSH:
        return FleetPlace(kind=FleetKind.SSH, hosts=_hosts(rest, where))
    if kind == FleetKind.SLURM:
        return FleetPlace(kind=FleetKind.SLURM, partition=_partition(rest, where) if colon else "")
    if text == FleetKind.KUBERNETES:
        return FleetPlace(kind=FleetKind.KUBERNETES)
    if kind == "tcp":
        raise UsageError(f"{where} is not encrypted, and a fleet speaks only TLS", f"say tls://HOST:{PORT}")
    raise UsageError(f"{where} names no fleet", f"say {WORDS}")


def host_and_port(address: str) -> tuple[str, int]:
    """The two parts of a scheduler's address that was read before; an IPv6 address without its brackets."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    return host.strip("[]"), int(port)


def scheduler(text: str, where: str) -> str:
    """A scheduler's address as tls://HOST:PORT; `where` begins the sentence of the UsageError for anything else."""
    return _address(text, where)


def _address(text: str, where: str) -> str:
    found = _TLS.fullmatch(text)
    if found is None:
        raise UsageError(f"{where} is no address of a scheduler", f"say tls://HOST:{PORT}")
    host, port = found["host"], found["port"]
    if not (_bracketed(host) if host.startswith("[") else NAME.fullmatch(host)):
        raise UsageError(f"{where} has no host that could be one", f"say tls://HOST:{PORT}")
    if port is None:
        raise UsageError(f"{where} has no port", f"say tls://{host}:{PORT}, or the port at which its scheduler listens")
    if not (port.isascii() and port.isdecimal() and len(port) <= len(str(_LAST_PORT)) and 0 < int(port) <= _LAST_PORT):
        raise UsageError(f"{where} has no port between 1 and {_LAST_PORT}", f"say tls://{host}:{PORT}")
    return f"tls://{host}:{int(port)}"


def _bracketed(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False


def _hosts(rest: str, where: str) -> tuple[str, ...]:
    hosts = tuple(rest.split(","))
    if hosts == ("",):
        raise UsageError(f"{where} names no host", "say ssh:HOST1,HOST2 with names as ssh takes them")
    for host in hosts:
        if not _SSH.fullmatch(host):  # one that begins with "-" would be an option of ssh
            why = f"{where}: {quoted(host)} is no name of a host"
            raise UsageError(
                why, "say ssh:HOST1,HOST2 with names as ssh takes them; ports and keys go into ~/.ssh/config"
            )
    twice = sorted({host for host in hosts if hosts.count(host) > 1})
    if twice:
        raise UsageError(
            f"{where} names {twice[0]} twice", "name each host once; a host has as many slots as it can carry"
        )
    return hosts


def _partition(rest: str, where: str) -> str:
    if not _PARTITION.fullmatch(rest):
        raise UsageError(f"{where}: {quoted(rest)} is no partition", "say slurm, or slurm:PARTITION as sinfo shows it")
    return rest
