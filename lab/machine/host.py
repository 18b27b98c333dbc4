"""Facts of this machine that decide how a run behaves: what a reader needs to compare two runs, and nothing private."""

import hashlib
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

ISA = ("avx", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "fma", "asimd", "sve")


def facts() -> Mapping[str, str]:
    """Processor, cores, memory, kernel, system and architecture; no host name, no user, no path."""
    cpu = processor()
    return {
        "cpu": cpu.get("model name", cpu.get("CPU part", platform.processor() or "unknown")),
        "isa": " ".join(flag for flag in ISA if flag in cpu.get("flags", cpu.get("Features", "")).split()),
        "cores": str(cores()),
        "memory_gib": f"{memory() / 1024**3:.1f}",
        "kernel": platform.release(),
        "system": _system(),
        "arch": platform.machine(),
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.2f}",
    }


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def memory() -> int:
    """Memory of this machine in bytes, or of the limit this process lives under if that is smaller."""
    total = _meminfo("MemTotal")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        text = _read(limit).strip()
        if text.isdecimal():
            return min(total, int(text))
    return total


def available() -> int:
    """Memory that can be taken now, in bytes."""
    return min(_meminfo("MemAvailable"), memory())


def boot() -> str:
    """This start of this machine: a process id means nothing after the next one; empty where it is not known."""
    return _read("/proc/sys/kernel/random/boot_id").strip()


def identity() -> str:
    """This machine, as a digest that tells nothing of it; empty where it has no identity of its own.

    The name is part of it because machines made from one image may share the rest.
    """
    machine = _read("/etc/machine-id").strip()
    return hashlib.sha256(f"{machine} {platform.node()}".encode()).hexdigest()[:16] if machine else ""


def _meminfo(field: str) -> int:
    match = re.search(rf"^{re.escape(field)}:\s+(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def processor() -> dict[str, str]:
    """The first processor's lines of /proc/cpuinfo."""
    found: dict[str, str] = {}
    for line in _read("/proc/cpuinfo").split("\n\n", 1)[0].splitlines():
        name, _, value = line.partition(":")
        found[name.strip()] = value.strip()
    return found


def _system() -> str:
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)', _read("/etc/os-release"), re.MULTILINE)
    return match[1] if match else platform.system()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
