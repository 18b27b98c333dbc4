"""E9: does the lab's own loop of timed calls say what pyperf's Runner says, of the same calls in the same process?"""

import json
import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from place import CALM, HERE, ROOT, THREADS, Row, Setting, call, image_and_pins, keep
from scipy import stats as exact

from lab.bench import cores

NETS = ("jit_load_pir", "lstm", "transformer_encoder", "resnet18")
RELEASES = ("2.6.2", "3.0.0", "3.3.1")
LEAKS = "3.0.0"
PROCESSES = 6


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its 95 % interval by Student's t, over processes."""

    low: float
    middle: float
    high: float

    def meets(self, other: "Interval") -> bool:
        """Whether two intervals have a point in common."""
        return self.low <= other.high and other.low <= self.high


def interval(values: Sequence[float]) -> Interval:
    """Of two values or more, one a process."""
    middle = statistics.mean(values)
    half = float(exact.t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(low=middle - half, middle=middle, high=middle + half)


def run(setting: Setting) -> Iterator[Row]:
    """Fresh processes, each timing one net both ways in drawn order; one line a net and release, and one over all."""
    nets, releases, processes = (NETS[:1], RELEASES[-1:], 2) if setting.quick else (NETS, RELEASES, PROCESSES)
    chance = random.Random(9)
    begun, met, ratios = time.perf_counter(), [], []
    for release in releases:
        tag, _ = image_and_pins(setting, release)
        for net in nets:
            found = _processes(setting, tag, f"{net}-{release}", net, processes, chance)
            ours, theirs = (interval([statistics.mean(one[who]) for one in found]) for who in ("lab", "pyperf"))
            logs = interval([math.log(statistics.mean(one["lab"]) / statistics.mean(one["pyperf"])) for one in found])
            met.append(ours.meets(theirs))
            ratios.append(math.exp(logs.middle))
            yield Row(
                experiment="E9", question=f"{net} in {release}, {processes} processes, the same calls",
                tool="the lab's guest beside pyperf's Runner",
                answer=f"{_ms(ours)} beside {_ms(theirs)}; lab/pyperf in one process x{ratios[-1]:.3f} "
                f"[x{math.exp(logs.low):.3f}, x{math.exp(logs.high):.3f}]",
                target="intervals meet", met=met[-1],
            )  # fmt: skip
    yield Row(
        experiment="E9", question="all of them", tool="the lab's guest beside pyperf's Runner",
        answer=f"intervals meet in {sum(met)} of {len(met)}; ratios x{min(ratios):.3f} to x{max(ratios):.3f}",
        target="all", met=all(met), seconds=time.perf_counter() - begun,
    )  # fmt: skip


def _processes(
    setting: Setting, tag: str, name: str, net: str, count: int, chance: random.Random
) -> list[dict[str, list[float]]]:
    folder = setting.folder(f"e9/{name}")
    folder.chmod(0o777)
    calm = (
        CALM if name.endswith(LEAKS) else {}
    )  # with the new IR it leaks, and 3.3.1 traces some nets with nothing else
    env = {**THREADS, **calm, "HOME": "/tmp"}
    given = [word for one, value in env.items() for word in ("--env", f"{one}={value}")]
    mounts = {
        HERE: "/contest:ro",
        ROOT / "lab" / "guest": "/lab:ro",
        ROOT / "scenarios": "/scenarios:ro",
        folder.resolve(): "/out",
    }
    volumes = [word for here, there in mounts.items() for word in ("--volume", f"{here}:{there}")]
    argv = ["docker", "run", "--rm", "--network", "none", "--cpuset-cpus", cores(1), *given, *volumes, tag]
    found, loops = [], 0
    for _ in range(count):
        first = chance.choice(("lab", "pyperf"))
        done = call([*argv, "python", "-B", "/contest/body_agree.py", net, str(loops), first])
        if done.code:
            raise SystemExit(f"E9 failed:\n{done.out[-2000:]}")
        found.append(json.loads(done.out.splitlines()[-1]))
        loops = found[-1]["loops"]
    keep(folder / "values.json", found)
    return found


def _ms(found: Interval) -> str:
    return f"{found.middle * 1e3:.3g} ms [{found.low * 1e3:.3g}, {found.high * 1e3:.3g}]"
