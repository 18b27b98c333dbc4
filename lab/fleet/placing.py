"""Which hosts of a fleet are asked for a step, and which are asked last."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.errors import InfraError
from lab.fleet.engine import FleetEngine
from lab.fleet.link import FleetLink, FleetMember
from lab.fleet.wire import HostAnswer, HostRefusal
from lab.model import Place
from lab.storage import store

DRAINED_S = 10.0
"""For so long a host that took no work is asked last; by then the fleet knows how it is."""
FRESH_S = 10.0
"""Seconds for which it is not asked again who has which image."""
_ASKED_LAST = {HostRefusal.UNABLE, HostRefusal.UNFED}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way a step may be handed over: under which key, and to whom alone, or with `others` first; nobody named means anyone."""

    key: str
    workers: tuple[str, ...] = ()
    others: bool = False


class Placing:
    """What a command has learnt of its hosts; for any thread."""

    def __init__(self, link: FleetLink, engine: FleetEngine) -> None:
        self._link, self._engine = link, engine
        self._refused: dict[str, float] = {}
        self._unreached: dict[str, str] = {}
        self._pinned: dict[tuple[str, str, str], FleetMember] = {}
        self._images: tuple[float, Mapping[str, Sequence[str]]] = (-FRESH_S, {})
        self._lock, self._looking = threading.Lock(), threading.Lock()

    def passed_by(self, answer: HostAnswer) -> None:
        """A host gave no step: those that cannot do any are asked last for a while."""
        if answer.refusal in _ASKED_LAST:
            self._refused[answer.address] = time.monotonic()

    def unreached(self, answer: HostAnswer) -> None:
        """A host's files cannot be brought: what it does is worth nothing here."""
        self._unreached[answer.address] = answer.door

    def doors_unreached(self) -> tuple[str, ...]:
        """The doors that this machine cannot go to."""
        return tuple(self._unreached.values())

    def first(self, place: Place, keeper: str) -> tuple[str, ...]:
        """The hosts to ask first: who has answered this before, else those that have not just said no; nobody where all are alike."""
        if keeper and keeper not in self._unreached:
            return (keeper,)
        now, members = time.monotonic(), self._engine.members()
        drained = {one.address for one in members if one.unable} | self._unreached.keys()
        drained |= {address for address, since in list(self._refused.items()) if now - since < DRAINED_S}
        able = tuple(one.address for one in self._engine.fitting(place) if one.address not in drained)
        return able if drained else ()

    def next(self, place: Place, before: Attempt, passed: Sequence[str], label: str, why: str) -> Attempt:
        """The next try, by everybody of the class who has not refused; InfraError where nobody is left."""
        left = [one.address for one in self._engine.fitting(place) if one.address not in passed]
        if not left:
            wanted = self._engine.host_class(place)
            raise InfraError(f"no other host of class {wanted} could do {label}: {why}", "lab fleet doctor")
        number = len(passed)
        return Attempt(
            key=f"{before.key.partition('#')[0]}#{number}-{store.key_of({'l': left})[:8]}", workers=tuple(left)
        )

    def built(self, place: Place) -> tuple[str, ...]:
        """The hosts that may do a step of this place and have its image already."""
        with self._looking:
            since, known = self._images
            if time.monotonic() - since > FRESH_S:
                known = self._link.ask_all("lab_images")
                self._images = (time.monotonic(), known)
        key = place.environment.key
        return tuple(one.address for one in self._engine.fitting(place) if key in known.get(one.address, ()))

    def timing(self, run_id: str, place: Place) -> FleetMember:
        """The host that takes all times of a run on its class; chosen once."""
        with self._lock:
            known = (run_id, self._engine.host_class(place), place.settings.on)
            if known not in self._pinned:
                self._pinned[known] = _quietest(self._engine.fitting(place))
            return self._pinned[known]


def _quietest(members: Sequence[FleetMember]) -> FleetMember:
    """The quietest host, by name among equals."""
    able = [one for one in members if not one.unable] or list(members)
    return min(able, key=lambda one: (len(one.now.get("steps", ())), one.name))
