"""Fleets that come with a command and go with it: over a real sshd, and as jobs of a real Slurm."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.fleets import LabFleet, Program, lab_fleet, until
from tests.fleet.network import HOSTS, Network
from tests.fleet.slurm import SlurmCluster
from tests.fleet.sshd import SshHosts

FEW = ("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "2.6.2,3.0.0,3.3.1", "--rounds", "0")
# What `lab` is on a host: this lab, with folders of that host's own.
OVER_THERE = """\
#!/bin/sh
exec env {variables} {lab} "$@"
"""


@pytest.fixture
def fleet(network: Network, tmp_path: Path) -> Iterator[LabFleet]:
    with lab_fleet(network, tmp_path) as made:
        yield made


@pytest.fixture
def over_ssh(fleet: LabFleet, ssh: SshHosts) -> dict[str, str]:
    """The variables of a command whose `ssh` knows the hosts, each of which has a lab on its PATH."""
    program = ssh.programs / "lab"
    for host in HOSTS:
        variables = " ".join(f"'{name}={value}'" for name, value in fleet.env(host).items() if name != "PATH")
        path = ssh.programs / f"lab-{host}"
        path.write_text(OVER_THERE.format(variables=variables, lab=" ".join(fleet.lab())), encoding="utf-8")
        path.chmod(0o755)
    program.write_text(f'#!/bin/sh\nexec "{ssh.programs}/lab-$(hostname)" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": ssh.environment(fleet.env("d"))["PATH"]}


def command(fleet: LabFleet, place: str, *words: str, **more: str) -> Program:
    return fleet.start("driver", "d", fleet.lab(*words, "--fleet", place), **more)


def answered(fleet: LabFleet, driver: Program, trials: int = 3) -> None:
    assert driver.code() == 0, driver.said
    (run,) = fleet.runs()
    assert [one["outcome"]["kind"] for one in run["trials"]] == ["ok"] * trials
    assert "Traceback" not in driver.said


def processes(fleet: LabFleet) -> list[str]:
    """What of this fleet's hosts still runs, told by the folder of its cache."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [path.parts[2] for host in HOSTS if f"LAB_CACHE={fleet.home(host)}" in text]
    return found


def test_hosts_over_ssh_do_the_steps_and_leave_with_the_command(fleet: LabFleet, over_ssh: dict[str, str]) -> None:
    fleet.plan(seconds=1)
    driver = command(fleet, "ssh:a,b", *FEW, **over_ssh)
    answered(fleet, driver)
    assert {one.host for one in fleet.journal("start")} == {"a", "b"}
    assert len(fleet.journal("end")) == 4
    until(lambda: not processes(fleet), lambda: driver.said)


def test_a_command_over_ssh_that_is_killed_takes_its_hosts_along(fleet: LabFleet, over_ssh: dict[str, str]) -> None:
    fleet.plan(seconds=300)
    driver = command(fleet, "ssh:a,b,c", *FEW, **over_ssh)
    until(lambda: fleet.began("save") or driver.over, lambda: driver.said)
    driver.signal(signal.SIGKILL)
    until(lambda: not fleet.journal_sleepers() and not processes(fleet), lambda: driver.said)
    assert fleet.journal("end") == []


def test_a_host_whose_connection_is_killed_is_dialled_again(fleet: LabFleet, over_ssh: dict[str, str]) -> None:
    fleet.plan(seconds=2)
    driver = command(fleet, "ssh:a", *FEW, **over_ssh)
    until(lambda: fleet.began("save") or driver.over, lambda: driver.said)
    for pid in processes(fleet):
        subprocess.run(["kill", "-9", pid], check=False)
    answered(fleet, driver)
    assert "dialled again" in driver.said


def test_hosts_that_cannot_be_reached_are_named_and_the_command_ends(fleet: LabFleet, ssh: SshHosts) -> None:
    (ssh.programs / "lab").unlink(missing_ok=True)
    driver = command(fleet, "ssh:a", *FEW, PATH=ssh.environment(fleet.env("d"))["PATH"])
    assert driver.code() == 6, driver.said
    assert "a has no program of that name" in driver.said
    assert "Traceback" not in driver.said


def test_jobs_of_slurm_do_the_steps_and_are_cancelled_with_the_command(fleet: LabFleet, cluster: SlurmCluster) -> None:
    fleet.plan(seconds=1)
    driver = command(fleet, "slurm:all", *FEW, **only_new(cluster, fleet))
    answered(fleet, driver)
    assert len(fleet.journal("end")) == 4
    assert {one.host for one in fleet.journal("start")} <= set(HOSTS)
    until(lambda: not cluster.ask("squeue", "--noheader"), lambda: driver.said)
    assert list((fleet.home("d") / "cache").rglob("*.ticket")) == []


def test_a_job_that_slurm_ends_is_a_host_that_is_lost(fleet: LabFleet, cluster: SlurmCluster) -> None:
    fleet.plan(seconds=4)
    driver = command(fleet, "slurm", *FEW, LAB_FLEET_JOBS="2", **only_new(cluster, fleet))
    until(lambda: fleet.began("load") or driver.over, lambda: driver.said)
    busy = fleet.began("load")[0].host
    (job,) = cluster.ask("squeue", "--noheader", f"--nodelist={busy}", "--format=%i").split()
    cluster.ask("scancel", job)
    answered(fleet, driver)
    lost = fleet.began("load")[0].step
    assert [one.step for one in fleet.journal("end")].count(lost) == 1
    assert [one.step for one in fleet.began("load")].count(lost) == 2


def only_new(cluster: SlurmCluster, fleet: LabFleet) -> dict[str, str]:
    """What Slurm's own programs need of the variables."""
    return {"SLURM_CONF": cluster.environment(fleet.env("d"))["SLURM_CONF"]}


def test_what_start_prints_for_slurm_is_what_slurm_takes(fleet: LabFleet, cluster: SlurmCluster) -> None:
    printed = fleet.start(
        "print", "d", fleet.lab("fleet", "start", "slurm:all", "--hosts", "n1", "--print"), **only_new(cluster, fleet)
    )
    assert printed.code() == 0, printed.said
    lines = [line.strip() for line in printed.said.splitlines() if line.strip().startswith(("lab ", "sbatch "))]
    assert [line.split()[0] for line in lines] == ["lab", "sbatch"]
    start, submit = lines
    fleet.start("scheduler", "d", ["sh", "-c", start.replace("lab ", " ".join(fleet.lab()) + " ", 1)])
    ticket = Path(submit.rpartition("--ticket ")[2].split()[0].strip("'"))
    until(ticket.exists, fleet.all_said)
    env = {**fleet.env("d"), **only_new(cluster, fleet)}
    number = fleet.network.run("d", ["sh", "-c", submit], env=env).stdout.strip()
    try:
        until(lambda: "n1" in fleet.do("fleet", "status").said, fleet.all_said)
    finally:
        cluster.ask("scancel", number)
    assert ticket.exists()  # a fleet that stands: the job may be submitted again
