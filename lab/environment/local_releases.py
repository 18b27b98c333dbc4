"""images/local.toml: releases that a workspace added for itself; the checked-in catalogue is never written to."""

from pathlib import Path

from lab.environment import locks, release_table
from lab.environment.catalogue_files import LOCAL, raw
from lab.environment.given import nearest
from lab.environment.published import PublishedRelease
from lab.environment.wheels import locked
from lab.errors import UsageError
from lab.model import Release

LOCK = "local.lock"
"""Held while the file is read and written again, so that of two releases that are added at once none is lost."""
HEAD = """\
# Releases that `lab images add` found on the index, for this workspace alone; images/releases.toml stays as it is.
# Remove a table, or this file, to forget one.
"""


def add(images: Path, found: PublishedRelease, published: tuple[Release, ...], asked: str) -> tuple[str, ...]:
    """Write the table of a release, in the place of an older one; gives what could not be known, one sentence each.

    UsageError where the catalogue has it.
    """
    if any(one.version == found.version and not one.local for one in published):
        raise UsageError(f"{found.version} is in the catalogue already", "lab images build makes its image")
    near = nearest(found.version, [one for one in published if one.version != found.version])
    table = next(one for one in raw(images) if one["version"] == near.version)
    path = images / LOCAL
    with locked(images / LOCK):
        kept = path.read_text(encoding="utf-8") if path.is_file() else HEAD
        others = release_table.without(kept, found.version)
        locks.keep(path, f"{others}\n{release_table.table(found, table, asked)}")
    return release_table.unknown(found, near.version, asked)


def drop(images: Path, version: str) -> None:
    """Take a release out of it, where it is in it."""
    path = images / LOCAL
    if not path.is_file():
        return
    with locked(images / LOCK):
        text = path.read_text(encoding="utf-8")
        kept = release_table.without(text, version)
        if kept != text:
            locks.keep(path, kept)
