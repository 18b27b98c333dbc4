"""Verbs that are loaded when they are called: `lab --help` reads a table, not every room behind every verb."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One command or group of commands: where it lives, and its line in `lab --help`."""

    name: str
    module: str
    help: str
    group: bool = False

    def load(self) -> Any:
        """The command itself: the function of the same name, or the module's `app` for a group."""
        module = import_module(f"lab.cli.{self.module}")
        if self.group:
            made: Any = typer.main.get_group(module.app)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            alone.command(self.name)(getattr(module, self.name.replace("-", "_")))
            made = typer.main.get_command(alone)
        made.name = self.name
        return made


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
            self.commands = LazyCommands(verbs)

        def list_commands(self, ctx: Any) -> list[str]:
            """Names without loading anything."""
            del ctx
            return list(self.commands)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            """The lines of the table."""
            del ctx
            with formatter.section("Commands"):
                formatter.write_dl([(one.name, one.help) for one in verbs])

    return Verbs
