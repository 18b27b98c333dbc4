"""`lab new`: the skeleton of a scenario from somebody's report."""

from pathlib import Path
from typing import Annotated

import typer

from lab.cli import opening, options
from lab.cli.screen import say
from lab.errors import UsageError
from lab.scenario import NAME, draft

MOST = 2 * 1024**2


def new(
    report: Annotated[Path, typer.Argument(help="The report: Markdown with code, traceback and versions.")],
    name: Annotated[str, typer.Option("--name", help="The scenario's name; default: the report's file name.")] = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Write a scenario's skeleton from a report: what it says is filled in, the rest is marked, nothing is guessed."""
    found, catalogue = opening.place(workspace)
    chosen = name or report.stem.replace("-", "_").replace(" ", "_")
    if NAME.fullmatch(chosen) is None:
        raise UsageError(f"{chosen!r} cannot be a scenario's name", "--name with letters, digits, _ . -")
    target = found.scenarios / f"{chosen}.py"
    if target.exists():
        raise UsageError(f"{target} exists already", "--name with another name")
    read = draft.read(_text(report), {one.version for one in catalogue.releases})
    target.write_text(draft.skeleton(read), encoding="utf-8")
    say(f"wrote    {target}")
    for what in ("issue", "versions", "flags", "apis", "error", "message"):
        value = getattr(read, what)
        shown = (
            value
            if isinstance(value, str)
            else ", ".join("=".join(one) if isinstance(one, tuple) else one for one in value)
        )
        say(f"{what:<8} {shown or '(the report does not say)'}")
    for gap in draft.gaps(read):
        say(f"open     {gap}")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST:
            raise UsageError(f"{path} has more than {MOST} bytes", "leave only the report in it")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "name a text file") from error
