"""What a command hears of its fleet: which host does which step, which are lost and come back, and who cannot reach whom."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from lab.fleet import ports

HERE = "this machine"
STARTED, UNREACHED = "started", "unreached"
"""What hosts tell everybody."""
LOST_TIMES = 3
"""How many hosts a step may lose before it is given up: it may be the step that ends them."""


def unreached(who: str, other: str, door: str, why: str) -> str:
    """What is said where one member does not reach another's files."""
    return f"{who} cannot reach {other} at {door.removeprefix('tls://')}: {why}; {ports.OPEN}"


def no_answer(name: str, address: str) -> str:
    """What is said of a host that this machine asks in vain."""
    return f"{name} does not answer {HERE} at {address.removeprefix('tls://')}"


def _unsaid(text: str) -> None:
    del text


class FleetNews:
    """What was heard so far, for any thread; `say` is how a command tells its user, and tells each thing once."""

    def __init__(self) -> None:
        """Nothing was heard, and nobody is told."""
        self.say: Callable[[str], None] = _unsaid
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._started: dict[str, str] = {}
        self._losses: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._doors: dict[str, str] = {}
        self._gone: set[str] = set()
        self._told: set[tuple[str, str]] = set()

    def know(self, names: Mapping[str, str]) -> None:
        """Hosts by their addresses."""
        with self._lock:
            self._names.update(names)

    def know_door(self, door: str, name: str) -> None:
        """Who gives files at a door."""
        with self._lock:
            self._doors[door] = name

    def want(self, key: str) -> None:
        """A step of this command was handed over."""
        with self._lock:
            self._wanted.add(key)

    def done(self, key: str) -> None:
        """A step is over, however it ended."""
        with self._lock:
            self._wanted.discard(key)
            self._started.pop(key, None)

    def losses(self, key: str) -> tuple[str, ...]:
        """The hosts that were lost while they did a step, by name."""
        with self._lock:
            return tuple(self._losses.get(key, ()))

    def told(self, event: tuple[float, Any]) -> None:
        """What a host tells everybody: that it begins a step, or that it does not reach somebody."""
        _, told = event
        if not isinstance(told, Mapping):
            return
        host = str(told.get("host"))
        if told.get("what") == STARTED:
            with self._lock:
                self._started[str(told.get("key"))] = host
                back = host in self._gone
                self._gone.discard(host)
            if back:
                self.say(f"{host} is back")
        elif told.get("what") == UNREACHED:
            self.unreached(host, str(told.get("door")), str(told.get("why")))

    def unreached(self, who: str, door: str, why: str) -> None:
        """Say once that a member does not reach a door of somebody whom this command knows."""
        with self._lock:
            other = self._doors.get(door, "")
            new = bool(other) and (who, door) not in self._told
            self._told.add((who, door))
        if new:
            self.say(unreached(who, other, door, why))

    def silent(self, address: str) -> None:
        """Say once that a host is asked in vain."""
        with self._lock:
            name = self._names.get(address, "")
            new = bool(name) and (HERE, address) not in self._told
            self._told.add((HERE, address))
        if new:
            self.say(f"{no_answer(name, address)}; {ports.OPEN}")

    def changed(self, event: tuple[float, Any]) -> None:
        """A host is gone: what it had begun is lost with it, what only waited there is not."""
        _, told = event
        if not isinstance(told, Mapping) or told.get("action") != "remove-worker" or told.get("expected"):
            return
        name = self._names.get(str(told.get("worker")), "")
        keys = {str(key) for key in told.get("processing-tasks") or ()}
        with self._lock:
            lost = keys & {one for one, host in self._started.items() if host == name or not name}
            name = name or next((self._started[one] for one in lost), "")
            for key in lost:
                self._losses.setdefault(key, []).append(self._started.pop(key))
            own = lost & self._wanted
            given_up = sum(len(self._losses[key]) >= LOST_TIMES for key in own)
            self._gone.add(name)
        if name:
            self.say(lost_sentence(name, len(own) - given_up, given_up))


def lost_sentence(name: str, again: int, given_up: int) -> str:
    """What is said of a host that is gone, and of the steps of this command that it had begun."""
    if not again and not given_up:
        return f"{name} is lost; no step of this command had begun there"
    said = [f"{again} step(s) that had begun there are handed over again"] if again else []
    said += [f"{given_up} step(s) that lost {LOST_TIMES} hosts are given up"] if given_up else []
    return f"{name} is lost; {', '.join(said)}"
