"""A real Slurm over the hosts: slurmctld beside the driver, slurmd on each host, munge with a key of its own."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fleet.network import ADDRESSES, HOSTS, CannotError, Network

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "scancel", "squeue", "sinfo")
_CONFIG = """\
ClusterName=labfleet
SlurmctldHost=d({driver})
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdSpoolDir={folder}/spool.%n
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SchedulerParameters=sched_interval=2
SlurmdTimeout=300
InactiveLimit=0
KillWait=5
{nodes}
PartitionName=all Nodes={hosts} Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True, kw_only=True)
class SlurmCluster:
    """A cluster that answers, and the variables by which its programs find it."""

    network: Network
    folder: Path

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {**variables, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def ask(self, *words: str) -> str:
        """What a program of Slurm says beside the driver."""
        done = self.network.run("d", words, env=self.environment(os.environ))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextlib.contextmanager
def cluster(network: Network, folder: Path) -> Iterator[SlurmCluster]:
    """The cluster with all nodes idle, until the block ends; CannotError where Slurm is not installed."""
    missing = [one for one in PROGRAMS if shutil.which(one) is None]
    if missing:
        raise CannotError(f"there is no {', '.join(missing)}")
    _write(folder)
    made = SlurmCluster(network=network, folder=folder)
    variables = made.environment(os.environ)
    with contextlib.ExitStack() as stack:
        stack.callback(_end_daemon, folder / "munge.pid")
        subprocess.run(_munged(folder), check=True, timeout=30)
        words = {"d": ["slurmctld", "-D", "-i"], **{host: ["slurmd", "-D", "-N", host] for host in HOSTS}}
        for host, one in words.items():
            stack.callback(_end, network.start(host, one, folder / f"{host}.log", env=variables))
        _wait_until_idle(made)
        yield made
        subprocess.run(network.inside("d", ["scancel", "--full", "-u", "root"]), env=variables, check=False)
        _wait_until_empty(made)


def _write(folder: Path) -> None:
    (folder / "state").mkdir(parents=True)
    for host in HOSTS:
        (folder / f"spool.{host}").mkdir()
    nodes = "\n".join(
        f"NodeName={host} NodeHostname={host} NodeAddr={ADDRESSES[host]} CPUs=1 RealMemory=500 State=UNKNOWN"
        for host in HOSTS
    )
    text = _CONFIG.format(driver=ADDRESSES["d"], folder=folder, nodes=nodes, hosts=",".join(HOSTS))
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    (folder / "munge.key").write_bytes(secrets.token_bytes(128))
    (folder / "munge.key").chmod(0o400)


def _munged(folder: Path) -> list[str]:
    files = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munge.pid", "log-file": "munge.log",
             "seed-file": "munge.seed"}  # fmt: skip
    return ["munged", "--force", *(f"--{option}={folder / name}" for option, name in files.items())]


def _wait_until_idle(made: SlurmCluster) -> None:
    for _ in range(150):
        found = made.network.run("d", ["sinfo", "-h", "-N", "-o", "%T"], env=made.environment(os.environ))
        if found.stdout.split() == ["idle"] * len(HOSTS):
            return
        time.sleep(0.2)
    raise AssertionError(f"slurm did not come up: {found.stdout}{found.stderr}")


def _wait_until_empty(made: SlurmCluster) -> None:
    for _ in range(100):
        if not made.ask("squeue", "-h", "-o", "%i"):
            return
        time.sleep(0.2)


def _end(daemon: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


def _end_daemon(pid_file: Path) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int(pid_file.read_text(encoding="utf-8")), signal.SIGTERM)
