"""An exception and what led to it, as one text: the root cause first, what was raised in the end last."""

from collections.abc import Sequence

from lab.outcome.signature import Link
from lab.text import clean

_LED = "which led to "
_SHOWN = 6
_CAUSE = 400


def told(kind: str, message: str, causes: Sequence[Link], limit: int) -> str:
    """The message of an exception, after those of its causes, each in its own lines with its class.

    Without causes it is the message alone. `limit` is for the message; causes are cut shorter, and the last ones left out.
    """
    if not causes:
        return clean(message, limit)
    lines = [_line(one.type, clean(one.message, _CAUSE)) for one in reversed(causes)]
    left = len(lines) - _SHOWN
    more = [f"({left} more in the traceback)"] if left > 0 else []
    return f"\n{_LED}".join([*lines[:_SHOWN], *more, _line(kind, clean(message, limit))])


def raised(kind: str, text: str) -> str:
    """Out of such a text the message of what was raised in the end; the text itself where it tells no causes."""
    before, mark, message = text.rpartition(f"\n{_LED}{kind}:")
    return message.strip() if mark and before else text


def _line(kind: str, message: str) -> str:
    return f"{clean(kind, 200)}: {message}".rstrip()
