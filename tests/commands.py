"""Commands and options that are printed for a person to type: found in text, and given to the very parser."""

import functools
import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer
import typer.main
from typer.exceptions import TyperException

from lab.cli import renamed
from lab.cli.app import VERBS, app

NAMES = "|".join(sorted((one.name for one in VERBS), key=len, reverse=True))
COMMAND = re.compile(rf"(?<![\w/.-])lab ((?:{NAMES})\b[^\n`，；。：、（）]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
AFTER = ",;:.)\"'"
GENERAL = {"--help", "--workspace", "--version"}


@functools.cache
def _whole() -> Any:
    """The parser of all verbs, made once: it is asked for every command that any test sees printed."""
    return typer.main.get_command(app)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left of them."""
    found: Any = _whole()
    rest = list(words)
    while rest and rest[0] in (getattr(found, "commands", None) or ()):
        found = found.commands[rest.pop(0)]
    return found, rest


def parses(words: list[str]) -> bool:
    """Whether the parser takes the words after `lab`."""
    said: list[str] = []
    found, rest = command_of(renamed.current(words, said.append))
    if said or hasattr(found, "commands"):
        return rest in (["--help"], ["-h"])
    try:
        found.make_context("lab", rest)
    except typer.Exit:  # --help
        return True
    except TyperException:
        return False
    return True


def wrong(text: str) -> list[str]:
    """The commands in a text that the parser does not take as they stand; what follows a command is prose."""
    return [found for found in COMMAND.findall(text) if not _fits(found)]


@functools.cache
def _fits(found: str) -> bool:
    words = _split(found)
    if words[1:2] and words[1].startswith("..."):
        return True
    if command_of(words)[1] == []:
        return True  # only the verb is named
    for size in range(len(words), 0, -1):
        tried = [*words[: size - 1], words[size - 1].rstrip(AFTER)]
        if parses(tried):
            after = words[size] if size < len(words) else ""
            ended = words[size - 1] != tried[-1]
            return ended or not after.startswith("-")
    return False


def _split(found: str) -> list[str]:
    try:
        return shlex.split(found)
    except ValueError:  # a quote that only the prose closes
        return found.split()


def options_of(verb: str) -> set[str]:
    """Every option of a verb."""
    command, _ = command_of(verb.split())
    return {name for one in command.params for name in one.opts} | GENERAL


def lone_options(text: str) -> Iterator[str]:
    """Options that a text names by themselves, outside any command."""
    yield from OPTION.findall(COMMAND.sub("", text))


def tries(text: str) -> list[str]:
    """What the lines of remedies say."""
    return re.findall(r"^  (?:try: |可以试试：)(.*)$", text, re.MULTILINE)


def complaints(words: tuple[str, ...], out: str, err: str) -> list[str]:
    """What is wrong with the commands and options that one command printed."""
    told = re.sub(r"^(lab: |Usage: |用法：).*$", "", out + err, flags=re.MULTILINE)
    bad = [] if out.startswith("{") else wrong(told)
    verb = verb_of(words)
    known = options_of(verb) if verb else GENERAL
    return bad + [
        f"{one} is no option of lab {verb}: {said}"
        for said in tries(err)
        for one in lone_options(said)
        if one not in known
    ]


def verb_of(words: tuple[str, ...]) -> str:
    """The verb of typed words, in today's spelling."""
    try:
        today = renamed.current(words, lambda _: None)
    except Exception:  # noqa: BLE001 - wrong words are what some tests type
        return ""
    found, rest = command_of(today)
    return "" if hasattr(found, "commands") else " ".join(today[: len(today) - len(rest)])
