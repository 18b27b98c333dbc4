"""What a host is sent for a step: files by content, checked before they are used, each brought once."""

from collections.abc import Sequence
from pathlib import Path

from lab.fleet import wire
from lab.fleet.depot import Depot, Giver
from lab.fleet.file_carrier import UngivenError
from lab.fleet.wire import Blob, HostRefusal
from lab.storage import copies

MOST = wire.LARGEST << 10
"""Bytes that wheels, or a base, may have together."""


class UnfedError(Exception):
    """Files that a step needs did not come; the text says which, and from whom."""

    refusal = HostRefusal.UNFED


class BaselessError(UnfedError):
    """What an image is built on is not here, and the driver was not asked for it yet."""

    refusal = HostRefusal.BASELESS


def laid(depot: Depot, blobs: tuple[Blob, ...], folder: Path, givers: Sequence[Giver], most: int) -> None:
    """Put files below a new folder; UnfedError where they are refused, or are not what was listed."""
    if why := wire.hostile(blobs, most, rooms=()):
        raise UnfedError(f"the driver {why}")
    try:
        depot.lay_out(blobs, folder, givers)
    except (UngivenError, ValueError) as error:
        raise UnfedError(str(error)) from error


def fed(depot: Depot, blobs: tuple[Blob, ...], givers: Sequence[Giver]) -> None:
    """See to it that files are in the depot."""
    if why := wire.hostile(blobs, MOST, rooms=()):
        raise UnfedError(f"the driver {why}")
    try:
        for blob in blobs:
            depot.ensure(blob, givers)
    except (UngivenError, ValueError) as error:
        raise UnfedError(str(error)) from error


def wheels(depot: Depot, blobs: tuple[Blob, ...], store: Path, givers: Sequence[Giver]) -> None:
    """See to it that wheels are in the wheel store, by their hash."""
    missing = tuple(one for one in blobs if "/" not in one.path and not (store / one.sha256 / one.path).is_file())
    fed(depot, missing, givers)
    for blob in missing:
        target = store / blob.sha256 / blob.path
        target.parent.mkdir(parents=True, exist_ok=True)
        copies.link(depot.path(blob.sha256), target)
