"""The middle of a fleet: it hands steps to hosts and notices when one is lost; it knows nothing of what a step is."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from distributed import Scheduler

from lab.fleet import net, ticket
from lab.fleet.answered import AnswerBook
from lab.fleet.pageless import PagelessScheduler
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port

LEAVE_S = 20.0
"""How long hosts may take to put away what runs, once a fleet was told to end."""
LOOK_S = 0.1
ALIVE_S = 5.0
"""A host that does not answer so soon does not keep its name from one that comes."""
SAID_S = 0.2
"""Between the answer to whoever told a fleet to end, and its end."""


async def serve(mine: Ticket, say: Callable[[str], None], ready: Callable[[str], None] | None = None) -> bool:
    """Be the scheduler at the ticket's address until told to end, which it tells; `ready` hears the address once it listens."""
    net.configure()
    with ticket.held(mine) as held:
        host, port = host_and_port(mine.scheduler)
        scheduler = PagelessScheduler(
            host=host, port=port, protocol="tls://", security=net.security(held), dashboard=False, jupyter=False
        )
        AnswerBook(scheduler)
        members = Membership(scheduler, say)
        async with scheduler:
            (ready or say)(str(scheduler.address))
            with contextlib.suppress(asyncio.CancelledError):
                await scheduler.finished()
        return members.ending


class Membership:
    """Who comes into a fleet, and how all leave it."""

    def __init__(self, scheduler: Scheduler, say: Callable[[str], None]) -> None:
        """Answer whoever comes to this scheduler, and whoever tells it to end."""
        self._scheduler, self._say = scheduler, say
        self.ending = False
        scheduler.handlers.update(lab_hello=self._hello, lab_place=self._place, lab_end=self._end)

    def _hello(self, name: str, about: Mapping[str, object]) -> Mapping[str, str]:
        """Whoever asks gets what this side is, and both say why it does not fit where it does not."""
        if why := net.unlike(net.about(), about):
            self._say(f"{str(name)[:64]} was refused: it {why}")
        return {**net.about(), **({net.ENDING: "yes"} if self.ending else {})}

    async def _place(self, name: str) -> str:
        """The address of a host that is here under a name and alive; empty where the name is free, if need be from now on."""
        address = str(self._scheduler.aliases.get(name, ""))
        if not address:
            return ""
        try:
            await asyncio.wait_for(self._scheduler.rpc(address).lab_door(), ALIVE_S)
        except (TimeoutError, OSError):  # it was cut off or its power was, and it was not given up yet
            await self._scheduler.remove_worker(address, stimulus_id="lab-place")
            return ""
        return address

    async def _end(self) -> Mapping[str, Sequence[str]]:
        """Let every host leave, then end; tells by name who has left and who has not."""
        self.ending = True
        self._say("the fleet was told to stop")
        loop, hosts = asyncio.get_running_loop(), self._hosts()
        await self._scheduler.broadcast(msg={"op": "lab_leave"}, on_error="ignore")
        end = loop.time() + LEAVE_S
        while self._hosts() and loop.time() < end:  # noqa: ASYNC110 - dask has no event for a host that left
            await asyncio.sleep(LOOK_S)
        here = self._hosts()
        loop.call_later(SAID_S, lambda: asyncio.ensure_future(self._scheduler.close()))
        return {"left": sorted(hosts - here), "here": sorted(here)}

    def _hosts(self) -> frozenset[str]:
        return frozenset(str(one.name) for one in self._scheduler.workers.values())
