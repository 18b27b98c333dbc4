"""This command again: from what a verb was asked, in one spelling, for remedies, stored runs and --resume."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import typer
from typer.exceptions import TyperException

from lab import shell
from lab.cli import renamed, spread
from lab.cli.command import asked
from lab.errors import UsageError

ONCE = frozenset(
    {
        "--format",
        "--json",
        "--output",
        "--fresh",
        "--resume",
        "--dry-run",
        "--workspace",
        "--fleet",
        "--on",
        "--blocks",
        "--quick",
        "--budget",
        "--git-bisect-exit",
    }
)
"""What concerns only one call: how its answer is shown, where it works, how long it takes."""
ANEW = frozenset({"--fresh", "--resume", "--dry-run", "--workspace", "--fleet", "--on"})
"""Those of them that a run which goes on knows by itself, or that are said for every command."""
NOT_KNOWN = (TyperException, typer.Exit, UsageError, ValueError)
"""What the parsers make of a stored command that no verb of today takes: wrong words, --help, an open quote."""


def command(**changes: object) -> str:
    """What this verb was asked, as anybody types it: only what differs from the defaults, in the order of the help.

    `changes` are parameters by name with another value than the typed one.
    """
    now = asked()
    return _said(now.verb, now.context, changes)


def canonical(text: str) -> str:
    """A stored command in today's spelling, so that two of them can be compared; as it is where no verb knows it."""
    found: Any = asked().context.find_root().command
    verb: list[str] = []
    try:
        words = renamed.current(shell.split(text)[1:], lambda _: None)
        while words and hasattr(found, "commands") and words[0] in found.commands:
            found = found.commands[words[0]]
            verb.append(words[0])
            words = words[1:]
        if hasattr(found, "commands"):
            return text  # it stops before any verb
        context = found.make_context(" ".join(["lab", *verb]), words)
    except NOT_KNOWN:
        return text
    return _said(" ".join(verb), context, {})


def elsewhere(**changes: object) -> tuple[str, ...]:
    """This verb's words for another machine: all that was typed but for where it works and what it writes beside."""
    now = asked()
    left_out = {"--fleet", "--on", "--workspace", "--output", "--resume"}
    params = [one for one in now.context.command.params if not left_out & set(one.opts)]
    values = [
        (one, changes.get(one.name, now.context.params.get(one.name))) for one in params if _said_of(one, now.context)
    ]
    words = [word for one, value in values if one.param_type_name == "argument" for word in _words(one, value)]
    words += [word for one, value in values if one.param_type_name == "option" for word in _words(one, value)]
    return (*now.verb.split(), *words, "--format", now.format.value)


def _said_of(one: Any, context: Any) -> bool:
    return _on_the_line(one, context) and one.name in context.params


def _on_the_line(one: Any, context: Any) -> bool:
    """Whether an option was typed, and is not only what is taken anyway."""
    source = context.get_parameter_source(one.name)
    return source is not None and source.name == "COMMANDLINE"


def go_on(text: str, run: str = "last", without: frozenset[str] = frozenset()) -> str:
    """The command that goes on with a run of `text`, from where this one was typed; of this very command all that was typed but `without`."""
    once = _once(without) if text == command() else ""
    return f"{text}{once}{_fleet()}{_where()} --resume {run}"


def beside(*words: str) -> str:
    """Another command of the lab, on what this one made, from where this one was typed."""
    return shell.join(["lab", *words]) + _where()


def _once(without: frozenset[str]) -> str:
    """What was typed for this call alone, such as where the answer is written: whoever goes on wants the same."""
    now = asked()
    values = {**now.context.params, **now.given}
    typed = [
        one
        for one in now.context.command.params
        if one.name in values
        and not without & set(one.opts)
        and (one.name in now.given or (ONCE - ANEW) & set(one.opts))
        and _on_the_line(one, now.context)
    ]
    words = [word for one in typed for word in _words(one, values[one.name])]
    return f" {shell.join(words)}" if words else ""


def _where() -> str:
    """The --workspace that was typed: nothing of it is found without."""
    place = asked().context.params.get("workspace", "")
    return f" --workspace {shell.quote(place)}" if place else ""


def _fleet() -> str:
    """The --fleet and --on that were typed: what was begun there goes on there."""
    words = ["--fleet", fleet] if (fleet := spread.said()) else []
    words += [word for one in spread.labels() for word in ("--on", one)]
    return f" {shell.join(words)}" if words else ""


def _said(verb: str, context: Any, changes: Mapping[str, object]) -> str:
    values = [(one, changes.get(one.name, _typed(one, context))) for one in context.command.params]
    words = [word for one, value in values if one.param_type_name == "argument" for word in _words(one, value)]
    words += [word for one, value in values if one.param_type_name == "option" for word in _words(one, value)]
    return shell.join(["lab", *verb.split(), *words])


def _typed(one: Any, context: Any) -> object:
    """The value that was typed; None where it concerns only this call, or is what is taken anyway."""
    source = context.get_parameter_source(one.name)
    value = context.params.get(one.name, asked().sides.get(one.name) if context is asked().context else None)
    if ONCE & set(one.opts) or source is None or source.name != "COMMANDLINE":
        return None
    return None if value == one.default and not one.required else value


def _words(one: Any, value: object) -> Iterator[str]:
    """A parameter as words of a shell."""
    if value is None or value is False:
        return
    for single in value if isinstance(value, list | tuple) else (value,):
        if one.param_type_name == "option":
            yield max(one.opts, key=len)
        if single is not True:
            yield str(single.value if isinstance(single, Enum) else single)
