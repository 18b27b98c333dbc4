"""Ranges of releases as people write them."""

import re
from collections.abc import Callable, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from lab.errors import UsageError
from lab.model import Release, Stage

ALL = "all"
STABLE = "stable"
FORMS = "2.6.2..3.3.1, >=3.1,<3.3, stable, all, or versions joined by commas"


def select(words: str, releases: Sequence[Release], named: Callable[[str], Release]) -> tuple[Release, ...]:
    """The releases that `words` mean, in version order; a range nothing lies in is a UsageError.

    `named` finds one release by the word for it. Comparisons see pre-releases too: a range is about what exists.
    """
    parts = [part.strip() for part in words.split(",")]
    if not all(parts):
        raise UsageError(f"the range {words!r} has an empty part", f"write {FORMS}")
    compared = [part for part in parts if re.match("[<>=!~]", part)]
    others = [part for part in parts if part not in compared and part != STABLE]
    chosen = {one.version for part in others for one in _part(part, releases, named)}
    if compared:
        chosen |= _compared(",".join(compared), releases)
    if not compared and not others:
        chosen = {one.version for one in releases}
    found = tuple(
        one for one in releases if one.version in chosen and (STABLE not in parts or one.stage is Stage.STABLE)
    )
    if not found:
        raise UsageError(f"no release lies in {words!r}", "lab images list shows the releases")
    return found


def _part(part: str, releases: Sequence[Release], named: Callable[[str], Release]) -> Sequence[Release]:
    if part == ALL:
        return releases
    first, dots, last = part.partition("..")
    if not dots:
        return [named(part)]
    start = releases.index(named(first)) if first else 0
    end = releases.index(named(last)) if last else len(releases) - 1
    if start > end:
        raise UsageError(f"the range {part!r} runs backwards", f"write {last}..{first}")
    return releases[start : end + 1]


def _compared(words: str, releases: Sequence[Release]) -> set[str]:
    try:
        wanted = SpecifierSet(words, prereleases=True)
    except InvalidSpecifier as error:
        raise UsageError(f"{words!r} is not a comparison of versions", f"write {FORMS}") from error
    return {one.version for one in releases if wanted.contains(Version(one.number))}
