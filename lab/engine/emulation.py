"""Another processor than this machine's: qemu's user-mode emulator, found on the host and lent to the guest."""

import difflib
import functools
import os
import platform
import re
import shutil
import struct
from dataclasses import replace
from pathlib import Path

from lab.errors import UsageError
from lab.machine import process
from lab.model import Settings, StepFacts

VARIABLE = "LAB_QEMU"
MISSING = "no static user-mode qemu was found on this machine"
REMEDY = (
    "apt-get install qemu-user-static (Debian 12: from bookworm-backports, where qemu-user holds version 10, which is "
    f"steadier than 7.2), or name the program: {VARIABLE}=PATH"
)
_NAMES = (
    "486 Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Cascadelake-Server "
    "Cascadelake-Server-noTSX Conroe Cooperlake Denverton Dhyana EPYC EPYC-Genoa EPYC-IBPB EPYC-Milan "
    "EPYC-Rome GraniteRapids Haswell Haswell-IBRS Haswell-noTSX Haswell-noTSX-IBRS Icelake-Server "
    "Icelake-Server-noTSX IvyBridge IvyBridge-IBRS KnightsMill Nehalem Nehalem-IBRS Opteron_G1 Opteron_G2 "
    "Opteron_G3 Opteron_G4 Opteron_G5 Penryn SandyBridge SandyBridge-IBRS SapphireRapids SierraForest "
    "Skylake-Client Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Server Skylake-Server-IBRS "
    "Skylake-Server-noTSX-IBRS Snowridge Westmere Westmere-IBRS athlon base core2duo coreduo kvm32 kvm64 max "
    "n270 pentium pentium2 pentium3 phenom qemu32 qemu64 "
)
KNOWN = frozenset(_NAMES.split())
"""Processors of x86-64 that qemu 7.2 to 10 play, without the numbers of their versions."""
INTERPRETER = 3  # the kind of an ELF program header that names a dynamic loader


def find() -> Path | None:
    """The emulator of this machine's own architecture that needs no library around it; None where there is none.

    $LAB_QEMU comes first; a program named there that cannot be used is a UsageError.
    """
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        if not static(Path(chosen)):
            raise UsageError(f"{VARIABLE}={chosen} is no statically linked program", REMEDY)
        return Path(chosen)
    name = f"qemu-{platform.machine()}"
    found = (shutil.which(one) for one in (f"{name}-static", name))
    return next((Path(one) for one in found if one and static(Path(one))), None)


def static(path: Path) -> bool:
    """Whether a file is an ELF program without a dynamic loader: only such a one runs in any container."""
    try:
        data = path.read_bytes()[: 1 << 16]
        if data[:5] != b"\x7fELF\x02":
            return False
        (start,) = struct.unpack_from("<Q", data, 32)
        size, count = struct.unpack_from("<HH", data, 54)
        kinds = [struct.unpack_from("<I", data, start + size * number)[0] for number in range(count)]
    except (OSError, struct.error):
        return False
    return INTERPRETER not in kinds


def version() -> str:
    """The emulator in words, "qemu-x86_64 version 10.0.2 (...)"; empty where there is none."""
    found = find()
    return _first_line(found) if found is not None else ""


def prefix(settings: Settings, program: str) -> list[str]:
    """What the guest starts Paddle with; `program` is the emulator as the guest sees it. Empty without emulation."""
    return [program, "-cpu", settings.cpu.name] if settings.cpu is not None and settings.emulated else []


def told(facts: StepFacts, settings: Settings) -> StepFacts:
    """The guest's facts; under an emulator the kernel still tells of the host's processor, so that is put right."""
    if settings.cpu is None or not settings.emulated:
        return facts
    return replace(facts, cpu=f"{settings.cpu.name}, emulated by {version()}", isa=())


@functools.cache
def _first_line(path: Path) -> str:
    return (process.run([str(path), "--version"], timeout=30).stdout.splitlines() or ["unknown"])[0]


@functools.cache
def models(path: Path) -> frozenset[str]:
    """The processors an emulator can play, by name; up to version 7 the architecture stands before each."""
    listed = process.run([str(path), "-cpu", "help"], timeout=30).stdout.partition("\nRecognized")[0]
    rows = (line.removeprefix("x86 ").split() for line in listed.splitlines() if line.startswith(("  ", "x86 ")))
    return frozenset(row[0] for row in rows if row)


def misspelt(word: str) -> list[str]:
    """The processors that a word was probably meant to name; none where it names one, or is like none of them."""
    plain = re.sub(r"-v\d+$", "", word)
    if plain in KNOWN or platform.machine() != "x86_64":
        return []
    spelled = {one.casefold(): one for one in KNOWN}
    return [spelled[one] for one in difflib.get_close_matches(plain.casefold(), spelled, n=3, cutoff=0.8)]
