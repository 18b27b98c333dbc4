"""The files that a workspace has from the package: laid out once, and brought up to date without touching what is the user's."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab import __version__, documents, shell
from lab.errors import UsageError
from lab.storage import store
from lab.storage.workspace import MARK, carried

PARTS = ("images", "scenarios")
RECORD = Path("images") / ".laid-out.json"
SCHEMA = 1
# 1 (2026-11): the first.


@dataclass(frozen=True, kw_only=True)
class LaidOut:
    """What the package put into a workspace: which lab, and the sha256 of each file by its path."""

    schema: int = SCHEMA
    lab: str = __version__
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WorkspaceUpdate:
    """What bringing a workspace up to date did: files that are new, renewed, or kept as the user has them.

    `gone` are files that the user removed, and `left` those that the package carries no more.
    """

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    left: tuple[str, ...]


def sources() -> dict[str, Path]:
    """Every file that the package carries for a workspace, by its path there."""
    root = carried()
    found = {
        path.relative_to(root).as_posix(): path
        for part in PARTS
        for path in sorted((root / part).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    makefile = root / "Makefile" if root.name == "workspace" else root / "docs" / "workspace.mk"
    return {**found, "Makefile": makefile}


def lay_out(folder: Path) -> None:
    """A whole workspace in a new folder, with the record of what is in it."""
    for name, source in sources().items():
        store.write(folder / name, source.read_bytes())
    (folder / "results" / "history").mkdir(parents=True)
    _record(folder, {name: _digest(folder / name) for name in sources()})


def update(root: Path) -> WorkspaceUpdate:
    """Write what is new, renew what nobody changed, and keep everything else as it is.

    A file of which nothing is recorded (an older lab laid it out) is the user's where it differs; so is one that was
    removed. UsageError where `root` is no workspace, or the package's own folder.
    """
    if not (root / MARK).is_file():
        raise UsageError(f"{root} is no workspace: {MARK} is missing", f"lab init {shell.quote(str(root))}")
    if root.resolve() == carried().resolve():
        raise UsageError(f"{root} is where the lab's own files lie", "git pull, or install a newer lab")
    known, carries = _recorded(root), sources()
    digests = {name: _digest(path) for name, path in carries.items()}
    found = {name: _standing(root / name, digests[name], known.get(name, "")) for name in carries}
    for name, word in found.items():
        if word in ("new", "renewed"):
            source = carries[name]
            store.write(root / name, source.read_bytes())
    ours = {name: digests[name] for name, word in found.items() if word not in ("kept", "gone")}
    _record(root, {**known, **ours})

    def named(word: str) -> tuple[str, ...]:
        return tuple(name for name, said in found.items() if said == word)

    left = tuple(name for name in known if name not in carries and (root / name).is_file())
    return WorkspaceUpdate(
        new=named("new"), renewed=named("renewed"), kept=named("kept"), gone=named("gone"), left=left
    )


def _standing(path: Path, now: str, then: str) -> str:
    """What is to be done with one file; `then` is what the package laid out, empty where nothing is recorded."""
    if not path.is_file():
        return "gone" if then else "new"
    have = _digest(path)
    if have == now:
        return "same"
    return "renewed" if have == then else "kept"


def _recorded(root: Path) -> Mapping[str, str]:
    path = root / RECORD
    if not path.is_file():
        return {}
    try:
        found = documents.json(path.read_bytes(), LaidOut)
    except ValueError as error:
        raise UsageError(
            f"{path} is damaged: {error}", "remove it: then every file that differs counts as yours"
        ) from error
    if wrong := documents.numbered(found.schema, SCHEMA):
        raise UsageError(f"{path} {wrong}", "bring the workspace up to date with the newer lab")
    return found.files


def _record(root: Path, files: Mapping[str, str]) -> None:
    store.write(root / RECORD, store.pretty(LaidOut(files=dict(sorted(files.items())))))


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
