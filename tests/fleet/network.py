"""Three hosts and one place for the driver, each in a network namespace of its own, joined by cables that can be pulled.

The bridge lies in a namespace of its own: where dockerd runs, the machine's own drops what it does not know. Everything is named
after the process that made it, so what a killed test run left behind is found and removed by the next one.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

OWNER = "labfleet"
ADDRESSES = {"d": "10.77.0.1", "a": "10.77.0.11", "b": "10.77.0.12", "c": "10.77.0.13"}
HOSTS = ("a", "b", "c")
NOBODY = "02:00:00:00:00:99"
"""An address that no card has."""
_NAMED = re.compile(rf"{OWNER}-(\d+)-\w+")


class CannotError(Exception):
    """What this machine cannot do, in words."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """The namespaces of one test run."""

    stem: str

    def namespace(self, host: str) -> str:
        return f"{self.stem}-{host}"

    def inside(self, host: str, words: Sequence[str]) -> list[str]:
        """The words that start a program on a host: its own network and its own host name."""
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host]
        # Not `ip netns exec`, which hides the control groups of this machine behind another /sys.
        return ["nsenter", f"--net=/run/netns/{self.namespace(host)}", *named, *words]

    def start(
        self,
        host: str,
        words: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
    ) -> "subprocess.Popen[bytes]":
        """A program on a host in a process group of its own; what it says goes to `log`."""
        with log.open("ab") as sink:
            return subprocess.Popen(
                self.inside(host, words),
                stdin=stdin,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,
            )

    def run(
        self, host: str, words: Sequence[str], *, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.inside(host, words), capture_output=True, text=True, env=env, timeout=timeout, check=False
        )

    def unplug(self, host: str) -> None:
        """Pull the cable at the other end: the host itself sees an interface that is up."""
        self._bridge(f"v{host}", "down")

    def plug(self, host: str) -> None:
        self._bridge(f"v{host}", "up")

    @contextlib.contextmanager
    def unplugged(self, host: str) -> Iterator[None]:
        self.unplug(host)
        try:
            yield
        finally:
            self.plug(host)

    @contextlib.contextmanager
    def estranged(self, one: str, other: str) -> Iterator[None]:
        """Let nothing come from one to the other, though both hear everybody else: as behind a firewall that drops without a word."""
        ways = ((one, other), (other, one))
        for here, there in ways:
            ip("-n", self.namespace(here), "neigh", "replace", ADDRESSES[there], "lladdr", NOBODY, "dev", "eth0")
        try:
            yield
        finally:
            for here, there in ways:
                ip("-n", self.namespace(here), "neigh", "del", ADDRESSES[there], "dev", "eth0")

    def _bridge(self, end: str, state: str) -> None:
        ip("-n", self.namespace("r"), "link", "set", end, state)


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise CannotError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """The hosts, until the block ends; CannotError where this user or this machine has no namespaces to give."""
    for program in ("ip", "nsenter", "unshare"):
        if shutil.which(program) is None:
            raise CannotError(f"there is no {program}")
    if os.geteuid():
        raise CannotError("only root makes network namespaces")
    _remove_left()
    made = Network(stem=f"{OWNER}-{os.getpid()}")
    try:
        _build(made)
        yield made
    finally:
        _remove([made.namespace(host) for host in (*ADDRESSES, "r")])


def _build(made: Network) -> None:
    bridge = made.namespace("r")
    ip("netns", "add", bridge)
    for words in (("add", "br0", "type", "bridge"), ("set", "br0", "up"), ("set", "lo", "up")):
        ip("-n", bridge, "link", *words)
    for host, address in ADDRESSES.items():
        own = made.namespace(host)
        ip("netns", "add", own)
        ip("-n", bridge, "link", "add", f"v{host}", "type", "veth", "peer", "name", "eth0", "netns", own)
        ip("-n", bridge, "link", "set", f"v{host}", "master", "br0", "up")
        ip("-n", own, "addr", "add", f"{address}/24", "dev", "eth0")
        for link in ("eth0", "lo"):
            ip("-n", own, "link", "set", link, "up")


def _existing() -> list[str]:
    return [line.split()[0] for line in ip("netns", "list").splitlines() if line.strip()]


def _remove_left() -> None:
    """What belongs to test runs that live no more."""
    found = {name: _NAMED.fullmatch(name) for name in _existing()}
    _remove([name for name, match in found.items() if match and not Path(f"/proc/{match[1]}").exists()])


def _remove(names: Sequence[str]) -> None:
    """End what still runs in these namespaces, and only that; then the namespaces themselves."""
    for name in set(names) & set(_existing()):
        with contextlib.suppress(CannotError):  # another test run that begins now has just removed it
            for pid in ip("netns", "pids", name).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            ip("netns", "del", name)
