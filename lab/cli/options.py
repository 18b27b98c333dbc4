"""The options that several commands share, each with one meaning everywhere."""

import shlex
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lab import variables
from lab.engine.choose import EngineChoice
from lab.errors import UsageError

ONCE = frozenset({"--json", "--fresh", "--dry-run"})
ONCE_VALUED = frozenset({"--resume", "--workspace", "-w"})

WorkspaceOption = Annotated[
    str, typer.Option("--workspace", "-w", help="The lab's folder; else LAB_WORKSPACE, else the nearest above here.")
]
EngineOption = Annotated[EngineChoice, typer.Option("--engine", "-e", help="Where steps run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
PythonOption = Annotated[str, typer.Option("--python", help='Python of every environment, such as "3.11".')]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Run everything again, whatever is known.")]
ResumeOption = Annotated[str, typer.Option("--resume", help='Go on with an interrupted run: its id, or "last".')]
TimesOption = Annotated[int, typer.Option("--rounds", min=0, max=50, help="Timed processes per pair; 0 = no timing.")]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, max=256, help="Threads Paddle may use.")]


def command() -> str:
    """What the user typed, without what only concerns this one call: the words that start the same run again."""
    kept, words = ["lab"], iter(sys.argv[1:])
    for word in words:
        name = word.partition("=")[0]
        if name in ONCE_VALUED:
            if "=" not in word:
                next(words, None)
        elif name not in ONCE:
            kept.append(word)
    return shlex.join(kept)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE words as a mapping; UsageError names the one that is not such a word."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.replace("_", "").isalnum() or name[:1].isdigit():
            raise UsageError(f"{word!r} is not NAME=VALUE", "for instance --flag FLAGS_enable_pir_api=False")
        if not variables.settable(name, value):
            raise UsageError(f"{name} cannot be set for a guest", f"name another variable: {variables.REFUSED}")
        found[name] = value
    return found


def listed(words: Sequence[str]) -> tuple[str, ...]:
    """Repeated and comma-separated words as one tuple."""
    return tuple(part for word in words for part in word.split(",") if part)
