"""Who of a fleet has answered what: told to the scheduler before an answer leaves its host, and asked there before a step is begun.

A command that comes later than another asks for steps that nobody wants any more and that no host does. Without this, the scheduler would
give them to whoever is free.
"""

from collections import OrderedDict
from typing import Any

from distributed import Scheduler, Worker
from distributed.utils import sync

from lab.errors import InfraError
from lab.fleet import wire
from lab.fleet.kept_answers import MOST
from lab.fleet.wire import HostAnswer

TOLD = "lab-kept"
WAIT_S = 5.0
"""A host that does not give its answer so soon is passed by, and the step is done again."""


class AnswerBook:
    """The scheduler's list of answers that hosts keep, by what they answer; the oldest go first."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Hear what hosts of this scheduler keep, and answer who asks for it."""
        self._scheduler = scheduler
        self._names: OrderedDict[str, str] = OrderedDict()
        scheduler.stream_handlers[TOLD] = self._heard
        scheduler.handlers["lab_answered"] = self._asked

    def _heard(self, identity: str, name: str, worker: str = "") -> None:
        del worker  # a host that comes back has another address, and still its answers
        self._names[str(identity)] = str(name)
        self._names.move_to_end(str(identity))
        while len(self._names) > MOST:
            self._names.popitem(last=False)

    def _asked(self, identity: str) -> str:
        """The address of the host that keeps an answer; empty where none is here that does."""
        name = self._names.get(identity)
        return next((one.address for one in self._scheduler.workers.values() if name and one.name == name), "")


def tell(worker: Worker, identity: str) -> None:
    """Let the scheduler know that this host keeps an answer: on the way that the answer itself takes, so it comes before it."""
    worker.loop.add_callback(worker.batched_send, {"op": TOLD, "identity": identity, "name": str(worker.name)})


def elsewhere(worker: Worker, identity: str) -> HostAnswer | None:
    """The answer that another host keeps; None where none does, or none that is reached and still has its files.

    For a thread of a host, which waits meanwhile.
    """

    async def asked() -> Any:
        address = await worker.scheduler.lab_answered(identity=identity)
        return await worker.rpc(address).lab_answer(identity=identity) if address else None

    try:
        data = sync(worker.loop, asked, callback_timeout=WAIT_S)
        return wire.unpacked(data, HostAnswer, "another host") if data else None
    except (TimeoutError, OSError, InfraError):
        return None
