"""A verb as a command: the options every answer has, and what this one was asked, for whoever must say it again."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand

from lab.cli import given as given_builds
from lab.cli import spread
from lab.cli.examples import EXAMPLES, named
from lab.cli.gate import Gate
from lab.cli.options import (
    DATA,
    ENDINGS,
    PREFERRED,
    FleetOption,
    Format,
    FormatOption,
    GithubOption,
    JsonOption,
    JunitOption,
    LoadOnOption,
    OnOption,
    OutputOption,
    SaveOnOption,
)
from lab.errors import LabError, StopsBisectError, UsageError

Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a verb was asked: its words as they were parsed, in which format it answers, and into which files.

    `given` are the options of the answer, which the verb itself never sees; `sides` others that it is not given, and that are
    part of its question all the same.
    """

    verb: str
    context: typer.Context
    format: Format = Format.TEXT
    files: tuple[tuple[Path, Format], ...] = ()
    gate: Gate = field(default_factory=Gate)
    given: Mapping[str, object] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> bool:
        """Whether stdout belongs to a program: nothing else is printed there, and no progress is told."""
        return self.format in DATA

    @property
    def alone(self) -> bool:
        """Whether stdout holds the answer in one form and nothing beside it, so that nobody is told anything before."""
        return self.json or (self.format is not Format.TEXT and not self.files)


_ASKED: ContextVar[Asked] = ContextVar("asked")


def asked() -> Asked:
    """What the verb that runs was asked."""
    return _ASKED.get()


def answers(*formats: Format, cases: bool = False) -> Callable[[Function], Function]:
    """Declare in which formats a verb answers beside those of data; it gets --format, --json and, where it writes nothing else, --output.

    One whose answer is made of `cases` gets --junit and --github too.
    """

    def declared(verb: Function) -> Function:
        verb.__dict__["formats"] = tuple(dict.fromkeys((*formats, *DATA)))
        verb.__dict__["cases"] = cases
        return verb

    return declared


def spreads(verb: Function) -> Function:
    """Declare that a verb's steps may be done by the hosts of a fleet; it gets --fleet."""
    verb.__dict__["spreads"] = True
    return verb


def splits(verb: Function) -> Function:
    """Declare that a verb that spreads may save on other hosts than it loads on; it gets --save-on and --load-on."""
    verb.__dict__["splits"] = True
    return verb


def movable(verb: Function) -> Function:
    """Declare that a verb may be done as a whole on one host of a fleet; it gets --fleet and --on."""
    verb.__dict__["movable"] = True
    return verb


class VerbCommand(TyperCommand):
    """A command that takes the options of its answer by itself and keeps what it was asked."""

    def __init__(
        self, name: str | None, *, callback: Callable[..., Any] | None = None, params: Any = None, **rest: Any
    ) -> None:
        self.formats: tuple[Format, ...] = getattr(callback, "formats", ())
        own = list(params or ())
        taken = {one.name for one in own}
        self.spreads, self.movable = (bool(getattr(callback, name, False)) for name in ("spreads", "movable"))
        self.fleets = _of_a_fleet() if self.spreads or self.movable else ()
        self.fleets += _of_sides() if getattr(callback, "splits", False) else ()
        more = (*_of_an_answer(), *(_of_cases() if getattr(callback, "cases", False) else ()))
        self.added = [_naming(one, self.formats) for one in more if one.name not in taken and self.formats]
        shown = [*own, *self.fleets, *self.added]
        for one in shown:
            named(name or "", one)
        super().__init__(name, callback=callback, params=shown, **rest)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """The words of the help, then commands that show the verb at work."""
        super().format_help_text(ctx, formatter)
        found = EXAMPLES.get(ctx.command_path.partition(" ")[2], ())
        if found:
            with formatter.section("Examples"):
                formatter.write("".join(f"{' ' * formatter.current_indent}{one}\n" for one in found))

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence of the help, whole, for the list of a group: it is wrapped there, never cut."""
        del limit
        first = " ".join((self.help or "").partition("\n\n")[0].split())
        return first.partition(". ")[0].removesuffix(".") + "."

    def invoke(self, ctx: Any) -> Any:
        """Run the verb with what was asked within reach; UsageError for a format or a file it cannot answer in."""
        given = {one.name: ctx.params.pop(one.name) for one in self.added}
        chosen = Format.JSON if given.get("json") else given.get("format", Format.TEXT)
        _known(chosen, self.formats or (Format.TEXT,), f"--format {chosen}")
        files = tuple(_file(path, chosen, self.formats) for path in given.get("output") or ())
        junit = given.get("junit")
        _writable(*([junit] if junit else []))
        verb = ctx.command_path.partition(" ")[2]
        sides = {one.name: ctx.params.pop(one.name) for one in self.fleets}
        fleet, on = str(sides.pop("fleet", "")), tuple(sides.pop("on", ()) or ())
        try:
            ctx.params.update(given_builds.taken(self, ctx.params))
        except UsageError as error:
            if ctx.params.get("git_bisect_exit"):
                raise StopsBisectError(error.what, error.remedy) from error
            raise
        gate = Gate(verb=verb, junit=junit, github=given.get("github", False))
        now = Asked(
            verb=verb, context=ctx, format=chosen, files=files, gate=gate, given=given, sides=sides
        )  # fmt: skip
        token = _ASKED.set(now)
        spread_token = spread.say(spread.FleetWords(fleet=fleet, on=on, **sides) if self.spreads else None)
        back = spread.alone(on if self.movable else (), fleet)
        try:
            return super().invoke(ctx)
        except LabError as error:
            if gate.asked:
                gate.failed(error)
            raise
        finally:
            _ASKED.reset(token)
            spread.forget(spread_token)
            back()


@cache
def _of_an_answer() -> tuple[Any, ...]:
    """The options of an answer as Typer makes them."""

    def answer(
        format: FormatOption = Format.TEXT,  # noqa: A002
        json: JsonOption = False,
        output: OutputOption = [],  # noqa: B006
    ) -> None:
        del format, json, output

    made = typer.Typer(add_completion=False)
    made.command()(answer)
    return tuple(typer.main.get_command(made).params)


@cache
def _of_cases() -> tuple[Any, ...]:
    """The options of an answer that is made of cases."""

    def answer(junit: JunitOption = None, github: GithubOption = False) -> None:
        del junit, github

    made = typer.Typer(add_completion=False)
    made.command()(answer)
    return tuple(typer.main.get_command(made).params)


@cache
def _of_a_fleet() -> tuple[Any, ...]:
    """The options of a verb that fleets know."""

    def spread(fleet: FleetOption = "", on: OnOption = []) -> None:  # noqa: B006 - typer copies it
        del fleet, on

    made = typer.Typer(add_completion=False)
    made.command()(spread)
    return tuple(typer.main.get_command(made).params)


@cache
def _of_sides() -> tuple[Any, ...]:
    """The options of a verb whose savers may be other hosts than its loaders."""

    def split(save_on: SaveOnOption = "", load_on: LoadOnOption = "") -> None:
        del save_on, load_on

    made = typer.Typer(add_completion=False)
    made.command()(split)
    return tuple(typer.main.get_command(made).params)


def _naming(option: Any, formats: Sequence[Format]) -> Any:
    """The option as this verb's help shows it: --format names the forms in which the verb answers, and no others."""
    shown = copy(option)
    if shown.name == "format":
        shown.metavar = f"[{'|'.join(formats)}]"
    return shown


def _known(wanted: Format, formats: Sequence[Format], where: str) -> None:
    if wanted not in formats:
        raise UsageError(f"{where}: this command does not answer as {wanted}", f"one of {', '.join(formats)}")


def _writable(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"{path} cannot be written", "name a file in a folder that exists")


def _file(path: Path, chosen: Format, formats: Sequence[Format]) -> tuple[Path, Format]:
    """A file with the format it is written in; said before hours of work that it cannot be written after them."""
    _writable(path)
    asked_for = (chosen,) if chosen is not Format.TEXT else ()
    wanted = ENDINGS.get(path.suffix) or next(one for one in (*asked_for, *PREFERRED) if one in formats)
    _known(wanted, formats, str(path))
    return path, wanted
