"""Which model files can hold pickle: reading them runs code of whoever wrote them."""

from pathlib import Path

from lab.formats.pickled import is_pickle
from lab.formats.sniff import BY_NAME, PICKLES
from lab.formats.source import opened
from lab.model.inspection import FileKind

ENDINGS = (*(end for end, kind in BY_NAME.items() if kind is FileKind.PICKLE), ".info", ".pkl", ".pickle")
"""What Paddle names so, and what anybody else does."""


def by_name(name: str) -> bool:
    """Whether a file's name says that Paddle reads it with pickle."""
    return name.lower().endswith(ENDINGS)


def found(folder: Path) -> tuple[Path, ...]:
    """The files below a folder that are pickles by name or by what is in them."""
    return tuple(path for path in sorted(folder.rglob("*")) if path.is_file() and (by_name(path.name) or _opens(path)))


def _opens(path: Path) -> bool:
    with opened(path) as source:
        return source.some(0, 2) in PICKLES or is_pickle(source)
