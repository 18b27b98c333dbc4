"""How Paddle calls its files: which ends there are, and what of a name is the prefix."""

from pathlib import Path

from lab.formats.sniff import BY_NAME

PROGRAMS = (".json", ".pdmodel", "__model__")
ENDS = tuple(sorted((end for end in BY_NAME if end.startswith(".")), key=len, reverse=True))
LEGACY = ("__model__", "__params__", "params")
"""The names that releases before 2.0 gave to the files of a folder that is one model."""
NAMED = (".pdmodel", ".json", ".pdiparams")
"""Ends by which a prefix that somebody types is known."""

_TODAY = {"__model__": ".pdmodel", "__params__": ".pdiparams", "params": ".pdiparams"}


def split(name: str) -> tuple[str, str]:
    """A file name as prefix and end; an empty end where Paddle gives no such names."""
    if name in LEGACY:
        return "__model__", name
    for end in ENDS:
        if name.endswith(end) and len(name) > len(end):
            return name[: -len(end)], end
    return name, ""


def end_of(name: str) -> str:
    """How the name of such a file would end today: ".pdmodel" for "net.pdmodel" and for "__model__"."""
    end = split(name)[1]
    return _TODAY.get(end, end)


def is_model(folder: Path, name: str) -> bool:
    """Whether a file is a program; any .json may be something else, so its first bytes decide."""
    end = split(name)[1]
    if end != ".json":
        return end in PROGRAMS
    try:
        with (folder / name).open("rb") as file:
            head = file.read(4096)
    except OSError:
        return True
    return b'"base_code"' in head or not head.strip()


def model_at(path: Path) -> bool:
    """Whether files of a model are at a path: a folder or file that is there, or a prefix of some."""
    return path.exists() or any(path.with_name(path.name + end).is_file() for end in NAMED)
