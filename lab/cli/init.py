"""`lab init`: lay out a workspace from the data that the installed package carries."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from lab import scratch, shell
from lab.cli import answer, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import say
from lab.errors import UsageError
from lab.storage import laid_out
from lab.storage.laid_out import WorkspaceUpdate
from lab.storage.workspace import MARK


@answers(Format.TEXT)
def init(folder: options.NewFolderArgument, update: options.UpdateOption = False) -> None:
    """It holds images/, scenarios/, results/ and a Makefile, and may be empty before.

    With --update, a workspace that is there: what this lab brings is added, what nobody changed is renewed, and what is
    yours is kept and named.
    """
    if update:
        done = laid_out.update(folder)
        answer.give(done, text=lambda: say("\n".join(_updated(done))))
    if (folder / MARK).is_file():
        raise UsageError(
            f"{folder} is a workspace already",
            f"bring it up to date with lab init --update {shell.quote(str(folder))}, or name a new folder",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", "name a new folder")
    if folder.is_dir():
        _fill(folder)
    else:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder_beside(folder.absolute()) as room:
            laid_out.lay_out(room / "whole")
            (room / "whole").rename(folder)
    there = "" if folder.resolve() == Path.cwd() else f"cd {shell.quote(str(folder))} && "
    told = f"a workspace is in {folder}\nnext: {there}lab repro jit_load_pir"
    answer.give({"folder": str(folder)}, text=lambda: say(told))


def _updated(done: WorkspaceUpdate) -> Iterator[str]:
    parts = (
        ("new", done.new),
        ("renewed", done.renewed),
        ("kept, yours", done.kept),
        ("removed by you", done.gone),
        ("left, no longer ours", done.left),
    )
    yield from (f"{word:<21} {name}" for word, names in parts for name in names)
    changed = len(done.new) + len(done.renewed)
    yield f"{changed} file(s) written" if changed else "nothing to write: the workspace is up to date"


def _fill(folder: Path) -> None:
    """Into a folder that is there: a shell may stand in it (".", a mounted place), so it stays the same one.

    What makes it a workspace comes last, and what came before it goes again where this ends early.
    """
    with scratch.folder("workspace", folder) as room:
        laid_out.lay_out(room / "whole")
        moved: list[Path] = []
        try:
            for part in sorted((room / "whole").iterdir(), key=lambda one: one.name == laid_out.PARTS[0]):
                moved += [part.rename(folder / part.name)]
        except BaseException:
            for part in moved:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
            raise
