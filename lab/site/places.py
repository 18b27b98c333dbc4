"""Sides and environments in parts, and in the order of their releases."""

from collections.abc import Callable, Iterable, Sequence

from packaging.version import InvalidVersion, Version

from lab.model import Selector
from lab.report.grid import alike, cut, short

__all__ = ["bare", "in_order", "newest_first", "release", "short", "shortener", "side_word"]


def bare(name: str) -> tuple[str, str]:
    """A side in two parts: "3.0.0-cpu-py311 FLAGS_x=0" is the environment, and what is set in it (empty for nothing)."""
    key, _, setting = name.partition(" ")
    return key, setting


def shortener(names: Sequence[str]) -> Callable[[str], str]:
    """How to write many environments among these: asked once instead of for every one of them."""
    return cut if alike(names) else str


def release(name: str) -> str:
    """The release of a side."""
    return Selector.of(bare(name)[0]).release


def side_word(name: str) -> str:
    """A side as `lab bench --releases` wants it: "3.0.0-cpu-py311+FLAGS_x=0"."""
    return name.replace(" ", "+")


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Each environment once, by release; those that are no release of ours come last, by name."""
    return tuple(sorted(set(names), key=_rank))


def newest_first(names: Iterable[str]) -> tuple[str, ...]:
    """Each environment once, the newest release first; those that are no release of ours still come last."""
    ordered = in_order(names)
    ours = [one for one in ordered if not _rank(one)[0]]
    return (*reversed(ours), *ordered[len(ours) :])


def _rank(name: str) -> tuple[bool, Version, str]:
    try:
        return False, Version(Selector.of(bare(name)[0]).release.partition("_")[0]), name
    except InvalidVersion:
        return True, Version("0"), name
