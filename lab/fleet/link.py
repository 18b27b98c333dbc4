"""A driver's connection to a fleet: who its hosts are, steps handed over, files given and taken, and what is heard of losses."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from distributed import Client
from distributed.utils import get_ip

from lab.errors import InfraError, LabError
from lab.fleet import file_door, labels, net, news, ports, ticket, times
from lab.fleet.depot import Giver, Offers
from lab.fleet.file_carrier import FileCarrier
from lab.fleet.join import LABEL, SLOT, nothing, perform, verb
from lab.fleet.news import HERE, FleetNews
from lab.fleet.ticket import Ticket
from lab.fleet.where import host_and_port

CONNECT_S = 10
LATE_S = 60
CLOSE_S = 1.0
END_S = 10.0
LOOK_S = 0.1


@dataclass(frozen=True, kw_only=True)
class FleetMember:
    """One host as the fleet knows it: its name and address, what it found of itself, and what it does now."""

    name: str
    address: str
    facts: Mapping[str, str]
    now: Mapping[str, Any] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        """How many steps it carries."""
        return int(self.facts.get("slots", "1"))

    @property
    def labels(self) -> frozenset[str]:
        """Its words: those it was given, and those that were found."""
        return labels.of(self.name, self.facts)

    @property
    def unable(self) -> str:
        """Why it takes no work; empty where it does."""
        return str(self.now.get("unable", ""))


class FleetLink:
    """One connection, open as long as its command works; every method is for any thread."""

    def __init__(self, mine: Ticket) -> None:
        """Connect, or say in one sentence why that cannot be: nobody there, another fleet, or another lab."""
        net.configure()
        self.ticket, self.offers = mine, Offers()
        self._stack = contextlib.ExitStack()
        held = self._stack.enter_context(ticket.held(mine))
        self._security = net.security(held)
        self.news = FleetNews()
        self._carrier = FileCarrier(
            tls=file_door.context(held, server=False),
            reach_s=times.DRIVER_REACH_S,
            unreached=partial(self.news.unreached, HERE),
        )
        self._asking = threading.Lock()
        self._keepers: dict[str, str] | None = None
        self.names: dict[str, str] = {}
        try:
            self.client = Client(
                mine.scheduler, security=self._security, timeout=CONNECT_S, set_as_default=False, name=mine.name
            )
        except (OSError, TooLate) as error:
            raise net.unreached(mine.scheduler, error) from error
        try:
            self.client.sync(net.greeted, mine.scheduler, self._security, mine.name)
            here = get_ip(host_and_port(mine.scheduler)[0])
            self._door = self._stack.enter_context(file_door.door(here, held, self.offers.opened))
        except BaseException:
            self.close()
            raise
        self.news.know_door(self.door, HERE)
        self.client.subscribe_topic(net.TOPIC, self.news.told)
        self.client.subscribe_topic("all", self.news.changed)

    @property
    def door(self) -> str:
        """Where this driver gives the files that it offers, to whoever is of this fleet and asks by hash."""
        return self._door.address

    @property
    def lost(self) -> bool:
        """Whether the scheduler is gone."""
        return self.client.status != "running"

    def ended(self) -> bool:
        """Wait until the scheduler is gone that was told to end; whether it is."""
        end = time.monotonic() + END_S
        while not self.lost and time.monotonic() < end:
            time.sleep(LOOK_S)
        return self.lost

    def members(self) -> tuple[FleetMember, ...]:
        """The hosts that are in the fleet now, by name."""
        try:
            told = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TooLate, TypeError, AttributeError) as error:
            raise self.gone() from error
        found = [
            FleetMember(
                name=str(one["name"]), address=str(address), facts=one["lab"],
                now=(one.get("metrics") or {}).get("lab") or {},
            )
            for address, one in told.items()
            if isinstance(one.get("lab"), Mapping)
        ]  # fmt: skip
        self.names.update({one.address: one.name for one in found})
        self.news.know(self.names)
        return tuple(sorted(found, key=lambda one: one.name))

    def keeper(self, identity: str) -> str:
        """The address of the host that has answered this before, for a driver that is lost now; empty where none did.

        Asked of every host once: what this driver was answered itself it has.
        """
        with self._asking:
            if self._keepers is None:  # whoever is gone or does not say has nothing to give
                kept = self.ask_all("lab_kept").items()
                self._keepers = {identity: address for address, theirs in kept for identity in theirs}
        return self._keepers.get(identity, "")

    def submit(
        self, data: bytes, key: str, needs: Sequence[str], workers: tuple[str, ...] = (), *, others: bool = False
    ) -> Any:
        """Hand a parcel over; the same key from any driver is the same work.

        `needs` are the class and the labels that whoever does it must have. `workers` are the only addresses that may do it,
        or with `others` those that are asked first.
        """
        resources = {SLOT: 1} | {LABEL + one: 1 for one in needs}
        self.news.want(key)
        return self.client.submit(
            perform, data, key=key, pure=True, resources=resources, workers=list(workers) or None,
            allow_other_workers=others,
        )  # fmt: skip

    def verb(self, data: bytes, member: FleetMember) -> bytes:
        """A whole verb on one host, with nothing of the fleet beside it; not wanted any more where this is left early."""
        over = threading.Event()
        future = self.client.submit(
            verb, data, key=f"verb/{secrets.token_hex(8)}", resources={SLOT: member.slots}, workers=[member.address]
        )
        future.add_done_callback(lambda _: over.set())
        try:
            while not over.wait(LOOK_S):
                if self.lost:
                    raise self.gone()
            return bytes(future.result(timeout=LATE_S))
        except CancelledError as error:
            raise self.gone() from error
        finally:
            future.cancel()

    def nothing(self, address: str) -> None:
        """Let a host do a step that does nothing; InfraError where it does not come back."""
        try:
            self.client.submit(nothing, pure=False, workers=[address]).result(timeout=LATE_S)
        except (TooLate, CancelledError, OSError) as error:
            raise self.gone() from error

    def giver(self, door: str) -> Giver:
        """Whoever gives files at a door; UngivenError, when a file is asked for, where that is none."""
        return partial(self._carrier.pull, door)

    def way(self, door: str) -> str:
        """Why this machine does not reach somebody's files; empty where it does."""
        return self._carrier.way(door)

    def ask(self, address: str, what: str, **words: object) -> Any:
        """One question to a host, or to the scheduler (""); InfraError where it is not answered."""
        try:
            return self.client.sync(self._asked, address, what, words, callback_timeout=LATE_S)
        except (OSError, TooLate) as error:
            raise self._silent(address) from error

    def ask_all(self, what: str, **words: object) -> Mapping[str, Any]:
        """The answers of all hosts to one question, by their addresses; who does not answer in time is left out."""
        hosts = [one.address for one in self.members()]

        async def asked() -> list[Any]:
            all_of_them = (asyncio.wait_for(self._asked(one, what, words), times.SOON_S) for one in hosts)
            return await asyncio.gather(*all_of_them, return_exceptions=True)

        answers = dict(zip(hosts, self.client.sync(asked, callback_timeout=LATE_S), strict=True))
        for one, error in answers.items():
            if isinstance(error, (OSError, TooLate)):
                self.news.silent(one)
        return {one: said for one, said in answers.items() if not isinstance(said, BaseException)}

    async def _asked(self, address: str, what: str, words: Mapping[str, object]) -> Any:
        return await getattr(self.client.rpc(address or self.ticket.scheduler), what)(**words)

    def _silent(self, address: str) -> LabError:
        if not address:
            return self.gone()
        return InfraError(news.no_answer(self.names.get(address, "a host"), address), ports.OPEN)

    def gone(self) -> LabError:
        """What is said where the scheduler does not answer any more."""
        return InfraError(
            f"the fleet's scheduler at {self.ticket.scheduler} does not answer any more; hosts keep what they have done",
            f"lab fleet start {self.ticket.scheduler}, on that machine",
        )

    def close(self) -> None:
        """Leave the fleet; what nobody else wants is dropped there."""
        with contextlib.suppress(Exception):  # whatever a dying connection says is no news beside why it is closed
            self.client.close(CLOSE_S)
        self.client.status = (
            "closed"  # else it would close itself once more when it is forgotten, and say that news aloud
        )
        self._carrier.close()
        self._stack.close()
