"""The help of a command in the language that is spoken: its words looked up, and laid out by the columns they take."""

from typing import Any

from rich.cells import cell_len as columns
from rich.text import Text
from typer.core import TyperCommand

from lab.cli import speak
from lab.report.prose import wrapped

_Base: Any = TyperCommand.context_class
_Formatter: Any = _Base.formatter_class
_GAP = 2
_WIDEST = 30


class SpokenFormatter(_Formatter):  # type: ignore[misc]
    """Writes the same parts as Typer's own formatter, in another language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that says how a command is typed."""
        del prefix
        super().write_usage(prog, args, speak.localised("Usage: "))

    def write_heading(self, heading: str) -> None:
        """The name of a part."""
        self.write(f"{' ' * self.current_indent}{speak.localised(f'{heading}:', own=True)}\n")

    def write_text(self, text: str) -> None:
        """Paragraphs of prose."""
        said = [speak.localised(" ".join(one.split()), own=True) for one in text.split("\n\n")]
        indent = " " * self.current_indent
        lines = [[indent + line for line in _lines(one, self.width - self.current_indent)] for one in said]
        self.write("\n\n".join("\n".join(one) for one in lines) + "\n")

    def write_dl(self, rows: Any, col_max: int = _WIDEST, col_spacing: int = _GAP) -> None:
        """Names, and beside each what it means."""
        rows = list(rows)
        first = min(max((columns(name) for name, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, meaning in rows:
            lines = _lines(_meaning(meaning), max(self.width - first - _GAP, 10))
            wide = columns(name) > first - col_spacing
            self.write(f"{indent}{name}" + ("\n" if wide else " " * (first - columns(name)) + f"{lines[0]}\n"))
            for line in lines if wide else lines[1:]:
                self.write(f"{indent}{' ' * first}{line}\n")


def _lines(text: str, width: int) -> list[str]:
    return [line.plain for line in wrapped(Text(text), width)]


def _meaning(text: str) -> str:
    """What an option means, and behind it in brackets what Typer adds: its default, its range, that it is required."""
    said, bracket, added = text.rpartition("  [")
    if not bracket or not added.endswith("]"):
        return speak.localised(" ".join(text.split()), own=True)
    parts = speak.either("; ", "；").join(map(_added, added.removesuffix("]").split("; ")))  # noqa: RUF001 - Chinese
    return f"{speak.localised(' '.join(said.split()), own=True)}  [{parts}]"


def _added(part: str) -> str:
    """One thing that Typer adds; a default is typed as it stands, and no word of it is changed."""
    label, colon, value = part.partition("default: ")
    return speak.localised(colon.strip(), own=True) + value if colon and not label else speak.localised(part, own=True)


class SpokenContext(_Base):  # type: ignore[misc]
    """A command at work whose help is spoken."""

    formatter_class = SpokenFormatter


def taught(command: Any) -> Any:
    """The same command, and those below it, with their help in the language that is spoken."""
    command.context_class = SpokenContext
    for one in getattr(command, "commands", {}).values():
        taught(one)
    return command
