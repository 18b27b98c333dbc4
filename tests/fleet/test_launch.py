"""What starts a host, tried on what it is for: a real sshd and a real Slurm start a program, hand it its ticket, and end it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.fleet import certificates, launch, ticket
from lab.fleet.launch import SlurmJob
from lab.fleet.ticket import Ticket
from tests.fleet.network import ADDRESSES, HOSTS, Network
from tests.fleet.slurm import SlurmCluster
from tests.fleet.sshd import SshHosts

# What `lab` is on the far side: it says who it is, shows what it was handed, and lives as long as its stdin.
NOTHING_BUT_A_HOST = """\
#!/bin/sh
echo "$(hostname) $*" > "{told}/$(hostname).args"
if [ "$4" = - ]; then head -n 1 > "{told}/$(hostname).ticket"; echo $$ > "{told}/$(hostname).pid"; cat > /dev/null
else cp "$4" "{told}/$(hostname).ticket"; echo $$ > "{told}/$(hostname).pid"; exec sleep 600; fi
"""


def until(true: Callable[[], object], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def made(name: str) -> Ticket:
    now = certificates.moment()
    authority = certificates.authority("fleet", now)
    held = certificates.issued(authority, name, now)
    return Ticket(
        protocol=ticket.PROTOCOL, name=name, scheduler="tls://10.77.0.1:8786", authority=authority.certificate,
        certificate=held.certificate, key=held.key,
    )  # fmt: skip


def program(folder: Path, told: Path) -> Path:
    told.mkdir(exist_ok=True)
    path = folder / "lab"
    path.write_text(NOTHING_BUT_A_HOST.format(told=told), encoding="utf-8")
    path.chmod(0o755)
    return path


def gone(told: Path, host: str) -> bool:
    return not Path("/proc", (told / f"{host}.pid").read_text().strip()).exists()


# A host that is there refuses at once what nobody listens to; one that is cut off says nothing.
KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=1)
except ConnectionRefusedError:
    sys.exit(0)
except OSError:
    sys.exit(1)
"""


def test_hosts_hear_each_other_until_a_cable_is_pulled(network: Network) -> None:
    def heard(one: str, other: str) -> bool:
        return network.run(one, [sys.executable, "-c", KNOCK, ADDRESSES[other]]).returncode == 0

    assert all(heard("d", host) for host in HOSTS)
    assert heard("a", "b")
    with network.unplugged("a"):
        assert not heard("d", "a")
        assert heard("d", "b")
    until(lambda: heard("d", "a"), "the cable is in again")


@pytest.mark.parametrize("host", HOSTS)
def test_ssh_hands_a_ticket_over_and_its_end_ends_the_host(
    network: Network, ssh: SshHosts, tmp_path: Path, host: str
) -> None:
    told = tmp_path / "told"
    program(ssh.programs, told)
    words = launch.ssh_command(host)
    env = ssh.environment(os.environ)
    started = network.start("d", words, tmp_path / "log", env=env, stdin=subprocess.PIPE)
    assert started.stdin is not None
    started.stdin.write(ticket.written(made(host)))
    started.stdin.flush()
    until((told / f"{host}.pid").exists, (tmp_path / "log").read_text())
    assert (told / f"{host}.args").read_text() == f"{host} fleet host --ticket -\n"
    assert ticket.read((told / f"{host}.ticket").read_bytes(), "it").name == host
    assert not gone(told, host)
    started.send_signal(signal.SIGKILL)
    started.wait()
    started.stdin.close()
    until(lambda: gone(told, host), "the far side did not notice")


def test_a_host_that_ssh_does_not_know_is_told_and_nothing_asked(network: Network, ssh: SshHosts) -> None:
    done = network.run("d", launch.ssh_command("nowhere.invalid"), env=ssh.environment(os.environ), timeout=60)
    assert done.returncode == 255
    assert "nowhere.invalid" in done.stderr


def test_slurm_starts_a_host_with_its_ticket_and_scancel_ends_it(cluster: SlurmCluster, tmp_path: Path) -> None:
    told = tmp_path / "told"
    path = program(tmp_path, told)
    ticket.to_file(made("one"), tmp_path / "one.ticket")
    job = SlurmJob(
        name="lab-fleet-one", ticket=str(tmp_path / "one.ticket"), log=str(tmp_path / "one.log"), partition="all", lab=str(path),
        cpus=1, minutes=10,
    )  # fmt: skip
    number = cluster.ask(*launch.sbatch_command(job))
    assert number.isdecimal()
    until(lambda: list(told.glob("*.pid")), "no node started it")
    (found,) = told.glob("*.pid")
    host = found.stem
    assert host in HOSTS
    assert (told / f"{host}.args").read_text() == f"{host} fleet host --ticket {tmp_path}/one.ticket\n"
    assert ticket.read((told / f"{host}.ticket").read_bytes(), "it").name == "one"
    cluster.ask("scancel", number)
    until(lambda: gone(told, host), "scancel did not reach it")
    until(lambda: not cluster.ask("squeue", "-h"), "the job is still there")
