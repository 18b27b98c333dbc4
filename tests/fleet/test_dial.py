"""Connections to hosts over a real sshd: dialled again when they break, and ended with whoever holds them."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fleet.network import HOSTS, Network
from tests.fleet.sshd import SshHosts
from tests.fleet.test_launch import gone, program, until

ROOT = Path(__file__).parents[2]


class Dialler:
    """A process beside the driver that holds connections, and what it says."""

    def __init__(self, network: Network, ssh: SshHosts, tmp_path: Path, hosts: str, lab: str = "lab") -> None:
        self.log = tmp_path / "dialler.log"
        env = {**ssh.environment(os.environ), "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-m", "tests.fleet.dialler", hosts, lab]
        self.process = network.start("d", words, self.log, env=env, stdin=subprocess.PIPE)

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


@pytest.fixture
def told(ssh: SshHosts, tmp_path: Path) -> Path:
    """Where the hosts tell what they were started with."""
    program(ssh.programs, tmp_path / "told")
    return tmp_path / "told"


def pid(told: Path, host: str) -> str:
    path = told / f"{host}.pid"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def test_each_host_gets_a_ticket_of_its_own_and_all_leave_at_the_end(
    network: Network, ssh: SshHosts, told: Path, tmp_path: Path
) -> None:
    driver = Dialler(network, ssh, tmp_path, ",".join(HOSTS))
    try:
        until(lambda: all(pid(told, host) for host in HOSTS), driver.said)
        names = {host: re.findall(r'"name":"(\w+)"', (told / f"{host}.ticket").read_text()) for host in HOSTS}
        assert names == {host: [host] for host in HOSTS}
        assert driver.process.stdin is not None
        driver.process.stdin.close()
        assert driver.process.wait(timeout=30) == 0
        assert all(gone(told, host) for host in HOSTS)
        assert driver.said == "dialled\nleft\n"
    finally:
        driver.kill()


def test_a_connection_that_breaks_is_dialled_again_with_another_certificate(
    network: Network, ssh: SshHosts, told: Path, tmp_path: Path
) -> None:
    driver = Dialler(network, ssh, tmp_path, "a")
    try:
        until(lambda: pid(told, "a"), driver.said)
        first, ticket = pid(told, "a"), (told / "a.ticket").read_text()
        os.kill(int(first), signal.SIGKILL)
        until(lambda: pid(told, "a") not in {"", first}, driver.said)
        assert "a is gone (exit code 255)" in driver.said or "a is gone (exit code 137)" in driver.said
        assert "dialled again in 1 s" in driver.said
        assert (told / "a.ticket").read_text() != ticket
    finally:
        driver.kill()


def test_the_death_of_the_driver_ends_its_hosts(network: Network, ssh: SshHosts, told: Path, tmp_path: Path) -> None:
    driver = Dialler(network, ssh, tmp_path, "a,b")
    try:
        until(lambda: pid(told, "a") and pid(told, "b"), driver.said)
        driver.process.send_signal(signal.SIGKILL)
        driver.process.wait()
        until(lambda: gone(told, "a") and gone(told, "b"), "a host outlived its driver")
    finally:
        driver.kill()


def test_a_host_without_a_lab_is_told_once_and_not_dialled_again(
    network: Network, ssh: SshHosts, told: Path, tmp_path: Path
) -> None:
    driver = Dialler(network, ssh, tmp_path, "b", lab="no-such-lab")
    try:
        until(lambda: "has no program of that name" in driver.said, driver.said)
        assert "no-such-lab" in driver.said
        assert driver.process.stdin is not None
        driver.process.stdin.close()
        assert driver.process.wait(timeout=30) == 0
        assert "dialled again" not in driver.said
    finally:
        driver.kill()


ADDRESS = """
import sys
from lab.errors import UsageError
from lab.fleet import address, where
try:
    print(address.own_address(where.fleet_place(sys.argv[1])))
except UsageError as error:
    print(error.what)
"""


@pytest.mark.parametrize(
    ("fleet", "said"),
    [
        ("ssh:a,c", "10.77.0.1"),
        ("ssh:a,127.0.0.1", "this machine reaches its hosts by 2 addresses: 10.77.0.11 by 10.77.0.1, 127.0.0.1 by 127.0.0.1"),
        ("ssh:nowhere.invalid", "this machine knows no way to 'nowhere.invalid'"),
        ("k8s", "nothing here knows how the hosts of this fleet reach this machine"),
    ],
)  # fmt: skip
def test_the_own_address_is_the_one_on_the_way_to_the_hosts(
    network: Network, ssh: SshHosts, fleet: str, said: str
) -> None:
    env = {**ssh.environment(os.environ), "PYTHONPATH": str(ROOT)}
    done = network.run("d", [sys.executable, "-c", ADDRESS, fleet], env=env)
    assert done.stdout.startswith(said), done
