"""What a guest reads: its own files, the scenario, its request, and a pipe with what its record must carry."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.engine import emulation
from lab.engine.protocol import Engine, Job, Rooms
from lab.model import Scenario
from lab.run import guest_files
from lab.run.order import NONCE, TOKENS, StepOrder
from lab.scenario import beside
from lab.storage import copies, store


def fill(order: StepOrder, job: Job, engine: Engine, staged: Path) -> dict[str, Any]:
    """Lay out what the guest reads, readable by whoever it runs as: its own files, the scenario; gives the request."""
    guest = job.inbox / "guest"
    guest.mkdir(parents=True)
    for name in guest_files.FILES:
        copies.link(staged / name, guest / name)
    shutil.copyfile(order.scenario.path, job.inbox / "scenario.py")
    lay_beside(order.scenario, job.inbox)
    if order.turns is not None:
        os.mkfifo(job.inbox / TOKENS)
    rooms = engine.rooms(job)
    for path in (job.inbox, guest):
        path.chmod(0o755)
    for name in ("scenario.py", TOKENS):
        if order.turns is not None or name != TOKENS:
            (job.inbox / name).chmod(0o644)
    job.outbox.mkdir(parents=True)
    return {**asked(order, job, engine, rooms), "nonce_from": f"{rooms.inbox}/{NONCE}"}


def lay_beside(scenario: Scenario, folder: Path) -> None:
    """Put the files that a scenario brings along beside its text, readable by whoever a container runs as."""
    for file in scenario.files:
        target = folder / file.name
        for parent in reversed(target.relative_to(folder).parents[:-1]):
            (folder / parent).mkdir(mode=0o755, exist_ok=True)
            (folder / parent).chmod(0o755)
        store.write(target, beside.as_read(Path(scenario.path).parent, file), lasting=False)
        target.chmod(0o644)


def asked(order: StepOrder, job: Job, engine: Engine, rooms: Rooms) -> dict[str, Any]:
    """The request of an order in these rooms, with what the guest sees to itself where the engine has no walls."""
    request = order.request(secrets.token_hex(16), rooms)
    request["prefix"] = emulation.prefix(order.place.settings, rooms.emulator)
    if not engine.isolated:
        request["limits"]["memory_bytes"] = job.limits.memory
        request["starter"] = os.getpid()  # nothing but its parent's end tells a guest that this lab was killed
    return request


@contextlib.contextmanager
def handed_over(inbox: Path, request: dict[str, Any], nonce: str) -> Iterator[str]:
    """Write the request, and hold a pipe out of which the supervisor takes what its record must carry, before its child lives.

    Where the file system has no pipes, the record carries what is in the request, which the child can read as well.
    """
    pipe = inbox / NONCE
    try:
        os.mkfifo(pipe)
    except OSError:
        nonce = request["nonce"]
        del request["nonce_from"]
    store.write(inbox / "request.json", store.pretty(request), lasting=False)
    (inbox / "request.json").chmod(0o644)
    if "nonce_from" not in request:
        yield nonce
        return
    pipe.chmod(0o644)
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.write(descriptor, nonce.encode())
        yield nonce
    finally:
        os.close(descriptor)
        pipe.unlink(missing_ok=True)  # a pipe left in a results folder would hang a reader
