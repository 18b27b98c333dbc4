"""A whole fleet of the lab's own processes over the hosts: its scheduler, its hosts, its commands, and what each host did."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.fleet.network import ADDRESSES, HOSTS, Network

ROOT = Path(__file__).parents[2]
PORT = 8786
PATIENCE_S = 60.0


# Waits until as many commands as are said want some step, or none is wanted any more; asked of the scheduler itself.
WANTED = """
import sys, time
from pathlib import Path
from lab.fleet import driver
def wanted(dask_scheduler):
    return max((len(one.who_wants) for one in dask_scheduler.tasks.values() if str(one.key).startswith("step/")), default=0)
link, count = driver.linked(sys.argv[1], Path(sys.argv[2])), int(sys.argv[3])
end = time.monotonic() + 60
while (found := link.client.run_on_scheduler(wanted)) != count:
    if time.monotonic() > end:
        sys.exit(f"{found} commands want a step")
    time.sleep(0.05)
"""


def until(true: Callable[[], object], what: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait for something; what is known of why it did not come is said."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what()
        time.sleep(0.05)


@dataclass(frozen=True, kw_only=True)
class Began:
    """One line of a journal: a step that a host began, ended, or had to stop."""

    what: str
    host: str
    pid: int
    at: float
    step: str
    run: str
    id: str


@dataclass(kw_only=True)
class Program:
    """A process of the lab's on a host, and where it tells what it does."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it and all that it started, as a power cut does."""
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def code(self, seconds: float = 180) -> int:
        """How it ended."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end: {self.said}") from None


def joined(host: Program) -> bool:
    """Whether a host is in the fleet, or never will be."""
    return "joined" in host.said or host.over


def descendants(pid: int) -> tuple[int, ...]:
    """The processes below one, as /proc has them now."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children") if Path(f"/proc/{pid}").exists() else ():
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += [int(child), *descendants(int(child))]
    return tuple(found)


@dataclass(kw_only=True)
class LabFleet:
    """The hosts with folders of their own, as far as a user's variables can see to it; nothing runs until it is started."""

    network: Network
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    engine: str = "nap"
    running: dict[str, Program] = field(default_factory=dict)
    count: int = 0

    @property
    def address(self) -> str:
        return f"tls://{ADDRESSES['d']}:{PORT}"

    @property
    def journal_file(self) -> Path:
        return self.folder / "journal"

    def home(self, host: str) -> Path:
        return self.folder / "hosts" / host

    def env(self, host: str, **more: str) -> dict[str, str]:
        home = self.home(host)
        for name in ("cache", "runtime", "tmp"):
            (home / name).mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "DOCKER_HOST") if name in os.environ}
        own = {
            "HOME": str(home), "LAB_CACHE": str(home / "cache"), "XDG_RUNTIME_DIR": str(home / "runtime"),
            "TMPDIR": str(home / "tmp"), "PYTHONPATH": f"{ROOT / 'tests' / 'fleet' / 'site'}:{ROOT}", "LAB_OFFLINE": "1",
            "LAB_TEST_ENGINE": self.engine, "NAP_JOURNAL": str(self.journal_file), "COLUMNS": "200",
            "LAB_WORKSPACE": str(self.folder / "workspace"), "PYTHONUNBUFFERED": "1", "LAB_TEST_PATIENCE": "short",
        }  # fmt: skip
        return {**kept, **own, **self.variables, **more}

    def lab(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "lab", *words]

    def start(self, name: str, host: str, words: Sequence[str], **more: str) -> Program:
        """A process of the lab's on a host, known by a name until it is ended."""
        self.count += 1
        log = self.folder / f"{self.count:03}-{name}.log"
        made = Program(process=self.network.start(host, words, log, env=self.env(host, **more)), log=log)
        self.running[name] = made
        return made

    def begin(self, *hosts: str) -> None:
        """The scheduler, and these hosts in it."""
        self.begin_scheduler(hosts)
        for host in hosts:
            self.begin_host(host)
        self.wait_for(*hosts)

    def begin_scheduler(self, hosts: Sequence[str] = HOSTS) -> Program:
        made = self.start("scheduler", "d", self.lab("fleet", "start", self.address, "--hosts", ",".join(hosts)))
        until(lambda: made.said.count(ADDRESSES["d"]) > len(hosts) + 2 or made.over, lambda: made.said)
        assert not made.over, made.said
        return made

    def ticket(self, host: str) -> Path:
        return self.home("d") / "cache" / "fleets" / f"{ADDRESSES['d']}-{PORT}.{host}.ticket"

    def begin_host(self, host: str, *words: str, **more: str) -> Program:
        """A host with the ticket that the scheduler wrote for it; slots as they are said, else one."""
        asked = words if "--slots" in words else (*words, "--slots", "1")
        return self.start(host, host, self.lab("fleet", "host", "--ticket", str(self.ticket(host)), *asked), **more)

    def wait_for(self, *hosts: str) -> None:
        for host in hosts:
            made = self.running[host]
            until(partial(joined, made), partial(self.all_said, host, "scheduler"))
            assert not made.over, made.said

    def all_said(self, *names: str) -> str:
        return "\n".join(f"== {name}\n{self.running[name].said}" for name in names or self.running)

    def driver(self, *words: str, name: str = "driver", **more: str) -> Program:
        """A command on the fleet, beside the scheduler."""
        return self.start(name, "d", self.lab(*words, "--fleet", self.address), **more)

    def do(self, *words: str, **more: str) -> Program:
        """The same to its end."""
        made = self.driver(*words, **more)
        made.code()
        return made

    def journal(self, what: str = "") -> list[Began]:
        if not self.journal_file.exists():
            return []
        lines = [Began(**json.loads(line)) for line in self.journal_file.read_text(encoding="utf-8").splitlines()]
        return [one for one in lines if what in {"", one.what}]

    def runs(self, workspace: str = "workspace") -> list[dict[str, Any]]:
        """What the commands have kept, oldest first."""
        found = sorted((self.folder / workspace / "results" / "runs").glob("*/run.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]

    def began(self, kind: str = "load", host: str = "") -> list[Began]:
        """The steps of a kind that began, on one host or on any."""
        return [one for one in self.journal("start") if one.step.startswith(kind) and host in {"", one.host}]

    def plan(self, **numbers: float) -> None:
        """What every step does from now on: `seconds` of sleep, and `bytes` that a save leaves."""
        path = self.folder / "journal.plan"
        path.with_suffix(".new").write_text(json.dumps(numbers), encoding="utf-8")
        path.with_suffix(".new").replace(path)

    def go_on(self) -> None:
        """Let every nap end now, and those to come take no time."""
        self.plan()

    def wait_until_wanted_by(self, count: int) -> None:
        """Until so many commands want one and the same step."""
        words = [sys.executable, "-W", "ignore", "-c", WANTED, self.address, str(self.home("d") / "cache"), str(count)]
        done = self.network.run("d", words, env=self.env("d"), timeout=120)
        assert done.returncode == 0, done.stderr + self.all_said()

    def renew(self) -> None:
        """As after `begin`, with nothing done yet: whoever is gone is started again, and what is known is forgotten."""
        self.end_drivers()
        for host in HOSTS:
            for name in ("answers", "depot"):
                shutil.rmtree(self.home(host) / "cache" / "fleet" / host / name, ignore_errors=True)
            (self.home(host) / "cache" / "engine-is-broken").unlink(missing_ok=True)
        for name in ("results", "other"):
            shutil.rmtree(self.folder / "workspace" / name, ignore_errors=True)
        self.journal_file.unlink(missing_ok=True)
        self.plan()
        if any(
            name not in self.running or self.running[name].process.poll() is not None for name in ("scheduler", *HOSTS)
        ):
            self.end()
            self.running.clear()
            self.begin(*HOSTS)

    def end_drivers(self) -> None:
        for name in tuple(self.running):
            if name not in {"scheduler", *HOSTS}:
                self.running.pop(name).kill()

    def end(self) -> None:
        for one in reversed(tuple(self.running.values())):
            one.kill()
        for pid in self.journal_sleepers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def journal_sleepers(self) -> list[int]:
        """Naps that still go on, on whatever host."""
        marks = [mark for host in (*HOSTS, "d") for mark in (self.home(host) / "cache" / "naps").glob("*")]
        return [int(mark.name) for mark in marks if Path(f"/proc/{mark.name}").exists()]

    def doubled(self) -> dict[str, int]:
        """The steps that came to their end more than once."""
        return {step: count for step, count in Counter(one.step for one in self.journal("end")).items() if count > 1}


@contextlib.contextmanager
def lab_fleet(network: Network, folder: Path, engine: str = "nap", **variables: str) -> Iterator[LabFleet]:
    """A fleet with a workspace for its commands; everything it started is ended with the block."""
    made = LabFleet(network=network, folder=folder, engine=engine, variables=variables)
    subprocess.run(
        made.lab("init", str(folder / "workspace")), env=made.env("d"), check=True, capture_output=True, timeout=60
    )
    try:
        yield made
    finally:
        made.end()
