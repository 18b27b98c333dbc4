"""How noisy this machine is: what takes time away from a measurement, what to change, and what can still be seen."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import scratch, stats

STEAL = 7
IDLE = (3, 4)
JITTER_S = 1.0
CHUNK = 20_000
COPY_BYTES = 64 << 20
WRITE_BYTES = 4 << 20
CPUFREQ = Path("/sys/devices/system/cpu/cpu0/cpufreq")
# What one block costs beside its values, and how much more than plain arithmetic a model's time scatters: measured.
BLOCK_S = 15.0
MODEL_FACTOR = 2.0


@dataclass(frozen=True, kw_only=True)
class NoiseFinding:
    """One question about this machine, its answer, how bad it is (0 good, 1 noticeable, 2 harmful), and the mend."""

    question: str
    answer: str
    level: int = 0
    mend: str = ""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The smallest change that about this many blocks (seconds for two sides) should find four times in five."""

    blocks: int
    seconds: float
    change: float


@dataclass(frozen=True, kw_only=True)
class Noise:
    """The answer of `lab doctor --noise`: a score from 0 (quiet) to 100, the findings behind it, and what can be detected."""

    score: int
    jitter: float
    findings: tuple[NoiseFinding, ...]
    reach: tuple[Reach, ...]


def cpu_times() -> tuple[int, ...]:
    """Ticks of all processors by kind, as /proc/stat counts them; empty where there is no such file."""
    try:
        with Path("/proc/stat").open(encoding="ascii") as file:
            return tuple(int(word) for word in file.readline().split()[1:9])
    except OSError:
        return ()


def asleep() -> float:
    """Seconds this machine has slept since it started: what the clock that counts sleep is ahead of the one that does not."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def steal(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """The share of time between two looks that the host machine gave to others; 0 where it is not told."""
    gone = _between(before, after)
    return gone[STEAL] / total if len(gone) > STEAL and (total := sum(gone)) > 0 else 0.0


def busy(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """The share of time between two looks in which the processors worked for somebody."""
    gone = _between(before, after)
    total = sum(gone)
    return 1 - sum(gone[one] for one in IDLE) / total if len(gone) > max(IDLE) and total > 0 else 0.0


def _between(before: tuple[int, ...], after: tuple[int, ...]) -> list[int]:
    return [max(0, new - old) for old, new in zip(before, after, strict=False)]


def jitter(seconds: float = JITTER_S) -> tuple[float, ...]:
    """Seconds of equal pieces of plain arithmetic, run one after the other for about `seconds`."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not found:
        start, total = time.perf_counter(), 0
        for number in range(CHUNK):
            total += number
        found.append(time.perf_counter() - start)
    return tuple(found)


def scatter(values: tuple[float, ...]) -> float:
    """Half the distance between the 10th and the 90th percentile, as a share of the median."""
    if len(values) < 2:  # noqa: PLR2004 - no scatter in one value
        return 0.0
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return (tenths[-1] - tenths[0]) / 2 / statistics.median(values)


def examine(folder: Path) -> Noise:
    """Look at this machine for about five seconds; `folder` is where its disk is tried."""
    before = cpu_times()
    idle = time.perf_counter()
    time.sleep(1.0)
    overslept = time.perf_counter() - idle - 1.0
    others = busy(before, cpu_times())
    spread = scatter(jitter())
    findings = (
        _steal(steal(before, cpu_times())),
        _others(others),
        _graded("jitter", f"equal work scatters by {spread:.1%}", spread, (0.03, 0.10), "end other work on this machine"),
        _graded("wake-up", f"late by {overslept * 1e3:.2f} ms", overslept, (0.002, 0.02), "a less loaded machine"),
        *_frequency(),
        _cores(),
        _copying(),
        _writing(folder),
    )  # fmt: skip
    return Noise(score=score(findings, spread), jitter=spread, findings=findings, reach=reach(spread))


def score(findings: tuple[NoiseFinding, ...], spread: float) -> int:
    """0 for a quiet machine, 100 for a hopeless one: scatter counts half, the findings the other half."""
    worst = 2 * len(findings) or 1
    return round(min(50.0, spread * 250) + 50 * sum(one.level for one in findings) / worst)


def reach(spread: float) -> tuple[Reach, ...]:
    """What each look can see on a machine that scatters like this; an estimate, not a measurement of any model."""
    likely = max(0.01, MODEL_FACTOR * spread)
    return tuple(
        Reach(blocks=blocks, seconds=blocks * BLOCK_S, change=stats.detectable(likely, blocks))
        for blocks in stats.LOOKS
    )


def _graded(question: str, answer: str, value: float, limits: tuple[float, float], mend: str) -> NoiseFinding:
    level = sum(value > limit for limit in limits)
    return NoiseFinding(question=question, answer=answer, level=level, mend=mend if level else "")


def _steal(share: float) -> NoiseFinding:
    return _graded("steal", f"{share:.1%} of the time went to other guests of the host", share, (0.005, 0.03),
                   "another host or a dedicated one; CPU time decides where steal is high")  # fmt: skip


def _others(share: float) -> NoiseFinding:
    return _graded("load", f"{share:.0%} busy with other work, load average {os.getloadavg()[0]:.1f}", share,
                   (0.10, 0.40), "end other work on this machine before measuring")  # fmt: skip


def _frequency() -> tuple[NoiseFinding, ...]:
    """Governor and turbo, where the kernel shows them; a virtual machine usually does not."""
    governor = _read(CPUFREQ / "scaling_governor")
    if not governor:
        return (NoiseFinding(question="frequency", answer="not shown here (a virtual machine?): it may change unseen"),)
    turbo = _read(Path("/sys/devices/system/cpu/intel_pstate/no_turbo")) == "0" or _read(CPUFREQ / "boost") == "1"
    steady = governor == "performance"
    return (
        NoiseFinding(question="governor", answer=governor, level=int(not steady),
                mend="" if steady else "sudo cpupower frequency-set -g performance"),
        NoiseFinding(question="turbo", answer="enabled" if turbo else "disabled", level=int(turbo),
                mend="sudo python -m pyperf system tune (switches turbo off)" if turbo else ""),
    )  # fmt: skip


def _cores() -> NoiseFinding:
    count = len(os.sched_getaffinity(0))
    few = count < 2  # noqa: PLR2004 - one to measure on, one for the lab
    mend = "two cores at least: one to measure on, one for everything else" if few else ""
    return NoiseFinding(question="cores", answer=str(count), level=2 * few, mend=mend)


def _copying() -> NoiseFinding:
    source = bytes(COPY_BYTES)
    values = _timed(lambda: bytearray(source), 8)
    speed = COPY_BYTES / statistics.median(values) / 1e9
    return _graded("memory", f"{speed:.1f} GB/s, scatters by {scatter(values):.0%}", scatter(values), (0.15, 0.5),
                   "neighbours use the same memory: measure at a quiet hour")  # fmt: skip


def _writing(folder: Path) -> NoiseFinding:
    data = os.urandom(WRITE_BYTES)
    with scratch.folder_beside(folder / "noise") as home:
        values = _timed(lambda: _written(home / "probe", data), 6)
    speed = WRITE_BYTES / statistics.median(values) / 1e6
    return _graded("disk", f"{speed:.0f} MB/s written through, scatters by {scatter(values):.0%}", scatter(values),
                   (0.5, 2.0), "cold metrics (import, first load) will scatter: keep images on a local disk")  # fmt: skip


def _written(path: Path, data: bytes) -> None:
    with path.open("wb") as sink:
        sink.write(data)
        sink.flush()
        os.fsync(sink.fileno())


def _timed(work: Callable[[], object], times: int) -> tuple[float, ...]:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return tuple(found)


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="ascii").strip()
    return ""
