"""Where this machine keeps its files, as texts write it, and what stands there instead: ~ for the home folder, … for others."""

import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

HOME = "~"
ELSEWHERE = "…"
"""What stands for folders that are nobody's business."""
NAMED = ("LAB_CACHE", "LAB_HOME", "LAB_WORKSPACE", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR")
# What every machine has tells of none, and a container has it too.
_EVERYWHERE = re.compile(
    r"/(?:bin|boot|data|dev|etc|home|lib|media|mnt|opt|proc|run|sbin|srv|sys|tmp|usr|var|usr/(?:bin|lib|local|share)|var/(?:cache|lib|tmp))"
)
# A path begins behind what is no part of one; behind file://, an option's one letter, and an escaped line end as well.
_BEFORE = r"(?:(?<![\w.~…/-])|(?<=file://)|(?<=localhost)|(?<=\s-[A-Za-z])|(?<=\\[nrt]))"
_AFTER = r"(?![\w-]|\.\w)"


def own(environ: Mapping[str, str], home: Path, more: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """The folders of this machine with what stands for each; what lies below the home folder loses that alone."""
    homes = {one for one in _spellings(str(home)) if one != "/"}
    named = [one for name in NAMED if (one := environ.get(name))]
    found = {one for folder in (*named, *more) for one in _spellings(folder) if one != "/"}
    here = {one for one in _spellings(".") if one.count("/") > 1}  # /work or /build is where a container may stand too
    others = {one for one in found | here if not _EVERYWHERE.fullmatch(one) and not _below(one, homes)}
    return (*((one, HOME) for one in sorted(homes)), *((one, ELSEWHERE) for one in sorted(others)))


def patterns(folders: Iterable[tuple[str, str]]) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """What is looked for: a piece that must stand in a text, the whole pattern, and what is put in its place; longest first.

    A home folder that is /root is looked for like any other: at the start of a path, and by itself.
    """
    forms = {form: instead for folder, instead in folders for form in _written(folder)}
    ordered = sorted(forms.items(), key=lambda one: (-len(one[0]), one[0]))
    return tuple((form, _whole(form), instead) for form, instead in ordered)


def _whole(form: str) -> re.Pattern[str]:
    if not form.startswith("/"):  # percent-encoded from its first stroke on
        return re.compile(rf"{re.escape(form)}(?![\w-])")
    return re.compile(
        rf"{_BEFORE}(?!(?<=<){re.escape(form)}>){re.escape(form)}{_AFTER}"
    )  # </root> ends an element of a page


def _written(folder: str) -> Iterator[str]:
    """A path as texts write it: plain, in an address, in JSON, in Python, in HTML."""
    yield folder
    yield from (quote(folder), quote(folder, safe=""))
    yield from (json.dumps(folder, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield repr(folder)[1:-1]
    yield from (html.escape(folder), html.escape(folder, quote=False))


def _spellings(folder: str) -> Iterator[str]:
    """A folder as it is named, and as it is where links are followed."""
    try:
        yield os.path.abspath(os.path.expanduser(folder))  # noqa: PTH100, PTH111 - may be no path at all
        yield os.path.realpath(os.path.expanduser(folder))  # noqa: PTH111
    except (OSError, ValueError):  # where one stands was removed, or no file can be called so
        return


def _below(folder: str, homes: Iterable[str]) -> bool:
    return any(folder == one or folder.startswith(f"{one}/") for one in homes)
