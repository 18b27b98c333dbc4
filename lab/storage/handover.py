"""Files that others will read: none is written but through the door that takes a machine's secrets out."""

from pathlib import Path, PurePosixPath

from lab.redaction import door
from lab.storage import store
from lab.text import readable

TEXTS = frozenset({".csv", ".html", ".json", ".md", ".txt", ".xml"})


def write(path: Path, text: str) -> None:
    """Write a text for others, whole or not at all; InfraError where the disk is full."""
    ending = path.suffix if path.suffix in TEXTS else ".txt"
    store.write(path.absolute(), public(f"x{ending}", readable(text).encode("utf-8", "replace")))


def append(path: Path, text: str) -> None:
    """Add a text for others to the end of a file that another program began."""
    store.append(path.absolute(), public("x.md", readable(text.rstrip("\n")).encode("utf-8", "replace")))


def public(name: str, data: bytes) -> bytes:
    """A file of a page or a report as it may be handed over, by the ending of its name; styles and scripts stay as they are."""
    ending = PurePosixPath(name).suffix
    if ending == ".json":
        return door.json(data)
    return door.handed(data.decode()).encode() if ending in TEXTS else data
