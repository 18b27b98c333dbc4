"""Which folders this process works in, by what it was told: a workspace or a cache may lie where no variable names it."""

from pathlib import Path

_known: set[str] = set()


def add(*folders: Path) -> None:
    """Remember folders of this machine, so that no text that is handed over tells of them."""
    _known.update(map(str, folders))


def known() -> frozenset[str]:
    """All that were added since a command began."""
    return frozenset(_known)


def forget() -> None:
    """A new command begins, perhaps in another workspace."""
    _known.clear()
