"""Who gives files in tests: bytes that are at hand, or files that somebody opens by their hash."""

import os
from collections.abc import Generator, Iterable

from lab.fleet.depot import Giver
from lab.fleet.file_door import Opened
from lab.fleet.wire import Blob


def of(*pieces: bytes) -> Giver:
    """Gives these pieces, whatever is asked for."""

    def give(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        del blob
        yield from written(pieces, sink, start)

    return give


def from_files(opened: Opened) -> Giver:
    """Gives what somebody has."""

    def give(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        with opened(blob.sha256) as file:
            yield from written(file.pieces(), sink, start)

    return give


def written(pieces: Iterable[bytes], sink: int, start: int) -> Generator[int, None, None]:
    for piece in pieces:
        start += os.pwrite(sink, piece, start)
        yield start
