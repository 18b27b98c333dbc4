"""What this machine can do for the lab, and the mend for what it cannot: one finding per question."""

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lab.engine import emulation
from lab.engine.choose import EngineChoice, choose
from lab.engine.local import pyenv_folders
from lab.errors import LabError
from lab.machine import host, process
from lab.storage.workspace import Workspace

DISK_WANTED = 10 << 30
MEMORY_WANTED = 4 << 30
NOISY = 0.10


class DoctorLevel(StrEnum):
    """How good a finding is."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class DoctorFinding:
    """One question, its answer, and the mend where the answer is not good."""

    question: str
    level: DoctorLevel
    answer: str
    mend: str = ""


def examine(workspace: Workspace) -> Iterator[DoctorFinding]:
    """Every question in the order in which a first run meets them."""
    checks: tuple[Callable[[Workspace], DoctorFinding], ...] = (
        engine, builder, base, disk, memory, index, certificates, gpu, emulator, clock, interpreters,
    )  # fmt: skip
    for check in checks:
        try:
            yield check(workspace)
        except LabError as error:
            yield DoctorFinding(question=check.__name__, level=DoctorLevel.BAD, answer=error.what, mend=error.remedy)


def engine(workspace: Workspace) -> DoctorFinding:
    """Which engine would be used, and whether it isolates."""
    found, note = choose(EngineChoice.AUTO, images=workspace.images, cache=workspace.cache)
    words = ", ".join(f"{name} {value}" for name, value in found.facts().items())
    if note:
        return DoctorFinding(question="engine", level=DoctorLevel.WARN, answer=note, mend="make engine")
    return DoctorFinding(question="engine", level=DoctorLevel.GOOD, answer=words)


def builder(workspace: Workspace) -> DoctorFinding:
    """Whether a client here can build with mounted wheels."""
    del workspace
    from lab.engine.docker.build import builder as find  # noqa: PLC0415 - the SDK is loaded only where asked

    found = find("docker")
    return DoctorFinding(question="builder", level=DoctorLevel.GOOD, answer=" ".join(found.argv))


def base(workspace: Workspace) -> DoctorFinding:
    """Whether a base can be made where no registry answers."""
    del workspace
    for tool in ("mmdebstrap", "debootstrap"):
        if shutil.which(tool):
            return DoctorFinding(
                question="base", level=DoctorLevel.GOOD, answer=f"{tool} can make one if no registry answers"
            )
    return DoctorFinding(
        question="base", level=DoctorLevel.WARN, answer="only from a registry: no mmdebstrap, no debootstrap here",
        mend="apt-get install mmdebstrap, if this machine reaches no registry",
    )  # fmt: skip


def disk(workspace: Workspace) -> DoctorFinding:
    """Space for images (about 1 GB each), wheels and runs."""
    workspace.cache.mkdir(parents=True, exist_ok=True)
    free = min(shutil.disk_usage(place).free for place in (workspace.root, workspace.cache))
    good = free >= DISK_WANTED
    return DoctorFinding(
        question="disk", level=DoctorLevel.GOOD if good else DoctorLevel.WARN, answer=f"{free / 1e9:.0f} GB free",
        mend="" if good else "lab images prune, or LAB_CACHE on a larger disk",
    )  # fmt: skip


def memory(workspace: Workspace) -> DoctorFinding:
    """Memory for one container at its limit."""
    del workspace
    free = host.available()
    good = free >= MEMORY_WANTED
    return DoctorFinding(
        question="memory", level=DoctorLevel.GOOD if good else DoctorLevel.WARN, answer=f"{free / 1024**3:.1f} GiB available",
        mend="" if good else "close something, or lower limits in the scenario's header",
    )  # fmt: skip


def index(workspace: Workspace) -> DoctorFinding:
    """Whether the package index answers through this host's own pip settings."""
    del workspace
    argv = [sys.executable, "-m", "pip", "index", "versions", "paddlepaddle", "--timeout", "10", "--retries", "0"]
    done = process.run(argv, timeout=60)
    if done.ok:
        newest = done.stdout.split("(", 1)[-1].split(")", 1)[0]
        return DoctorFinding(
            question="index", level=DoctorLevel.GOOD, answer=f"answers; its newest paddlepaddle is {newest}"
        )
    return DoctorFinding(
        question="index", level=DoctorLevel.WARN, answer="does not answer; only what is in the wheel store can be built",
        mend="set pip's index-url (a mirror), proxy or cert for this host: pip config set global.index-url ADDRESS",
    )  # fmt: skip


def certificates(workspace: Workspace) -> DoctorFinding:
    """Which CA bundle and proxy programs of this host are told to use."""
    del workspace
    bundles = [name for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT") if os.environ.get(name)]
    missing = [name for name in bundles if not Path(os.environ[name]).is_file()]
    if missing:
        return DoctorFinding(
            question="CA and proxy", level=DoctorLevel.BAD, answer=f"{', '.join(missing)} names a file that does not exist",
            mend="correct the variable, or unset it",
        )  # fmt: skip
    proxies = [name for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY") if os.environ.get(name)]
    words = ", ".join([*bundles, *proxies]) or "the system's own CA, no proxy"
    return DoctorFinding(
        question="CA and proxy", level=DoctorLevel.GOOD, answer=f"{words} (used on the host only, never in images)"
    )


def gpu(workspace: Workspace) -> DoctorFinding:
    """Whether a GPU and its container runtime are here; GPU wheels run in CPU mode without."""
    del workspace
    if not shutil.which("nvidia-smi"):
        return DoctorFinding(question="GPU", level=DoctorLevel.GOOD, answer="none; GPU wheels run in CPU mode")
    done = process.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"], timeout=30)
    if not shutil.which("nvidia-ctk"):
        return DoctorFinding(
            question="GPU", level=DoctorLevel.WARN, answer=f"{done.stdout.strip()}, no container toolkit",
            mend="install nvidia-container-toolkit",
        )  # fmt: skip
    return DoctorFinding(question="GPU", level=DoctorLevel.GOOD, answer=done.stdout.strip())


def emulator(workspace: Workspace) -> DoctorFinding:
    """Whether another processor can be emulated, which only `lab isolate ... cpu=NAME` needs."""
    del workspace
    found = emulation.version()
    return DoctorFinding(
        question="emulator", level=DoctorLevel.GOOD if found else DoctorLevel.WARN,
        answer=found or f"{emulation.MISSING}; cpu=NAME in `lab isolate` is left out", mend="" if found else emulation.REMEDY,
    )  # fmt: skip


def clock(workspace: Workspace) -> DoctorFinding:
    """How much the same work varies here: the noise every timing will carry."""
    del workspace
    times = [_spin() for _ in range(40)]
    median = statistics.median(times)
    spread = statistics.median(abs(one - median) for one in times) / median
    good = spread < NOISY
    return DoctorFinding(
        question="clock noise", level=DoctorLevel.GOOD if good else DoctorLevel.WARN,
        answer=f"the same work varies by {spread:.1%} (median deviation of {len(times)})",
        mend="" if good else "close other programs; compare ratios of one run only",
    )  # fmt: skip


def _spin() -> float:
    start = time.perf_counter()
    sum(range(100_000))
    return time.perf_counter() - start


def interpreters(workspace: Workspace) -> DoctorFinding:
    """Which Pythons the local engine could use."""
    del workspace
    done = process.run([sys.executable, "-m", "uv", "python", "list", "--only-installed", "--output-format", "json"])
    seen = {word.split("-")[1] for word in done.stdout.split('"') if word.startswith("cpython-")}
    seen |= {folder.name for folder in pyenv_folders() if folder.name[:1].isdigit()}
    names = sorted(seen, key=lambda name: [int(part) if part.isdigit() else 0 for part in name.split(".")])
    return DoctorFinding(
        question="Pythons", level=DoctorLevel.GOOD, answer=", ".join(names) or "only the one that runs the lab"
    )
