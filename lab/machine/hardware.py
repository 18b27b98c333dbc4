"""The class of a machine: what of its hardware may change an answer, so that results are shared only between equals.

A model that was saved beside AVX-512 and is loaded where there is only AVX2 answers with other last digits. Engine and
release are no part of a class: they are in every key by themselves.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from lab.machine import host

LENGTH = 10
NVIDIA = Path("/proc/driver/nvidia")


@functools.cache
def host_class(*, gpu: bool) -> str:
    """This machine's class, as a short digest; with `gpu` its cards and their driver count as well."""
    return class_of(host.facts(), graphics() if gpu else {})


def class_of(facts: Mapping[str, str], graphics: Mapping[str, str]) -> str:
    """The class that these facts make: processor model, instruction sets, architecture, and the GPUs with their driver."""
    deciding = {name: facts.get(name, "") for name in ("cpu", "isa", "arch")} | dict(graphics)
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:LENGTH]


@functools.cache
def graphics() -> Mapping[str, str]:
    """The GPUs and their driver's version, as the kernel tells them; nothing where it knows none."""
    models = sorted({_model(path) for path in NVIDIA.glob("gpus/*/information")} - {""})
    if not models:
        return {}
    try:
        version = (NVIDIA / "version").read_text(encoding="utf-8", errors="replace").splitlines()[0]
    except (OSError, IndexError):
        version = ""
    return {"gpu": ", ".join(models), "driver": version}


def _model(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Model:")), "")
