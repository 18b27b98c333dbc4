"""One host's membership: it joins by its ticket, comes back by itself after a cut, and leaves when its lease ends."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from distributed import Worker, get_worker
from distributed.utils import get_ip

from lab import scratch
from lab.errors import InfraError, LabError, UsageError
from lab.fleet import answered, file_door, labels, launch, net, news, ports, questions, ticket, times, whole_verb, wire
from lab.fleet.file_carrier import FileCarrier
from lab.fleet.host import FleetHost
from lab.fleet.kept_answers import Fellows
from lab.fleet.pageless import PagelessWorker
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port
from lab.fleet.whole_verb import VerbParcel
from lab.fleet.wire import Parcel

SLOT, LABEL = "slot", "label-"
MANY = 1e6
"""How often a host can have its label at once: a label, and so a class, is no resource that is used up."""
_HOSTS: dict[str, FleetHost] = {}
"""The hosts of this process by name: one, but for tests. What dask calls finds its host here."""
_CARRIERS: dict[str, FileCarrier] = {}
"""What brings files to each of them."""


class LastingThreadPoolExecutor(ThreadPoolExecutor):
    """The threads of a host, which outlive its membership: a step that runs while the host is cut off comes to its end.

    dask goes by the name of its class, which must have that of the base in it.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False, **_: object) -> None:  # noqa: FBT001, FBT002 - as the base has it
        """Drop what has not begun: another host does it meanwhile."""
        del wait, cancel_futures


async def member(mine: Ticket, host: FleetHost, say: Callable[[str], None], gone: asyncio.Event) -> None:
    """Be a host of a fleet until `gone` is set; UsageError where the fleet refuses it, another has its name, or its ticket ended."""
    net.configure()
    pool = LastingThreadPoolExecutor(max_workers=host.slots)
    waits, patience = launch.waits(), NamePatience()
    with ticket.held(mine) as held:
        _HOSTS[mine.name] = host
        _CARRIERS[mine.name] = carrier = FileCarrier(tls=file_door.context(held, server=False))
        while not gone.is_set():
            try:
                await net.greeted(mine.scheduler, net.security(held), mine.name)
                patience.refuse(mine, await net.holder(mine.scheduler, net.security(held), mine.name))
                address = mine.address or get_ip(host_and_port(mine.scheduler)[0])
                with file_door.door(address, held, host.depot.opened) as door:
                    host.door = door.address
                    async with _joined(_worker(mine, held, host, pool, gone, address)) as worker:
                        carrier.unreached = partial(_cannot_reach, worker)
                        say(f"{mine.name} joined {mine.scheduler} with {host.slots} slot(s)")
                        waits, patience = launch.waits(), NamePatience()
                        await _first(worker.finished(), gone.wait())
                        if gone.is_set():
                            _stopped(host)
                            await worker.close(timeout=2, executor_wait=False)
            except (TimeoutError, OSError, InfraError) as error:
                say(f"{mine.name} is not in the fleet: {_said(error)}")
            if not gone.is_set():
                ticket.refuse_ended(mine, "this host waits for its fleet no more")
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(gone.wait(), next(waits))
    _stopped(host)


class NamePatience:
    """How long a host waits for another of its name to leave: the one before it may be about to, a second one is not."""

    def __init__(self) -> None:
        self._since: float | None = None

    def refuse(self, mine: Ticket, holder: str) -> None:
        """InfraError while the name is another's, whose address is said; UsageError once that has lasted."""
        if not holder:
            return
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        said = f"a host called {mine.name} is in the fleet already, at {holder}"
        if now - self._since < times.NAME_S:
            raise InfraError(said)
        raise UsageError(said, "a ticket is for one host: lab fleet ticket NAME makes one with another name")


@contextlib.asynccontextmanager
async def _joined(worker: Worker) -> AsyncIterator[Worker]:
    """A worker while it is registered; InfraError where the scheduler does not take it."""
    try:
        await worker
    except RuntimeError as error:  # dask's, around a reason of its own
        raise InfraError(f"it could not join: {error.__cause__ or error}") from error
    async with worker:
        yield worker


def _worker(
    mine: Ticket, held: ticket.HeldTicket, host: FleetHost, pool: LastingThreadPoolExecutor, gone: asyncio.Event,
    address: str,
) -> Worker:  # fmt: skip
    words = {*host.classes(), *labels.of(mine.name, host.facts())}
    resources: dict[str, float] = {SLOT: float(host.slots)} | {LABEL + one: MANY for one in words}
    host.home.mkdir(parents=True, exist_ok=True)
    worker = PagelessWorker(
        mine.scheduler, host=address, port=ports.for_dask(), protocol="tls://", name=mine.name, nthreads=host.slots, resources=resources,
        security=net.security(held), memory_limit=0, dashboard=False, local_directory=str(host.home / "dask"),
        executor={"default": pool}, startup_information={"lab": lambda _: dict(host.facts())},
        metrics={"lab": lambda _: dict(host.now())},
    )  # fmt: skip
    worker.handlers.update(questions.answers(host, worker, _CARRIERS[mine.name], gone))
    return worker


def _cannot_reach(worker: Worker, door: str, why: str) -> None:
    """Tell every command that this host does not reach somebody's files."""
    told = {"what": news.UNREACHED, "host": str(worker.name), "door": door, "why": why}
    worker.loop.add_callback(worker.log_event, net.TOPIC, told)


async def _first(*waiting: Any) -> None:
    """Wait for the first of several ends."""
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for one in tasks:
        one.cancel()


def _stopped(host: FleetHost) -> None:
    """End what runs here: containers first, for everything else waits for its threads."""
    with contextlib.suppress(LabError):
        host.end()


def _said(error: BaseException) -> str:
    return error.what if isinstance(error, LabError) else str(error)[:200] or type(error).__name__


def work(mine: Ticket, host: FleetHost, say: Callable[[str], None], over: threading.Event) -> None:
    """Be a host until `over` is set from any thread, or the fleet ends; what still runs then is stopped."""

    async def life() -> None:
        gone, loop = asyncio.Event(), asyncio.get_running_loop()

        def watch() -> None:
            over.wait()
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                loop.call_soon_threadsafe(gone.set)

        threading.Thread(target=watch, name="over", daemon=True).start()
        await member(mine, host, say, gone)

    try:
        asyncio.run(life())
    finally:
        _stopped(host)
        over.set()


def lease(gone: Callable[[], None], descriptor: int = 0) -> None:
    """Watch the stream that the ticket came by: its end is the end of whoever handed it over."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(descriptor, 4096):
                pass
        gone()

    threading.Thread(target=watch, name="lease", daemon=True).start()


def perform(data: bytes) -> bytes:
    """One parcel, in a thread of this host: what dask calls."""
    worker = get_worker()
    host = _HOSTS[str(worker.name)]
    key = worker.get_current_task()
    worker.log_event(net.TOPIC, {"what": news.STARTED, "key": str(key), "host": host.name})
    parcel = wire.unpacked(data, Parcel, "the driver")

    carrier = _CARRIERS[host.name]
    holders = sorted((one for one in parcel.holders if one != host.door), key=carrier.shut)
    givers = [partial(carrier.pull, holder) for holder in holders]
    fellows = Fellows(answer=partial(answered.elsewhere, worker), tell=partial(answered.tell, worker))
    return wire.packed(host.answer(parcel, worker.address, givers, lambda: _wanted(worker, host, key), fellows))


def _wanted(worker: Any, host: FleetHost, key: object) -> bool:
    """Whether anybody waits for a step; a host that is cut off cannot know, and goes on: its answer is kept."""
    if worker.status.name != "running":
        return host.alive
    task = worker.state.tasks.get(key)
    return host.alive and task is not None and task.state != "cancelled"


def verb(data: bytes) -> bytes:
    """A whole verb, in a thread of this host: what dask calls."""
    worker = get_worker()
    host, key = _HOSTS[str(worker.name)], worker.get_current_task()
    parcel = wire.unpacked(data, VerbParcel, "the driver")
    return wire.packed(whole_verb.done(host, parcel, lambda: _wanted(worker, host, key)))


def nothing() -> None:
    """A step that does nothing, for whoever measures what the fleet itself takes."""


def clear(host: FleetHost) -> int:
    """Remove what a killed membership of this host left: its containers, and what was unfinished in its folders."""
    scratch.sweep(host.home)
    return host.engine.reap()
