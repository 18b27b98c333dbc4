"""How a search is shown while it runs, and how it is left."""

import shlex
import sys
from collections.abc import Generator
from typing import TypeVar

from lab.cli.repro import shown
from lab.cli.screen import Screen
from lab.errors import InfraError, Interrupted
from lab.run.events import Began, Done, Event, RunEnded, Told

Answer = TypeVar("Answer")
ONCE = frozenset({"--workspace", "-w", "--resume"})
PLAIN = frozenset({"--fresh", "--dry-run"})


def follow(events: Generator[Event | Answer], screen: Screen, command: str, *, resumed: bool = True) -> Answer:
    """Show every event of a search and give back its answer; Ctrl-C stops the containers and says how to go on.

    `resumed` says that the command has --resume.
    """
    try:
        with screen:
            for event in events:
                if isinstance(event, Told | Began | Done):
                    shown(event, screen)
                elif not isinstance(event, RunEnded):
                    return event
    except KeyboardInterrupt:
        events.close()
        raise Interrupted(
            "interrupted; every finished trial is kept",
            f"to go on, run the same again: {command}" + ("; with --resume last in the same run" if resumed else ""),
        ) from None
    raise InfraError("the search ended without an answer", "report this as a bug of the lab")


def command() -> str:
    """This command as somebody else would type it: without the place of this workspace, and not as a resumption."""
    words: list[str] = []
    for before, word in zip(sys.argv, sys.argv[1:], strict=False):
        if word not in PLAIN and not {before, word} & ONCE and not word.startswith(tuple(f"{one}=" for one in ONCE)):
            words.append(word)
    return shlex.join(["lab", *words])
