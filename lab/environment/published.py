"""What indexes have of Paddle: the wheels of a version by device, which versions there are, and the nightly ones by day."""

import platform
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from packaging.version import InvalidVersion, Version

from lab.environment import asked_index
from lab.environment.asked_index import IndexedWheels
from lab.environment.catalogue_files import KnownNames
from lab.environment.index_names import NIGHTLY, PUBLIC, address
from lab.errors import InfraError, UsageError
from lab.model import Stage, Wheel
from lab.text import clean

NIGHTLY_WORD = re.compile(r"nightly(?:-(?P<day>\d{4}-\d{2}-\d{2}))?")
"""The word for the newest nightly wheel, or for that of a day."""
DAY = re.compile(r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})")
LISTED = "lab images list shows the releases of the catalogue; a wheel's own file can be added too"
NEAR = 3


@dataclass(frozen=True, kw_only=True)
class PublishedRelease:
    """One version as the indexes have it: its wheels by device, and the day it came out (ISO; empty where nobody says).

    `silent` are the devices whose index did not answer, each with the reason; `partial` says which wheels are left out,
    because a table names Pythons and machines and not the two together.
    """

    version: str
    wheels: Mapping[str, Wheel]
    date: str
    silent: Mapping[str, str]
    partial: tuple[str, ...] = ()

    @property
    def stage(self) -> Stage:
        """How finished it is, by its number."""
        found = Version(self.version)
        if found.is_devrelease or (found.pre is not None and found.pre[0] != "rc"):
            return Stage.BETA
        return Stage.RC if found.is_prerelease else Stage.STABLE


def release(version: str, known: KnownNames, index: str = "", seconds: float = asked_index.ASK_S) -> PublishedRelease:
    """The wheels of a version for every device that devices.toml knows a place for; a named index instead of the usual places.

    The first device must have one: UsageError names the nearest versions where it has none, InfraError says why an index is silent.
    """
    wanted = str(number(version))
    (first, place), *others = _places(known, index).items()
    main = _wheels(wanted, place, known, seconds)
    if main is None:
        raise _lacking(wanted, place, known)
    there = {first: main}
    silent: dict[str, str] = {}
    for device, place in others:
        dead = next(
            (why for name, why in silent.items() if (dict(others)[name][1] == PUBLIC) == (place[1] == PUBLIC)), ""
        )
        try:
            found = _wheels(main[0].version, place, known, seconds) if not dead else None
        except InfraError as error:
            dead = error.what.rpartition(": ")[2]
        if dead:
            silent[device] = dead
        elif found is not None:
            there[device] = found
    days = (*main[1].days, *([day] if (day := day_of(main[0].version)) else []))
    return PublishedRelease(
        version=main[0].version,
        wheels={name: wheel for name, (wheel, _) in there.items()},
        date=min(days).isoformat() if days else "",
        silent=silent,
        partial=tuple(said for name, one in there.items() for said in _left_out(name, *one, known)),
    )


def newer(than: str, known: KnownNames) -> tuple[str, ...]:
    """Every stable version that the usual index has and that is newer than one, oldest first."""
    return tuple(one for one in _versions(known, "") if not Version(one).is_prerelease and Version(one) > Version(than))


def nightlies(known: KnownNames, python: str = "") -> Mapping[str, date]:
    """Every nightly version of a Python with its day, by day; InfraError where the index is silent."""
    found = {one: day for one in _versions(known, NIGHTLY, python) if (day := day_of(one)) is not None}
    return dict(sorted(found.items(), key=lambda one: (one[1], Version(one[0]))))


def nightly(word: str, known: KnownNames) -> str:
    """The version that "nightly" or "nightly-2026-11-01" means; UsageError names the nearest days."""
    asked = (NIGHTLY_WORD.fullmatch(word) or {"day": None})["day"]
    found = nightlies(known)
    if not found:
        raise UsageError("the nightly index has no wheel of Paddle", f"name a version: {LISTED}")
    wanted = iso_day(asked) if asked else max(found.values())
    of_day = [one for one, day in found.items() if day == wanted]
    if of_day:
        return of_day[-1]
    near = sorted(dict.fromkeys(sorted(found.values(), key=lambda day: abs(day - wanted))[:NEAR]))
    raise UsageError(
        f"the nightly index has no wheel of {wanted.isoformat()}",
        f"nearest: {', '.join(f'nightly-{day.isoformat()}' for day in near)}",
    )


def iso_day(text: str) -> date:
    """A day as people write it, 2026-11-01; UsageError where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{clean(text, 40)!r} is no day", "write it as 2026-11-01") from error


def day_of(version: str) -> date | None:
    """The day that the number of a nightly version says; None where it says none."""
    dev = Version(version).dev
    match = DAY.fullmatch(str(dev)) if dev is not None else None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match is not None else None
    except ValueError:
        return None


def nearest(version: str, versions: Sequence[str]) -> tuple[str, ...]:
    """The versions next to one by number: the last before it and the first two after it, as many as there are."""
    ordered = sorted(versions, key=Version)
    older = [one for one in ordered if Version(one) < Version(version)]
    return tuple(ordered[max(0, len(older) - 1) : len(older) + NEAR - 1])


def number(version: str) -> Version:
    """A word as the version it is: 3.0 is 3.0.0; UsageError where it is none."""
    try:
        return Version(version)
    except InvalidVersion as error:
        raise UsageError(
            f"{clean(version, 60)!r} is no version of Paddle",
            "write it as 3.4.0 or 3.4.0.dev20261101, or nightly, or nightly-2026-11-01",
        ) from error


def _places(known: KnownNames, index: str) -> dict[str, tuple[str, str]]:
    """For each device that can be asked for: what its wheels are called, and where they are asked for."""
    if index and index not in known.indexes:
        raise UsageError(
            f"devices.toml names no index {clean(index, 40)!r}", f"one of {', '.join(known.indexes)}, or none at all"
        )
    found = {name: (one.package, place) for name, one in known.sources.items() if (place := one.place(index))}
    if not found:
        raise UsageError(
            "devices.toml says of no device where its wheels are",
            "give each its `package` and `folders`, as images/README.md explains",
        )
    return found


def _wheels(
    wanted: str, where: tuple[str, str], known: KnownNames, seconds: float
) -> tuple[Wheel, IndexedWheels] | None:
    """The wheel of one device as the catalogue writes it; None where its index has none that an image could take."""
    package, place = where
    url = address(place, known.indexes)
    found = asked_index.wheels_of(f"{package}=={wanted}", known.pythons, url, seconds)
    there = {one for one in found.places if one[0] in known.pythons and one[1] in known.arches} if found else set()
    if found is None or not there:
        return None
    pythons, arches = _grid(there, known)
    wheel = Wheel(package=package, version=found.version, index=place, pythons=pythons, arches=arches, url=url)
    return wheel, found


def _grid(there: AbstractSet[tuple[str, str]], known: KnownNames) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The Pythons of the first machine that has any, and every machine that has all of them."""
    by = {arch: {python for python, other in there if other == arch} for arch in known.arches}
    first = next(found for found in by.values() if found)
    arches = tuple(arch for arch, found in by.items() if found >= first)
    return tuple(one for one in known.pythons if one in first), arches


def _left_out(device: str, wheel: Wheel, found: IndexedWheels, known: KnownNames) -> tuple[str, ...]:
    """Which wheels no table can name beside the others, one sentence a machine."""
    there = {arch: [python for python in known.pythons if (python, arch) in found.places] for arch in known.arches}
    return tuple(
        f"its {device} wheels for {arch} are left out, because they are for Python {' '.join(pythons)}"
        for arch, pythons in there.items()
        if pythons and (arch not in wheel.arches or set(pythons) - set(wheel.pythons))
    )


def _versions(known: KnownNames, index: str, python: str = "") -> tuple[str, ...]:
    """The versions that the index of the first device has for a Python on this machine; every one of a named index."""
    if index and index not in known.indexes:
        raise UsageError(f"devices.toml names no index {index!r}", f'add {index} = "https://..." to its [index]')
    package, place = next(iter(_places(known, index).values()))
    arch = platform.machine()
    url = address(place, known.indexes)
    return asked_index.versions(package, python or known.preferred[0], arch, url)


def _lacking(wanted: str, where: tuple[str, str], known: KnownNames) -> UsageError:
    """That there is no such version, with those that are nearest by number."""
    package, place = where
    there = asked_index.versions(package, known.preferred[0], platform.machine(), address(place, known.indexes))
    near = nearest(wanted, there)
    said = f"nearest: {', '.join(near)}; {LISTED}" if near else LISTED
    return UsageError(f"the index has no wheel of Paddle {wanted} for any Python or machine of the catalogue", said)
