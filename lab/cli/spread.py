"""Which fleet the verb that runs was told of; a leaf, so that whoever opens an engine may ask."""

from contextvars import ContextVar

_SAID: ContextVar[str | None] = ContextVar("said", default=None)

say = _SAID.set
"""Keep what --fleet said for the verb that runs; gives what takes it back."""
forget = _SAID.reset
said = _SAID.get
"""What --fleet said, empty where it was left out; None in a verb that works on one machine."""
