"""A release written into the checked-in catalogue, ready for a commit: its table, its row, and every lock and Dockerfile of it."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lab import scratch
from lab.environment import Catalogue, dockerfile, load, local_releases, locks, release_table
from lab.environment.catalogue_files import raw
from lab.environment.given import nearest
from lab.environment.published import PublishedRelease
from lab.environment.wheels import locked
from lab.errors import InfraError, UsageError
from lab.machine import process

FILE = "releases.toml"
README = "README.md"


def check(images: Path) -> None:
    """UsageError where these images are no catalogue under version control, that a change could be committed to."""
    try:
        done = process.run(["git", "-C", str(images), "ls-files", "--error-unmatch", FILE, README], timeout=60)
    except InfraError as error:
        raise UsageError(f"git does not say whether {images} is checked in: {error.what}", "install git") from error
    if not done.ok:
        raise UsageError(
            f"{images} is no catalogue that is checked in: git knows no {FILE} and {README} there",
            "leave --into-catalogue out, which keeps the release for this workspace alone; or work in a clone of the project",
        )


def written(images: Path, found: PublishedRelease, asked: str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write it, all that must be resolved first; gives the files and what could not be known.

    UsageError where the catalogue has it already, BuildError where a lock cannot be made; nothing is written then.
    """
    texts, _ = _texts(images, found, asked)
    catalogue = _changed(images, texts[FILE])
    made = dict(_environments(catalogue, found.version, images))
    incomplete = [f"{key}: {loose[0]} is not hash-locked" for key, text in made.items() if (loose := _loose(key, text))]
    with locked(images / local_releases.LOCK):  # another lab may have written a release while this one's was resolved
        texts, near = _texts(images, found, asked)
        for path, text in {**made, **texts}.items():  # the catalogue last: a folder without a table is only told
            locks.keep(images / path, text)
    local_releases.drop(images, found.version)
    files = tuple(images / path for path in (*texts, *made))
    return files, (*release_table.unknown(found, near, asked), *incomplete)


def _texts(images: Path, found: PublishedRelease, asked: str) -> tuple[Mapping[str, str], str]:
    """The catalogue and its README with the release in them, as both are now; and the release that it was drafted from."""
    published = tuple(one for one in load(images).releases if not one.local)
    if any(one.version == found.version for one in published):
        raise UsageError(f"{found.version} is in the catalogue already", "lab images lock renews its locks")
    near = nearest(found.version, published)
    table = next(one for one in raw(images) if one["version"] == near.version)
    texts = {
        FILE: release_table.put(_text(images / FILE), found.version, release_table.table(found, table, asked)),
        README: release_table.put_row(_text(images / README), found.version, release_table.row(found, asked)),
    }
    return texts, near.version


def _changed(images: Path, text: str) -> Catalogue:
    """The catalogue as it would be, read by the rules of every catalogue."""
    with scratch.folder("catalogue") as folder:
        for name in ("devices.toml", "cpus.toml"):
            if (images / name).is_file():
                shutil.copyfile(images / name, folder / name)
        (folder / FILE).write_text(text, encoding="utf-8")
        return load(folder)


def _environments(catalogue: Catalogue, version: str, images: Path) -> Iterator[tuple[str, str]]:
    """Lock and Dockerfile of every environment of a release that is checked in, by path below images/."""
    template = _text(images / locks.TEMPLATE)
    for one in catalogue.checked_in():
        if one.release.version == version:
            lock = locks.lock(one)
            yield f"{one.key}/{locks.LOCK}", lock
            yield f"{one.key}/{locks.DOCKERFILE}", dockerfile.render(one, template, lock)


def _loose(path: str, text: str) -> tuple[str, ...]:
    return dockerfile.loose(text) if path.endswith(locks.LOCK) else ()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
