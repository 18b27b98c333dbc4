"""Nightly wheels named by their day: each is a release of this workspace alone from the moment it is named."""

import platform
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from lab.environment import Catalogue, load, local_releases, published
from lab.environment.catalogue_files import KnownNames
from lab.environment.index_names import NIGHTLY, address
from lab.environment.published import PublishedRelease
from lab.errors import UsageError
from lab.model import Wheel

NEAREST = 2


def named(images: Path, word: str, asked: str) -> str:
    """The version that "nightly" or "nightly-2026-11-01" means, added where it is not known here; `asked` is today (ISO)."""
    catalogue = load(images)
    day = (published.NIGHTLY_WORD.fullmatch(word) or {"day": None})["day"]
    here = [
        one.version for one in catalogue.releases if day and published.day_of(one.version) == published.iso_day(day)
    ]
    if here:
        return here[-1]
    version = published.nightly(word, catalogue.known)
    if version not in _versions(catalogue):
        found = published.release(version, catalogue.known, NIGHTLY)
        local_releases.add(images, found, catalogue.releases, asked)
    return version


def row(images: Path, since: str, until: str, python: str, asked: str) -> tuple[str, ...]:
    """The versions of all nightly wheels of a Python from one day to another, by day; all are releases here afterwards.

    Only names are asked for: a wheel is fetched when it is tried. UsageError names the nearest days where none lies between.
    """
    catalogue = load(images)
    wanted = python or catalogue.known.preferred[0]
    there = published.nightlies(catalogue.known, wanted)
    first, last = (published.iso_day(one) if one else None for one in (since, until))
    chosen = {one: day for one, day in there.items() if (not first or day >= first) and (not last or day <= last)}
    if not chosen:
        between = f"from {since or 'the first'} to {until or 'the last'}"
        raise UsageError(f"the nightly index has no wheel for Python {wanted} {between}", _nearest(there, first, last))
    known = _versions(catalogue)
    for one in _lean(chosen, catalogue.known, wanted):
        if one.version not in known:
            local_releases.add(images, one, load(images).releases, asked)
    return tuple(chosen)


def _versions(catalogue: Catalogue) -> set[str]:
    return {one.version for one in catalogue.releases}


def _lean(chosen: Mapping[str, date], known: KnownNames, python: str) -> Iterator[PublishedRelease]:
    """Each version as far as its name tells it: one device, one Python, this machine."""
    device, *others = known.sources
    source = known.sources[device]
    place = source.place(NIGHTLY)
    why = f"only the {device} wheel for Python {python} was asked for"
    for version, day in chosen.items():
        wheel = Wheel(
            package=source.package, version=version, index=place, pythons=(python,), arches=(platform.machine(),),
            url=address(place, known.indexes),
        )  # fmt: skip
        yield PublishedRelease(
            version=version, wheels={device: wheel}, date=day.isoformat(), silent=dict.fromkeys(others, why)
        )


def _nearest(there: Mapping[str, date], first: date | None, last: date | None) -> str:
    days = sorted(set(there.values()), key=lambda day: abs(day - (first or last or day)))[:NEAREST]
    return f"nearest: {', '.join(sorted(day.isoformat() for day in days))}" if days else "name a folder of wheels"
