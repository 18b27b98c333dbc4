"""`lab init`: lay out a workspace from the data that the installed package carries."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.screen import say
from lab.errors import UsageError
from lab.storage.workspace import carried

PARTS = ("images", "scenarios")


def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Make a folder the lab can work in: images/, scenarios/, results/, Makefile."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", "name a new folder")
    source = carried()
    for part in PARTS:
        shutil.copytree(source / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "results" / "history").mkdir(parents=True)
    makefile = source / "Makefile" if source.name == "workspace" else source / "docs" / "workspace.mk"
    shutil.copyfile(makefile, folder / "Makefile")
    say(f"a workspace is in {folder}\nnext: cd {folder} && lab repro jit_load_pir")
