"""A real sshd on each host, and an `ssh` that knows them by their names, as a user's own configuration would."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.network import ADDRESSES, HOSTS, CannotError, Network

SERVER = Path("/usr/sbin/sshd")
_SERVER_CONFIG = """\
ListenAddress {address}:22
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
ClientAliveInterval 0
SetEnv PATH={programs}:/usr/local/bin:/usr/bin:/bin
"""
_CLIENT_CONFIG = """\
Host {host}
  HostName {address}
"""
_CLIENT_COMMON = """\
Host *
  User root
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""


@dataclass(frozen=True, kw_only=True)
class SshHosts:
    """Where `ssh` is that knows the hosts, and where programs lie that each of them finds on its PATH."""

    client: Path
    programs: Path

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """These variables, with that `ssh` before the system's own."""
        return {**variables, "PATH": f"{self.client}:{variables['PATH']}"}


@contextlib.contextmanager
def ssh_hosts(network: Network, folder: Path) -> Iterator[SshHosts]:
    """An sshd on each host until the block ends; CannotError where there is none to start."""
    if not SERVER.exists() or shutil.which("ssh") is None:
        raise CannotError("there is no sshd")
    Path("/run/sshd").mkdir(exist_ok=True)
    made = SshHosts(client=folder / "client", programs=folder / "programs")
    for path in (made.client, made.programs):
        path.mkdir(parents=True)
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    _write_client(made.client, folder)
    running = [_serve(network, host, folder, made.programs) for host in HOSTS]
    try:
        for host in HOSTS:
            _wait_for(network, host)
        yield made
    finally:
        for one in running:
            one.kill()
            one.wait()


def _write_client(client: Path, folder: Path) -> None:
    known = "".join(_CLIENT_CONFIG.format(host=host, address=ADDRESSES[host]) for host in HOSTS)
    (client / "config").write_text(known + _CLIENT_COMMON.format(folder=folder), encoding="utf-8")
    program = client / "ssh"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {client}/config "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def _serve(network: Network, host: str, folder: Path, programs: Path) -> "subprocess.Popen[bytes]":
    config = folder / f"sshd_{host}"
    text = _SERVER_CONFIG.format(address=ADDRESSES[host], folder=folder, programs=programs)
    config.write_text(text, encoding="utf-8")
    return network.start(host, [str(SERVER), "-D", "-e", "-f", str(config)], folder / f"sshd_{host}.log")


def _wait_for(network: Network, host: str) -> None:
    for _ in range(100):
        if network.run("d", ["bash", "-c", f"exec 3<>/dev/tcp/{ADDRESSES[host]}/22"]).returncode == 0:
            return
        time.sleep(0.1)
    raise CannotError(f"sshd on {host} does not answer")
