"""Which fleet, and which of its hosts, the verb that runs was told of; a leaf, so that whoever opens an engine may ask."""

from collections.abc import Callable
from contextvars import ContextVar, Token

_SAID: ContextVar[tuple[str, tuple[str, ...]] | None] = ContextVar("said", default=None)
_WHOLE: ContextVar[tuple[str, tuple[str, ...]]] = ContextVar("whole", default=("", ()))
Said = Token[tuple[str, tuple[str, ...]] | None]


def say(fleet: str | None, on: tuple[str, ...] = ()) -> Said:
    """Keep what --fleet and --on said for the verb that runs; None for one that works on one machine."""
    return _SAID.set(None if fleet is None else (fleet, on))


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
    return found[0] if found is not None else None


def labels() -> tuple[str, ...]:
    """The words that a host must have as labels to do a step; none where every host may."""
    found = _SAID.get()
    return found[1] if found is not None else ()
