"""`lab init`: lay out a workspace from the data that the installed package carries."""

import shutil
from pathlib import Path

from lab import scratch, shell
from lab.cli import answer, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import say
from lab.errors import UsageError
from lab.storage.workspace import carried

PARTS = ("images", "scenarios")


@answers(Format.TEXT)
def init(folder: options.NewFolderArgument) -> None:
    """It holds images/, scenarios/, results/ and a Makefile, and may be empty before."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", "name a new folder")
    if folder.is_dir():
        _fill(folder)
    else:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder_beside(folder.absolute()) as room:
            _lay_out(room / "whole")
            (room / "whole").rename(folder)
    there = "" if folder.resolve() == Path.cwd() else f"cd {shell.quote(str(folder))} && "
    told = f"a workspace is in {folder}\nnext: {there}lab repro jit_load_pir"
    answer.give({"folder": str(folder)}, text=lambda: say(told))


def _fill(folder: Path) -> None:
    """Into a folder that is there: a shell may stand in it (".", a mounted place), so it stays the same one.

    What makes it a workspace comes last, and what came before it goes again where this ends early.
    """
    with scratch.folder("workspace", folder) as room:
        _lay_out(room / "whole")
        moved: list[Path] = []
        try:
            for part in sorted((room / "whole").iterdir(), key=lambda one: one.name == PARTS[0]):
                moved += [part.rename(folder / part.name)]
        except BaseException:
            for part in moved:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
            raise


def _lay_out(folder: Path) -> None:
    source = carried()
    for part in PARTS:
        shutil.copytree(source / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "results" / "history").mkdir(parents=True)
    makefile = source / "Makefile" if source.name == "workspace" else source / "docs" / "workspace.mk"
    shutil.copyfile(makefile, folder / "Makefile")
