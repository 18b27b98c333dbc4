"""Whether an exception that speaks of memory is about memory: a failed allocation alone is no sign that memory was short."""

import re
from dataclasses import dataclass

_SAYS = re.compile(r"std::bad_alloc|ResourceExhausted|Out of memory error on|CUDA out of memory|Unable to allocate")
_ALLOCATOR = re.compile(r"ResourceExhausted|Out of memory error on|CUDA out of memory")
_ON_DEVICE = re.compile(r"\b(?:on )?(?:GPU|CUDA|XPU|NPU|DCU|MLU|GCU)\b", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:alloc memory of|[Uu]nable to allocate|Cannot allocate)\s+(?P<number>\d{1,30}(?:\.\d{1,9})?)\s*(?P<unit>[KMGTPE]?)i?B?"
)
_TYPES = frozenset({"MemoryError", "_ArrayMemoryError"})
_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_FULL = 0.9
_NOBODY_HAS = 16 * 1024**4


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """What was seen of a step's memory: its peak and its limit in bytes (0: not known), and whether the kernel killed for it."""

    peak: int = 0
    limit: int = 0
    killed: bool = False


def exhausted(kind: str, message: str, use: MemoryUse) -> str:
    """Where memory ran out, host or device; empty where the exception says nothing of it, or nothing bears it out.

    A device's allocator is believed, because nobody else sees its memory. On the host `std::bad_alloc` and MemoryError
    need the kernel, a peak at the limit, or a size that does not fit below it: Paddle also asks for nonsense, such as
    the "length" of a folder, or a shape out of a damaged file.
    """
    if kind not in _TYPES and not _SAYS.search(message):
        return ""
    allocator = _ALLOCATOR.search(message) is not None
    if allocator and _ON_DEVICE.search(message):
        return "device"
    asked = _asked(message)
    full = use.limit > 0 and use.peak >= _FULL * use.limit
    if use.killed or full or (use.limit > 0 and use.limit < use.peak + asked and asked < _NOBODY_HAS):
        return "host"
    return "host" if allocator and asked < _NOBODY_HAS else ""


def _asked(message: str) -> float:
    """The largest size in bytes that a message says was asked for; 0 where it says none."""
    found = (float(one["number"]) * 1024 ** _UNITS[one["unit"]] for one in _ASKED.finditer(message))
    return max(found, default=0.0)
