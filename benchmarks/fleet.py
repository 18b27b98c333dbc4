"""What a fleet costs and gives, on three hosts in network namespaces of this machine: run as root on a quiet one.

    python benchmarks/fleet.py [--steps 10000] [--bytes 4294967296] [--only naps,many,pull,start]

Steps are naps, so hosts do not take the processor from each other; prints a line for each figure of docs/performance.md.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.fleet.fleets import LabFleet, descendants, lab_fleet  # noqa: E402 - it lies in the tests
from tests.fleet.network import HOSTS, network  # noqa: E402

FIVE = "2.6.2,3.0.0,3.1.1,3.2.2,3.3.1"
MATRIX = ("matrix", "jit_load_pir", "--savers", FIVE, "--loaders", FIVE, "--fresh")
STEPS = 30
"""Saves and loads of that matrix."""
MANY = """
import sys, time
from pathlib import Path
from lab.fleet import driver
from lab.fleet.join import nothing
link = driver.linked(sys.argv[1], Path(sys.argv[2]))
count = int(sys.argv[3])
start = time.monotonic()
futures = [link.client.submit(nothing, key=f"no-op/{number}", pure=False) for number in range(count)]
done = sum(one.result() is None for one in futures)
print(done, time.monotonic() - start)
"""
PULL = """
import resource, sys, time
from pathlib import Path
from lab.fleet import driver
from lab.fleet.depot import Depot
from lab.fleet.wire import Blob
link = driver.linked(sys.argv[1], Path(sys.argv[2]))
blob = Blob(path="big", sha256=sys.argv[3], size=int(sys.argv[4]))
address = {one.name: one.address for one in link.members()}["a"]
depot = Depot(root=Path(sys.argv[5]), shares=True)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, spent = time.monotonic(), time.process_time()
depot.lay_out([blob], Path(sys.argv[5]) / "laid out", [link.giver(link.ask(address, "lab_door"))])
spent = time.process_time() - spent
print(time.monotonic() - start, spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
START = "import time, sys; t = time.perf_counter(); import lab.cli.app, lab.cli.run; print(time.perf_counter() - t, 'distributed' in sys.modules)"


def say(figure: str, value: str) -> None:
    print(f"{figure:<58} {value}", flush=True)


def matrix(fleet: LabFleet, seconds: float) -> tuple[float, float]:
    """Seconds of that matrix on the hosts that are there: from its first step to its last, and those that its steps napped."""
    fleet.journal_file.unlink(missing_ok=True)
    fleet.plan(seconds=seconds)
    done = fleet.do(*MATRIX)
    journal = fleet.journal()
    if len(fleet.journal("end")) != STEPS:
        sys.exit(f"a step was lost or doubled: {done.said}")
    return max(one.at for one in journal) - min(one.at for one in journal), STEPS * seconds


def naps(fleet: LabFleet) -> None:
    fleet.begin_scheduler()
    fleet.begin_host("a")
    fleet.wait_for("a")
    alone, engine = matrix(fleet, 1.0)
    say(f"{STEPS} naps of 1 s on one host", f"{alone:.1f} s")
    say("price of the fleet a step (<= 1.10)", f"{alone / engine:.3f}x of its engine time")
    for host in ("b", "c"):
        fleet.begin_host(host)
    fleet.wait_for("b", "c")
    three, _ = matrix(fleet, 1.0)
    say("the same on three hosts (>= 2.2x)", f"{three:.1f} s, {alone / three:.2f}x")


def many(fleet: LabFleet, steps: int) -> None:
    fleet.begin(*HOSTS)
    words = [sys.executable, "-W", "ignore", "-c", MANY, fleet.address, str(fleet.home("d") / "cache"), str(steps)]
    done, seconds = fleet.network.run("d", words, env=fleet.env("d"), timeout=3600).stdout.split()[-2:]
    say(f"{steps:,} no-op steps", f"{int(steps) - int(done)} lost, {1000 * float(seconds) / steps:.2f} ms each")


def pull(fleet: LabFleet, size: int) -> None:
    fleet.begin_scheduler()
    fleet.begin_host("a")
    fleet.wait_for("a")
    big = fleet.folder / "big"
    with big.open("wb") as sink:
        for _ in range(size >> 20):
            sink.write(os.urandom(1 << 20))
    digest = subprocess.run(["sha256sum", big], capture_output=True, text=True, check=True).stdout.split()[0]
    home = fleet.home("a") / "cache" / "fleet" / "a" / "depot" / digest[:2]
    home.mkdir(parents=True)
    start, before = time.monotonic(), spent_on_programs()
    subprocess.run(["cp", big, home / digest], check=True)
    copied, copying = time.monotonic() - start, spent_on_programs() - before
    (home / digest).chmod(0o444)
    words = [
        *(sys.executable, "-W", "ignore", "-c", PULL, fleet.address, str(fleet.home("d") / "cache"), digest, str(size)),
        str(fleet.home("d") / "pulled"),
    ]
    giving = spent_by(fleet.running["a"].process.pid)
    answer = fleet.network.run("d", words, env=fleet.env("d"), timeout=3600)
    giving = spent_by(fleet.running["a"].process.pid) - giving
    if answer.returncode:
        sys.exit(f"nothing was pulled: {answer.stderr}")
    seconds, taking, mib = (float(word) for word in answer.stdout.split()[-3:])
    say(f"pulling {size >> 20:,} MiB (<= 3x of cp)", f"{seconds:.1f} s, cp {copied:.1f} s: {seconds / copied:.1f}x")
    shown = (
        f"{taking:.1f} s who takes, {giving:.1f} s who gives, cp {copying:.1f} s: {(taking + giving) / copying:.1f}x"
    )
    say("processor time of that, which other load does not change", shown)
    say("memory meanwhile (<= 64 MiB)", f"+{mib:.0f} MiB")


def spent_on_programs() -> float:
    """Seconds of processor time of the programs that were started here and have ended."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def spent_by(pid: int) -> float:
    """The same of a process and all below it, as far as they live."""
    ticks = 0
    for one in (pid, *descendants(pid)):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def start() -> None:
    found = [
        subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.split()
        for _ in range(7)
    ]
    if any(loaded != "False" for _, loaded in found):
        sys.exit("distributed is imported without --fleet")
    say(
        "start-up without --fleet: imports of lab run",
        f"{sorted(float(one) for one, _ in found)[3]:.3f} s, distributed not loaded",
    )


def fresh(only: set[str], name: str) -> Iterator[LabFleet]:
    """A fleet for one figure, if it was asked for."""
    if only and name not in only:
        return
    with tempfile.TemporaryDirectory() as folder, network() as net, lab_fleet(net, Path(folder)) as fleet:
        yield fleet


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--steps", type=int, default=10_000)
    words.add_argument("--bytes", type=int, default=4 << 30)
    words.add_argument("--only", default="", help="naps, many, pull, start")
    asked = words.parse_args()
    only = set(filter(None, asked.only.split(",")))
    say("load of this machine before", json.dumps(os.getloadavg()))
    for fleet in fresh(only, "naps"):
        naps(fleet)
    for fleet in fresh(only, "many"):
        many(fleet, asked.steps)
    for fleet in fresh(only, "pull"):
        pull(fleet, asked.bytes)
    if not only or "start" in only:
        start()


if __name__ == "__main__":
    main()
