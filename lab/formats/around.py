"""What lies where no model was found: models in the folders below, and files of Paddle under other names."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lab.formats import sniff
from lab.formats.names import is_model
from lab.formats.source import opened
from lab.model.inspection import FileKind

DEPTH = 3
"""Folders below one that are looked into: packages keep their models as NAME/models/MODEL/."""
MOST_FOLDERS, MOST_ENTRIES = 400, 2_000
_MEANT = (FileKind.PROGRAM, FileKind.PIR, FileKind.TENSORS, FileKind.PICKLE)


def models_below(folder: Path) -> tuple[Path, ...]:
    """The programs in the folders below one, relative to it; no link is followed, and no more than a few hundred folders."""
    found = [
        (below / entry.name).relative_to(folder)
        for below in islice(_folders(folder, DEPTH), MOST_FOLDERS)
        for entry in _plain(below)
        if is_model(below, entry.name)
    ]
    return tuple(sorted(found))


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    """Every folder below one, nearer ones first among its own."""
    inner = [Path(one.path) for one in _entries(folder) if one.is_dir(follow_symlinks=False)]
    yield from inner
    if depth > 1:
        for one in inner:
            yield from _folders(one, depth - 1)


def unnamed(folder: Path) -> tuple[tuple[str, FileKind], ...]:
    """Files without an ending, or with one that says nothing, that begin as Paddle's files do, and what they are."""
    found = []
    for entry in _plain(folder):
        if sniff.expected(entry.name) is not FileKind.UNKNOWN:
            continue
        with opened(Path(entry.path)) as source:
            kind = sniff.kind_of(source, entry.name)
        if kind in _MEANT:
            found.append((entry.name, kind))
    return tuple(sorted(found))


def _plain(folder: Path) -> list["os.DirEntry[str]"]:
    return [one for one in _entries(folder) if one.is_file(follow_symlinks=False)]


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """The first entries of a folder; none where it cannot be listed: what nobody may see is not there to be offered."""
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, MOST_ENTRIES), key=lambda one: one.name)
    except OSError:
        return []
