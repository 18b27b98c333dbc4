"""Which fleet, and which of its hosts, the verb that runs was told of; a leaf, so that whoever opens an engine may ask."""

from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FleetWords:
    """What a verb was told of a fleet: which one, the labels of all its hosts, and the label of those that save, and that load."""

    fleet: str = ""
    on: tuple[str, ...] = ()
    save_on: str = ""
    load_on: str = ""

    @property
    def labels(self) -> str:
        """The first option that names hosts, as it was typed; empty where none does."""
        named = (("--on", " ".join(self.on)), ("--save-on", self.save_on), ("--load-on", self.load_on))
        return next((f"{option} {word}" for option, word in named if word), "")


_SAID: ContextVar[FleetWords | None] = ContextVar("said", default=None)
_WHOLE: ContextVar[tuple[str, tuple[str, ...]]] = ContextVar("whole", default=("", ()))
Said = Token[FleetWords | None]
_NOTHING = FleetWords()


def say(words: FleetWords | None) -> Said:
    """Keep what the verb that runs was told of a fleet; None for one that works on one machine."""
    return _SAID.set(words)


def forget(token: Said) -> None:
    """The verb has ended."""
    _SAID.reset(token)


def alone(on: tuple[str, ...], fleet: str) -> Callable[[], None]:
    """Keep for a verb that is done as a whole which fleet and host are meant; gives what takes it back."""
    token = _WHOLE.set((fleet, on))
    return lambda: _WHOLE.reset(token)


def whole() -> tuple[str, tuple[str, ...]]:
    """The fleet and the labels of the host that shall do this verb as a whole; no labels for this machine."""
    return _WHOLE.get()


def said() -> str | None:
    """What --fleet said, empty where it was left out; None in a verb that works on one machine."""
    found = _SAID.get()
    return found.fleet if found is not None else None


def words() -> FleetWords:
    """All that the verb was told of a fleet; nothing for one that works on one machine."""
    return _SAID.get() or _NOTHING


def labels() -> tuple[str, ...]:
    """The words that a host must have as labels to do a step; none where every host may."""
    return words().on
