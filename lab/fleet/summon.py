"""A fleet that comes with a command and goes with it: a scheduler in this process, and hosts that are brought to it."""

import asyncio
import contextlib
import ipaddress
import math
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import InfraError, UsageError
from lab.fleet import address, dial, issuer, ports, scheduler, submit
from lab.fleet.issuer import Issuer
from lab.fleet.launch import Pod, SlurmJob
from lab.fleet.ticket import Ticket
from lab.fleet.where import FleetKind, FleetPlace, host_and_port
from lab.machine import process
from lab.storage.workspace import cache_folder

MOST_JOBS = 8
READY_S = 30.0
PATIENCE_S = 60.0
"""For so long a command waits for its first host."""
LOOK_S = 0.2
SCHEDULER, DRIVER = "scheduler", "driver"


@dataclass(frozen=True, kw_only=True)
class Summons:
    """Which hosts are brought, and how they find their way: what is empty is found out.

    `own` is this machine's address for them, `program` the lab over there, `image` a pod's; `jobs` is how many jobs or pods,
    or `named` what they are called.
    """

    place: FleetPlace
    own: str = ""
    program: str = ""
    image: str = ""
    jobs: int = 0
    named: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The name of each host, which its certificate carries."""
        if self.place.kind is FleetKind.SSH:
            return self.place.hosts
        if self.named:
            return self.named
        count = self.jobs or (_idle(self.place.partition) if self.place.kind is FleetKind.SLURM else 1)
        return tuple(f"lab-{self.place.kind.value}-{number}" for number in range(1, count + 1))


@dataclass(frozen=True, kw_only=True)
class SummonedFleet:
    """A fleet that is coming together: the driver's ticket, its hosts' names, and how many of them may still come."""

    ticket: Ticket
    names: tuple[str, ...]
    coming: Callable[[], int]

    def waited(self, count: Callable[[], int], patience_s: float = PATIENCE_S) -> int:
        """Wait until all hosts have joined, at first; after a quarter of the patience for any. Gives how many there are."""
        begun = time.monotonic()
        while True:
            found, since = count(), time.monotonic() - begun
            if found >= len(self.names) or since > patience_s or not self.coming():
                return found
            if found and since > patience_s / 4:
                return found
            time.sleep(LOOK_S)


def listening(own: str, port: int) -> str:
    """The address of a scheduler here."""
    return f"tls://[{own}]:{port}" if ":" in own else f"tls://{own}:{port}"


@contextlib.contextmanager
def summoned(asked: Summons, say: Callable[[str], None]) -> Iterator[SummonedFleet]:
    """Bring the hosts together until the block ends; the scheduler listens when this gives what it gives."""
    own = asked.own or address.own_address(asked.place)
    issue = issuer.issuer(listening(own, _free_port(own)))
    names = asked.names()
    with _listening(issue.ticket(SCHEDULER), say), _brought(asked, names, issue, say) as coming:
        yield SummonedFleet(ticket=issue.ticket(DRIVER), names=names, coming=coming)


@contextlib.contextmanager
def _brought(
    asked: Summons, names: tuple[str, ...], issue: Issuer, say: Callable[[str], None]
) -> Iterator[Callable[[], int]]:
    """The hosts of a place, as its kind has them; gives what tells how many may still come."""
    place = asked.place
    folder = cache_folder() / "fleets" / secrets.token_hex(8)
    if place.kind is FleetKind.SSH:
        with dial.dialled(names, issue.ticket, say, asked.program or "lab") as coming:
            yield coming
    elif place.kind is FleetKind.SLURM:
        with submit.submitted(job_like(asked, folder), names, issue.ticket, folder) as numbers:
            say(f"submitted to Slurm: {', '.join(numbers)}")
            yield lambda: len(names)
    elif place.kind is FleetKind.KUBERNETES:
        with submit.pods(pod_like(asked, issue.scheduler), names, issue.ticket, folder) as made:
            say(f"pods: {', '.join(made)}")
            yield lambda: len(names)
    else:
        raise UsageError(
            f"{place.words} is a fleet that stands by itself", "name the hosts: ssh:HOST1,HOST2, slurm or k8s"
        )


def job_like(asked: Summons, folder: Path) -> SlurmJob:
    """A job of this place, but for its name and ticket; its lab is this one, for the file system is shared."""
    own = Path(sys.executable).with_name("lab")
    return SlurmJob(
        name="lab", ticket=str(folder / "ticket"), log=str(folder / "log"), partition=asked.place.partition,
        lab=asked.program or (str(own) if own.is_file() else "lab"),
    )  # fmt: skip


def pod_like(asked: Summons, scheduler_address: str) -> Pod:
    """A pod of this place, but for its name; UsageError where nobody said which image has the lab in it."""
    if not asked.image:
        said = "no image with the lab in it was named, and a pod starts nothing else"
        raise UsageError(said, "--image NAME, or LAB_FLEET_IMAGE; docs/fleet.md says how to build one")
    driver = host_and_port(scheduler_address)[0]
    try:
        ipaddress.ip_address(driver)
    except ValueError as error:
        said = f"{driver} is a name, and a cluster's policy lets pods reach addresses alone"
        raise UsageError(said, "say this machine's IP address: --address ADDRESS, or LAB_FLEET_ADDRESS") from error
    return Pod(name="lab", image=asked.image, driver=driver)


@contextlib.contextmanager
def _listening(mine: Ticket, say: Callable[[str], None]) -> Iterator[None]:
    """A scheduler in a thread with a loop of its own."""
    ready, failed = threading.Event(), list[BaseException]()
    loop = asyncio.new_event_loop()
    serving = loop.create_task(scheduler.serve(mine, say, lambda _: ready.set()))

    def run() -> None:
        try:
            loop.run_until_complete(serving)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            failed.append(error)
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=run, name="scheduler", daemon=True)
    thread.start()
    if not ready.wait(READY_S) or failed:
        why = failed[0] if failed else f"it does not listen within {READY_S:.0f} s"
        raise InfraError(f"no scheduler could be begun at {mine.scheduler}: {why}", address.SAY)
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):  # its loop ended by itself
            loop.call_soon_threadsafe(serving.cancel)
        thread.join(READY_S)


def _free_port(own: str) -> int:
    try:
        with ports.listening(own) as one:
            return int(one.getsockname()[1])
    except OSError as error:
        raise UsageError(f"this machine cannot listen at {own}: {error.strerror}", address.SAY) from error


def _idle(partition: str) -> int:
    """How many jobs are worth submitting: one for each node that is idle now."""
    asked = [
        "sinfo",
        "--noheader",
        "--states=idle",
        "--format=%D",
        *([f"--partition={partition}"] if partition else []),
    ]
    said = process.run(asked, timeout=submit.ASK_S)
    nodes = math.fsum(int(word) for word in said.stdout.split() if word.isdecimal())
    return min(MOST_JOBS, max(1, int(nodes)))


def from_variables(place: FleetPlace, variables: Mapping[str, str]) -> Summons:
    """What a verb with `--fleet` brings: the rest of the words stands in variables, where it cannot be found out."""
    jobs = variables.get("LAB_FLEET_JOBS", "")
    if jobs and not (jobs.isascii() and jobs.isdecimal() and 0 < int(jobs) <= 1000):  # noqa: PLR2004 - a cluster's worth
        raise UsageError(
            f"LAB_FLEET_JOBS {jobs!r} is no number of jobs", "say how many hosts to ask the cluster for, such as 4"
        )
    return Summons(
        place=place,
        own=variables.get("LAB_FLEET_ADDRESS", ""),
        program=variables.get("LAB_FLEET_PROGRAM", ""),
        image=variables.get("LAB_FLEET_IMAGE", ""),
        jobs=int(jobs or 0),
    )
