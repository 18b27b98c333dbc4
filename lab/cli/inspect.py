"""`lab inspect`: what a saved model is, who wrote it and who can read it, without Paddle and without unpickling."""

from pathlib import Path
from typing import Annotated

import typer

from lab import formats
from lab.cli import options
from lab.cli.screen import say, show
from lab.storage import store


def inspect(
    path: Annotated[Path, typer.Argument(help="A model's folder, its prefix (net for net.pdmodel) or one file.")],
    prefix: Annotated[str, typer.Option("--prefix", help="Which model, where a folder holds several.")] = "",
    hashed: Annotated[bool, typer.Option("--hash", help="Also the sha256 of each file; reads them whole.")] = False,
    json: options.JsonOption = False,
) -> None:
    """Say what a saved model is, who wrote it and which releases read it; exit 2 if a file is damaged."""
    found = formats.inspect(path, prefix=prefix, hashed=hashed)
    if json:
        say(store.pretty(found).decode())
    else:
        from lab.report import inspect as report_inspect  # noqa: PLC0415

        show(report_inspect.render(found))
    raise typer.Exit(2 if found.broken else 0)
