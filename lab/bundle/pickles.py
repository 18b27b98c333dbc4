"""Which model files can hold pickle: reading them runs code of whoever wrote them."""

from pathlib import Path

ENDINGS = (".info", ".pdparams", ".pdopt", ".pkl", ".pickle")
_OPENING = 0x80
_PROTOCOLS = range(2, 6)


def by_name(name: str) -> bool:
    """Whether a file's name says that Paddle reads it with pickle."""
    return name.lower().endswith(ENDINGS)


def found(folder: Path) -> tuple[Path, ...]:
    """The files below a folder that are pickles by name or by their first bytes."""
    return tuple(path for path in sorted(folder.rglob("*")) if path.is_file() and (by_name(path.name) or _opens(path)))


def _opens(path: Path) -> bool:
    with path.open("rb") as source:
        head = source.read(2)
    return len(head) == 2 and head[0] == _OPENING and head[1] in _PROTOCOLS  # noqa: PLR2004 - opcode and protocol
