"""Which releases a check is about: the one that wrote the model, or the nearest that exists here, and those asked for."""

import re
from dataclasses import dataclass

from packaging.version import Version

from lab.check.given_model import Given
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Release, Stage
from lab.model.inspection import Reads

VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:(?:b|rc)\d+)?")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The old release and why it is that one, the new ones, and what of a range cannot be tried here."""

    old: str
    why: str
    new: tuple[str, ...]
    left: tuple[str, ...] = ()


def chosen(given: Given, catalogue: Catalogue, *, old: str = "", new: str = "", python: str = "") -> Chosen:
    """The releases a check compares; UsageError where what was asked for does not exist."""
    before, why = _old(given, catalogue, old, python)
    after, left = named(catalogue, new, python)
    rest = tuple(one for one in after if one != before)
    return Chosen(old=before, why=why, new=rest or after, left=left)


def _old(given: Given, catalogue: Catalogue, asked: str, python: str) -> tuple[str, str]:
    if asked:
        catalogue.environment(asked, python=python)
        return asked, f"{asked}, as --from says"
    if given.stamp is not None:
        release = given.stamp.release
        if _why_not(catalogue, release, python) == "":
            return release, f"{release}, as its stamp says"
    writer = given.writer
    match = VERSION.search(writer.releases)
    if match is None:
        found = _first_reader(given, catalogue, python)
        return (
            found,
            f"{found}: the file does not say what wrote it ({writer.evidence}), and this is the first that reads it",
        )
    return _nearest(match[0], writer.evidence, catalogue, python)


def _first_reader(given: Given, catalogue: Catalogue, python: str) -> str:
    """The first release that is known to read such files and exists here; the newest where none is known."""
    known = [one.release for one in given.seen.readers if one.reads is Reads.YES]
    good = [one for one in dict.fromkeys(known) if _why_not(catalogue, one, python) == ""]
    return good[0] if good else catalogue.newest.version


def _nearest(wanted: str, evidence: str, catalogue: Catalogue, python: str) -> tuple[str, str]:
    """The release itself, else the newest patch of its minor release, else the nearest later one, else the last."""
    here = [one for one in catalogue.releases if _why_not(catalogue, one.version, python) == ""]
    if not here:
        raise UsageError("no release exists for this machine", "lab images list shows what exists")
    exact = [one for one in here if one.version == wanted]
    if exact:
        return wanted, f"{wanted} wrote it ({evidence})"
    stable = [one for one in here if one.stage is Stage.STABLE] or here
    family = [one for one in stable if _minor(one.version) == _minor(wanted)]
    later = [one for one in stable if Version(one.version) > Version(wanted)]
    found: Release = family[-1] if family else (later or stable[-1:])[0]
    if wanted.count(".") == 1 and family:
        return (
            found.version,
            f"{found.version}: a {wanted} release wrote it ({evidence}), and this is its last patch here",
        )
    why = _why_not(catalogue, wanted, python)
    return (
        found.version,
        f"{found.version}: {wanted} wrote it ({evidence}) and cannot be had here ({why}); this is the nearest",
    )


def _minor(version: str) -> tuple[int, ...]:
    return Version(version).release[:2]


def _why_not(catalogue: Catalogue, selector: str, python: str) -> str:
    """Why a release has no environment by default, in one clause; empty where it has one."""
    try:
        catalogue.environment(selector, python=python)
    except UsageError as error:
        return error.what
    return ""


def named(catalogue: Catalogue, asked: str, python: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The releases to upgrade to; of a range, what does not exist here is left out and named."""
    if not asked:
        return (catalogue.newest.version,), ()
    if "-" in asked:
        for one in asked.split(","):
            catalogue.environment(one, python=python)
        return tuple(asked.split(",")), ()
    wanted = [one.version for one in catalogue.releases_in(asked)]
    if len(wanted) == 1:
        catalogue.environment(wanted[0], python=python)
    reasons = {one: _why_not(catalogue, one, python) for one in wanted}
    good = tuple(one for one, why in reasons.items() if not why)
    if not good:
        raise UsageError(f"nothing of {asked} exists here: {reasons[wanted[-1]]}", "lab images list shows what exists")
    return good, tuple(f"{one} was not tried: {why}" for one, why in reasons.items() if why)
