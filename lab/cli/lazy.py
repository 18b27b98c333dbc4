"""Verbs that are loaded when they are called: `lab --help` reads a table, not every room behind every verb."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One command, or group of commands, in the module of its name: its part of `lab --help` and its line there.

    The line is also how the command's own help begins; what the function says goes on from there.
    """

    name: str
    part: str
    help: str
    group: bool = False

    def load(self) -> Any:
        """The command itself: the function of the same name, or the module's `app` for a group."""
        from lab.cli.command import VerbCommand  # noqa: PLC0415 - `lab --help` needs the table only

        module = import_module(f"lab.cli.{self.name}")
        if self.group:
            for one in module.app.registered_commands:
                one.cls = VerbCommand
            made: Any = typer.main.get_group(module.app)
            made.help = self.help
        else:
            verb = getattr(module, self.name)
            alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            alone.command(self.name, cls=VerbCommand, help=f"{self.help}\n\n{getdoc(verb) or ''}")(verb)
            made = typer.main.get_command(alone)
        made.name = self.name
        return spoken(made)


def spoken(command: Any) -> Any:
    """A command with its help in the language that is spoken; for English nothing is loaded and nothing changed."""
    from lab.cli import speak  # noqa: PLC0415

    if not speak.translates():
        return command
    from lab.cli.help_text import taught  # noqa: PLC0415 - only where another language is spoken

    return taught(command)


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each made when it is first taken."""

    def __init__(self, verbs: tuple[Verb, ...]) -> None:
        self.verbs = {one.name: one for one in verbs}
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Load on first use; KeyError for a name that is no verb."""
        if name not in self._made:
            self._made[name] = self.verbs[name].load()
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        """Take a command that is made already."""
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        """Forget a command."""
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Names, in the order of the table."""
        return iter(self.verbs)

    def __len__(self) -> int:
        """How many verbs there are."""
        return len(self.verbs)


def group_of(verbs: tuple[Verb, ...]) -> type[TyperGroup]:
    """A Typer group over a table of verbs."""

    class Verbs(TyperGroup):
        """The top of the command line."""

        def __init__(self, **attrs: Any) -> None:
            super().__init__(**attrs)
            self.commands = {}
            spoken(self)
            self.commands = LazyCommands(verbs)

        def list_commands(self, ctx: Any) -> list[str]:
            """Names without loading anything."""
            del ctx
            return list(self.commands)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            """The lines of the table, part by part."""
            del ctx
            for part in dict.fromkeys(one.part for one in verbs):
                with formatter.section(part):
                    formatter.write_dl([(one.name, one.help) for one in verbs if one.part == part])

    return Verbs
