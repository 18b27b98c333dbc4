"""Files that others will read: none is written but through the door that takes a machine's secrets out."""

from pathlib import Path, PurePosixPath

from lab.redaction import door
from lab.storage import store
from lab.text import readable

TEXTS = frozenset({".csv", ".html", ".json", ".md", ".txt", ".xml"})


def write(path: Path, text: str) -> None:
    """Write a text for others, whole or not at all; InfraError where the disk is full."""
    ending = path.suffix if path.suffix in TEXTS else ".txt"
    store.write(path.absolute(), _answer(ending, readable(text).encode("utf-8", "replace")))


def append(path: Path, text: str) -> None:
    """Add a text for others to the end of a file that another program began."""
    store.append(path.absolute(), public("x.md", readable(text.rstrip("\n")).encode("utf-8", "replace")))


def _answer(ending: str, data: bytes) -> bytes:
    """An answer in a file; its JSON is for programs, which need the paths in it."""
    return door.json(data) if ending == ".json" else public(f"x{ending}", data)


def public(name: str, data: bytes) -> bytes:
    """A file of a page or a report as it may be handed over, by the ending of its name; styles and scripts stay as they are."""
    ending = PurePosixPath(name).suffix
    if ending == ".json":
        return door.handed_json(data)
    return door.handed(data.decode()).encode() if ending in TEXTS else data
