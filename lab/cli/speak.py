"""The two streams: everything the lab says goes through here, and here a machine's secrets end.

Here too its words become Chinese where that is spoken: `localised` is asked of the lab's own words, never of a document.
"""

import os
import sys
from typing import Any

from lab.errors import LabError
from lab.text import still

_NAMES = ("LAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def begin() -> None:
    """A new command begins, perhaps in another environment: its secrets are looked for again, once it says something.

    UsageError where LAB_LANG names a language that the lab does not speak.
    """
    door = sys.modules.get("lab.redaction.door")
    if door is not None:
        door.forget()
    if os.environ.get("LAB_LANG"):
        from lab import language  # noqa: PLC0415 - as in _spoken

        language.check(os.environ)


def localised(text: str, *, own: bool = False) -> str:
    """Words of the lab in the language that is spoken; what the catalogue does not know stays as it is.

    `own` says that nobody else's words are among them: a failure, a remedy, a text of the help.
    """
    spoken = _spoken()
    return text if spoken is None else spoken.text(text, own=own)


def out(text: str, end: str = "\n") -> None:
    """Say a part of an answer."""
    _say(text, end, error=False)


def err(text: str, end: str = "\n") -> None:
    """Say something beside the answer: progress, or what is wrong."""
    _say(text, end, error=True)


def failure(error: LabError) -> None:
    """Say one sentence for what is wrong, and one for what to do."""
    err(still(f"lab: {localised(error.what, own=True)}"))
    if error.remedy:
        err(still(f"  {localised('try: ')}{localised(error.remedy, own=True)}"))


def document(text: str) -> None:
    """Say a whole JSON document: its texts are masked, its numbers stay numbers."""
    from lab.redaction import door  # noqa: PLC0415

    print(door.json(text.encode()).decode())


def either(english: str, chinese: str) -> str:
    """What stands in both languages in a file of its own, such as a scenario's summary, in the one that is spoken."""
    return chinese if chinese and translates() else english


def translates() -> bool:
    """Whether another language is spoken than the one the lab is written in."""
    return _spoken() is not None


def _spoken() -> Any:
    """What translates, or None where the lab speaks as it is written; who speaks English loads nothing for it.

    Nearly every machine has a LANG: only where a variable names Chinese is the rule asked which of them decides.
    """
    if not any(os.environ.get(name, "").lower().startswith("zh") for name in _NAMES):
        return None
    from lab import language  # noqa: PLC0415 - see above

    return language.translator(language.chosen(os.environ))


def _say(text: str, end: str, *, error: bool) -> None:
    from lab.redaction import door  # noqa: PLC0415 - what says nothing looks for no secrets

    print(door.shown(text), end=end, file=sys.stderr if error else sys.stdout)
