"""The two streams: everything the lab says goes through here, and here a machine's secrets end."""

import sys

from lab.errors import LabError
from lab.text import still


def begin() -> None:
    """A new command begins, perhaps in another environment: its secrets are looked for again, once it says something."""
    door = sys.modules.get("lab.redaction.door")
    if door is not None:
        door.forget()


def out(text: str, end: str = "\n") -> None:
    """Say a part of an answer."""
    _say(text, end, error=False)


def err(text: str, end: str = "\n") -> None:
    """Say something beside the answer: progress, or what is wrong."""
    _say(text, end, error=True)


def failure(error: LabError) -> None:
    """Say one sentence for what is wrong, and one for what to do."""
    err(still(f"lab: {error.what}"))
    if error.remedy:
        err(still(f"  try: {error.remedy}"))


def document(text: str) -> None:
    """Say a whole JSON document: its texts are masked, its numbers stay numbers."""
    from lab.redaction import door  # noqa: PLC0415

    print(door.json(text.encode()).decode())


def _say(text: str, end: str, *, error: bool) -> None:
    from lab.redaction import door  # noqa: PLC0415 - what says nothing looks for no secrets

    print(door.shown(text), end=end, file=sys.stderr if error else sys.stdout)
