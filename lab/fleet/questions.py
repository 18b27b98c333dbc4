"""What a host answers whoever asks it: where it gives files, what it keeps, how it is, and whom it reaches."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from distributed import Worker

from lab.errors import LabError
from lab.fleet import certificates, wire
from lab.fleet.file_carrier import FileCarrier
from lab.fleet.host import FleetHost
from lab.fleet.wire import PIECE


def answers(
    host: FleetHost, worker: Worker, carrier: FileCarrier, gone: asyncio.Event
) -> Mapping[str, Callable[..., Any]]:
    """Every question by its name; `gone` is set where the fleet lets this host go."""
    return {
        "lab_leave": _leaver(gone), "lab_images": _images(host), "lab_kept": _kept(host), "lab_doctor": _doctor(host),
        "lab_bytes": _bytes, "lab_door": _door(host), "lab_ways": _ways(carrier), "lab_answer": _answer(host, worker),
    }  # fmt: skip


def _leaver(gone: asyncio.Event) -> Callable[..., str]:
    def lab_leave() -> str:
        gone.set()
        return "OK"

    return lab_leave


def _door(host: FleetHost) -> Callable[..., str]:
    def lab_door() -> str:
        """Where this host gives files."""
        return host.door

    return lab_door


def _ways(carrier: FileCarrier) -> Callable[..., Any]:
    async def lab_ways(doors: Sequence[str]) -> list[str]:
        """Why this host does not reach each of these doors; empty where it does."""
        with ThreadPoolExecutor(max_workers=max(1, len(doors))) as knocking:
            loop = asyncio.get_running_loop()
            return list(await asyncio.gather(*(loop.run_in_executor(knocking, carrier.way, door) for door in doors)))

    return lab_ways


def _images(host: FleetHost) -> Callable[..., Any]:
    async def lab_images() -> list[str]:
        """The environments that are here, for whoever must ship wheels; none where the engine cannot say."""
        try:
            return [one.environment for one in await asyncio.to_thread(host.engine.images)]
        except LabError:  # one broken host must not end a command that others can work for
            return []

    return lab_images


def _kept(host: FleetHost) -> Callable[..., Any]:
    async def lab_kept() -> list[str]:
        """What this host has answered before: a step that is asked for again is handed to whoever did it."""
        return list(await asyncio.to_thread(host.kept.identities))

    return lab_kept


def _answer(host: FleetHost, worker: Worker) -> Callable[..., Any]:
    async def lab_answer(identity: str) -> bytes:
        """An answer that this host keeps, for another that is asked for the same; empty where it has none."""
        found = await asyncio.to_thread(host.kept.get, identity)
        return wire.packed(replace(found, address=worker.address, door=host.door)) if found is not None else b""

    return lab_answer


def _doctor(host: FleetHost) -> Callable[..., Any]:
    async def lab_doctor() -> dict[str, object]:
        """What only this host can say of itself."""
        free = await asyncio.to_thread(shutil.disk_usage, host.home)
        return {"guest": host.guest[:16], "free": free.free, "now": certificates.moment().isoformat()}

    return lab_doctor


def _bytes(size: int) -> bytes:
    """So many bytes of nothing, for whoever measures the way."""
    return bytes(min(int(size), PIECE))
