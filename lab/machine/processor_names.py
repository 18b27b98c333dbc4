"""This machine's processor by the names that emulators give to processors, so that a real one is known where one is asked for."""

import functools
from collections.abc import Mapping

from lab.machine import host

HYGON, AMD, INTEL = "HygonGenuine", "AuthenticAMD", "GenuineIntel"
NAMES: Mapping[tuple[str, int, int], str] = {
    (HYGON, 24, 0): "Dhyana", (HYGON, 24, 1): "Dhyana", (HYGON, 24, 2): "Dhyana",
    (AMD, 23, 1): "EPYC", (AMD, 23, 49): "EPYC-Rome", (AMD, 25, 1): "EPYC-Milan", (AMD, 25, 17): "EPYC-Genoa",
    (INTEL, 6, 42): "SandyBridge", (INTEL, 6, 45): "SandyBridge", (INTEL, 6, 58): "IvyBridge", (INTEL, 6, 62): "IvyBridge",
    (INTEL, 6, 60): "Haswell", (INTEL, 6, 63): "Haswell", (INTEL, 6, 61): "Broadwell", (INTEL, 6, 79): "Broadwell",
    (INTEL, 6, 94): "Skylake-Client", (INTEL, 6, 106): "Icelake-Server", (INTEL, 6, 143): "SapphireRapids",
    (INTEL, 6, 173): "GraniteRapids",
}  # fmt: skip
"""By maker, family and model as the kernel numbers them."""
SHARED = (INTEL, 6, 85)
"""Three processors have these numbers, and the stepping tells them apart."""
CASCADE_LAKE, COOPER_LAKE = 5, 10
"""The first stepping of each."""


@functools.cache
def of_this_machine() -> tuple[str, ...]:
    """The names of this machine's processor; none where it is none of those known here."""
    return names(host.processor())


def names(cpuinfo: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the processor that these lines of /proc/cpuinfo describe."""
    numbers = [_number(cpuinfo.get(name, "")) for name in ("cpu family", "model", "stepping")]
    known = (cpuinfo.get("vendor_id", ""), numbers[0], numbers[1])
    found = _of_stepping(numbers[2]) if known == SHARED else NAMES.get(known, "")
    return (found,) if found else ()


def _of_stepping(stepping: int) -> str:
    if stepping >= COOPER_LAKE:
        return "Cooperlake"
    return "Cascadelake-Server" if stepping >= CASCADE_LAKE else "Skylake-Server"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else -1
