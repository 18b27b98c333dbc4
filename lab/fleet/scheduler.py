"""The middle of a fleet: it hands steps to hosts and notices when one is lost; it knows nothing of what a step is."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from distributed import Scheduler

from lab.fleet import net, ticket
from lab.fleet.answered import AnswerBook
from lab.fleet.pageless import PagelessScheduler
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port


async def serve(mine: Ticket, say: Callable[[str], None], ready: Callable[[str], None] | None = None) -> None:
    """Be the scheduler at the ticket's address until told to end; `ready` hears the address once it listens."""
    net.configure()
    with ticket.held(mine) as held:
        host, port = host_and_port(mine.scheduler)
        scheduler = PagelessScheduler(
            host=host, port=port, protocol="tls://", security=net.security(held), dashboard=False, jupyter=False
        )
        AnswerBook(scheduler)
        scheduler.handlers.update(lab_hello=_hello(say), lab_end=_end(scheduler, say))
        async with scheduler:
            (ready or say)(str(scheduler.address))
            with contextlib.suppress(asyncio.CancelledError):
                await scheduler.finished()


def _hello(say: Callable[[str], None]) -> Callable[..., Mapping[str, str]]:
    def hello(name: str, about: Mapping[str, object]) -> Mapping[str, str]:
        """Whoever asks gets what this side is, and both say why it does not fit where it does not."""
        if why := net.unlike(net.about(), about):
            say(f"{str(name)[:64]} was refused: it {why}")
        return net.about()

    return hello


def _end(scheduler: Scheduler, say: Callable[[str], None]) -> Callable[..., Any]:
    async def end() -> str:
        """Let every host leave, then end."""
        say("the fleet was told to stop")
        await scheduler.broadcast(msg={"op": "lab_leave"}, on_error="ignore")
        asyncio.get_running_loop().call_later(0.2, lambda: asyncio.ensure_future(scheduler.close()))
        return "OK"

    return end
