"""What one step is asked to do, as the engine and the guest are told it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lab.engine import emulation
from lab.engine.protocol import Image, Job, Rooms
from lab.model import Limits, Place, Scenario

PROTOCOL = 1
TOKENS = "tokens"
NONCE = "nonce"
"""The pipe in the inbox that hands the supervisor, and nobody after it, what its record must carry."""
# 3.0.0 leaves five threads behind on every call (docs/bench.md): a timed process must not meet the limit by that alone.
MEASURED_PIDS = 4096
MEMORY_SHARE = 0.8
"""How much of its memory a step may use up while its growth is watched: then it ends, and says what it saw."""
THREAD_NAMES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Timer(StrEnum):
    """Whose loop takes the values of steady calls inside a timed process; both are kept as files of pyperf."""

    LAB = "lab"
    PYPERF = "pyperf"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How one timed process works; seconds and counts, stored with every value. `loops` 0 means: calibrate."""

    values: int = 8
    warmups: int = 4
    value_s: float = 0.04
    max_calls: int = 100
    loops: int = 0
    timer: Timer = Timer.LAB


@dataclass(frozen=True, kw_only=True)
class Turns:
    """How one side of a benchmark block works: single warm-up calls, what it may be asked for, and its memory cap (bytes)."""

    metrics: tuple[str, ...]
    memory_cap: int
    warmups: int = 4
    patience_s: float = 300.0


@dataclass(frozen=True, kw_only=True)
class StepOrder:
    """One step to run: which mode, of what, where, and the key it is remembered by; `more` goes into the request as it is."""

    mode: str
    key: str
    scenario: Scenario
    place: Place
    route: str = "own"
    saved: Path | None = None
    timing: Timing | None = None
    turns: Turns | None = None
    cpuset: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    def job(self, image: Image, folder: Path, run_id: str) -> Job:
        """The engine's view of this step."""
        return Job(
            image=image,
            inbox=folder / "in",
            outbox=folder / "out",
            saved=self.saved,
            env=guest_environment(self.place),
            limits=self._limits(),
            run_id=run_id,
            cpuset=self.cpuset,
            gpu=self.place.environment.device.gpu,
            emulator=emulation.find() if self.place.settings.emulated else None,
        )

    def _limits(self) -> Limits:
        limits = self.place.settings.limits
        return replace(limits, pids=max(limits.pids, MEASURED_PIDS)) if self.mode == "measure" else limits

    def request(self, nonce: str, rooms: Rooms) -> dict[str, Any]:
        """What the guest reads: its mode, where everything lies, and the limits it keeps itself."""
        limits = self.place.settings.limits
        writes = self.mode == "save" or self.saved is None
        request: dict[str, Any] = {
            "protocol": PROTOCOL,
            "nonce": nonce,
            "mode": self.mode,
            "scenario": f"{rooms.inbox}/scenario.py",
            "route": self.route,
            "model": f"{rooms.outbox}/model" if writes else f"{rooms.saved}/model",
            "inputs": None if writes else f"{rooms.saved}/inputs.npz",
            "out": rooms.outbox,
            "seed": 0,
            "env": dict(self.place.settings.env),
            "files": [one.name for one in self.scenario.files],
            "limits": {
                "wall_s": limits.wall_s,
                "silent_s": limits.silent_s,
                "log_bytes": limits.log,
                "output_bytes": limits.output,
            },
        }
        if self.mode == "save" and self.saved is not None:
            request["given"] = rooms.saved
        if self.timing is not None:
            request["measure"] = msgspec.to_builtins(self.timing)
        if self.turns is not None:
            request["bench"] = {**msgspec.to_builtins(self.turns), "tokens": f"{rooms.inbox}/{TOKENS}"}
        plan = self.scenario.growth
        if plan is not None and self.mode == "load":
            cap = int(MEMORY_SHARE * limits.memory)
            request["growth"] = {"of": plan.of.value, "calls": plan.calls, "memory_cap": cap}
        request.update(self.more)
        return request


def guest_environment(place: Place) -> Mapping[str, str]:
    """The whole environment of the guest, by allow-list: nothing of the host's comes in but what a device forwards."""
    settings = place.settings
    forwarded = {name: os.environ[name] for name in place.environment.device.forward if name in os.environ}
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(THREAD_NAMES, str(settings.threads)),
        **forwarded,
        **(settings.cpu.env if settings.cpu is not None else {}),
        **settings.env,
    }
