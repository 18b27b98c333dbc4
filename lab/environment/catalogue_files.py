"""releases.toml and devices.toml read into nouns, with every key checked: a typo is an error, never a default."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from lab import documents
from lab.environment import index_names
from lab.environment.index_names import PUBLIC, STABLE, WheelSource
from lab.errors import UsageError
from lab.model import Device, Release, Stage, Wheel

LOCAL = "local.toml"
REMEDY = "images/README.md lists the keys of both files"
Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    """A non-empty string."""
    return isinstance(value, str) and bool(value)


def texts(value: Any) -> bool:
    """A list of different non-empty strings; it may be empty."""
    return isinstance(value, list) and all(text(one) for one in value) and len(set(value)) == len(value)


def table(value: Any) -> bool:
    """A TOML table."""
    return isinstance(value, dict)


def tables(value: Any) -> bool:
    """A TOML array of tables."""
    return isinstance(value, list) and all(table(one) for one in value)


def truth(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def requirement(value: Any) -> bool:
    """One requirement as pip reads it."""
    try:
        return text(value) and bool(Requirement(value))
    except InvalidRequirement:
        return False


def requirements(value: Any) -> bool:
    """A list of requirements as pip reads them."""
    return texts(value) and all(requirement(one) for one in value)


def version(value: Any) -> bool:
    """A version in its canonical form: 3.0.0b2, not 3.0.0-beta2."""
    try:
        return text(value) and str(Version(value)) == value
    except InvalidVersion:
        return False


def date(value: Any) -> bool:
    """YYYY-MM-DD, or YYYY-MM where only the month is known."""
    return text(value) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", value) is not None


def stage(value: Any) -> bool:
    """One of stable, beta and rc."""
    return isinstance(value, str) and value in set(Stage) - {Stage.GIVEN}


RELEASES = {"known": table, "indexes": table, "missing": table, "pins": table, "requires": table, "release": tables}
KNOWN = {"arches": texts, "pythons": texts, "preferred": texts}
PIN = {"requirement": requirement, "reason": text}
RELEASE = {"version": version, "date": date, "stage": stage, "pins": texts, "requires": text, "wheels": table}
WHEEL = {"package": text, "version": version, "index": text, "pythons": texts, "arches": texts}
WHEEL_MAY = {"base": text, "python": text, "needs": text}
DEVICE = {"summary": text, "base": text, "apt": texts, "gpu": truth, "forward": texts}
DEVICE_MAY = {"package": text, "folders": texts}


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """What both files may name: machines, Pythons (ascending), Pythons by preference, device names in order.

    `indexes` are the addresses of Paddle's own indexes by name, with {folder} in them; `sources` say by device where new
    wheels are looked for.
    """

    arches: tuple[str, ...]
    pythons: tuple[str, ...]
    preferred: tuple[str, ...]
    devices: tuple[str, ...]
    indexes: Mapping[str, str]
    sources: Mapping[str, WheelSource]


@dataclass(frozen=True, kw_only=True)
class CatalogueData:
    """Both files as nouns; `missing` says per device why older releases have no wheel."""

    known: KnownNames
    releases: tuple[Release, ...]
    devices: Mapping[str, Device]
    missing: Mapping[str, str]
    reasons: Mapping[str, str]


def read(images: Path) -> CatalogueData:
    """Both files below `images`; anything missing, unknown, doubled or out of order is a UsageError with its place."""
    path = images / "devices.toml"
    named = _parsed(path)
    devices = _devices(path, named)
    path = images / "releases.toml"
    data = _parsed(path)
    _keys(data, path.name, RELEASES)
    _keys(data["requires"], f"{path.name}: [requires]", dict.fromkeys(data["requires"], requirements))
    known = _known(path.name, data, named)
    pins = {name: _keys(one, f"{path.name}: [pins.{name}]", PIN) for name, one in data["pins"].items()}
    releases = tuple(_release(path.name, one, data, known) for one in data["release"])
    _ascending(path.name, releases)
    releases = _with_local(releases, [_release(LOCAL, one, data, known) for one in _local(images)])
    _all(path.name, "[missing]", "a device of devices.toml", data["missing"], lambda name: name in devices)
    return CatalogueData(
        known=known,
        releases=releases,
        devices=devices,
        missing=data["missing"],
        reasons={pin["requirement"]: pin["reason"] for pin in pins.values()},
    )


def raw(images: Path) -> list[dict[str, Any]]:
    """Every table of a release as it is written, the workspace's own after the checked-in ones."""
    return [*_parsed(images / "releases.toml")["release"], *_local(images)]


def _local(images: Path) -> list[dict[str, Any]]:
    """The releases that this workspace added for itself; they name pins and requirements of releases.toml."""
    path = images / LOCAL
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = _keys(_parsed(path), LOCAL, {}, {"release": tables}).get("release", [])
    return found


def _with_local(releases: tuple[Release, ...], local: Sequence[Release]) -> tuple[Release, ...]:
    """All releases in order; one that stands in both files is a UsageError."""
    known = {one.version for one in releases}
    for one in local:
        if one.version in known:
            raise UsageError(
                f"{LOCAL}: [[release]] {one.version} is in releases.toml too", f"take it out of images/{LOCAL}"
            )
        known.add(one.version)
    own = [replace(one, local=True) for one in local]
    return tuple(sorted((*releases, *own), key=lambda one: Version(one.version)))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return documents.toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path} is missing", "lab init lays out a workspace that has it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not TOML: {error}", REMEDY) from error


def _keys(found: Any, where: str, must: Mapping[str, Check], may: Mapping[str, Check] | None = None) -> dict[str, Any]:
    """The table itself, once it has all keys of `must`, none but `may` beside them, and each value passes its check."""
    if not table(found):
        raise UsageError(f"{where} must be a table", REMEDY)
    checks = {**must, **(may or {})}
    for key in must:
        if key not in found:
            raise UsageError(f"{where}: the key {key!r} is missing", REMEDY)
    for key, value in found.items():
        if key not in checks:
            raise UsageError(f"{where}: the key {key!r} is unknown (known: {', '.join(checks)})", REMEDY)
        if not checks[key](value):
            wanted = (checks[key].__doc__ or "").rstrip(".")
            raise UsageError(f"{where}: {key} = {value!r} is wrong; wanted: {wanted[:1].lower()}{wanted[1:]}", REMEDY)
    return dict(found)


def _all(where: str, key: str, what: str, values: Iterable[str], fits: Callable[[str], bool]) -> None:
    for value in values:
        if not fits(value):
            raise UsageError(f"{where}: {key} names {value!r}, which is not {what}", REMEDY)


def _sorted(where: str, key: str, values: Iterable[str], order: Sequence[str]) -> None:
    found = list(values)
    _all(where, key, f"one of {', '.join(order)}", found, lambda one: one in order)
    if found != [one for one in order if one in found]:
        raise UsageError(f"{where}: {key} is out of order: {', '.join(found)} (wanted: {', '.join(order)})", REMEDY)


def _devices(path: Path, data: dict[str, Any]) -> dict[str, Device]:
    _keys(data, path.name, {"device": table}, {"index": table})
    named = data.get("index", {})
    _keys(named, f"{path.name}: [index]", {}, dict.fromkeys(named, text))
    _all(f"{path.name}: [index]", "", "a name for an index: letters alone, not public", named, index_names.fits)
    return {name: _device(f"{path.name}: [device.{name}]", name, one) for name, one in data["device"].items()}


def _device(where: str, name: str, found: Any) -> Device:
    if re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) is None:
        raise UsageError(f"{where}: a device name is lower-case words joined by '-'", REMEDY)
    fields = _keys(found, where, DEVICE, DEVICE_MAY)
    _all(where, "base", "an image name with {python} in it", [fields["base"]], lambda one: "{python}" in one)
    return Device(
        name=name, summary=fields["summary"], base=fields["base"], apt=tuple(fields["apt"]), gpu=fields["gpu"],
        forward=tuple(fields["forward"]),
    )  # fmt: skip


def _known(where: str, data: dict[str, Any], named: dict[str, Any]) -> KnownNames:
    place = f"{where}: [known]"
    fields = _keys(data["known"], place, KNOWN)
    _all(
        place,
        "pythons",
        "a Python such as 3.11",
        fields["pythons"],
        lambda one: re.fullmatch(r"3\.\d+", one) is not None,
    )
    _sorted(place, "pythons", fields["pythons"], sorted(fields["pythons"], key=Version))
    _sorted(place, "preferred", sorted(fields["preferred"], key=Version), fields["pythons"])
    _sorted(place, "arches", fields["arches"], fields["arches"])
    index = _keys(data["indexes"], f"{where}: [indexes]", {"paddle": text})["paddle"]
    _all(f"{where}: [indexes]", "paddle", "an address with {folder} in it", [index], lambda one: "{folder}" in one)
    return KnownNames(
        arches=tuple(fields["arches"]),
        pythons=tuple(fields["pythons"]),
        preferred=tuple(fields["preferred"]),
        devices=tuple(named["device"]),
        indexes={STABLE: index, **named.get("index", {})},
        sources=index_names.sources(named["device"]),
    )


def _release(file: str, found: Any, data: dict[str, Any], known: KnownNames) -> Release:
    where = f"{file}: [[release]] {found.get('version', '(without version)')}"
    fields = _keys(found, where, RELEASE)
    _all(where, "pins", "a table below [pins]", fields["pins"], lambda one: one in data["pins"])
    _all(where, "requires", "a key of [requires]", [fields["requires"]], lambda one: one in data["requires"])
    _sorted(where, "wheels", fields["wheels"], known.devices)
    return Release(
        version=fields["version"],
        date=fields["date"],
        stage=Stage(fields["stage"]),
        wheels={name: _wheel(f"{where}, wheels.{name}", one, known) for name, one in fields["wheels"].items()},
        pins=tuple(data["pins"][name]["requirement"] for name in fields["pins"]),
        requires=tuple(data["requires"][fields["requires"]]),
    )


def _wheel(where: str, found: Any, known: KnownNames) -> Wheel:
    fields = _keys(found, where, WHEEL, WHEEL_MAY)
    _sorted(where, "pythons", fields["pythons"], known.pythons)
    _sorted(where, "arches", fields["arches"], known.arches)
    if "python" in fields:
        _sorted(where, "python", [fields["python"]], fields["pythons"])
    asked = f"{PUBLIC!r}, a folder name, or NAME-FOLDER with a NAME of [index] in devices.toml"
    _all(where, "index", asked, [fields["index"]], lambda one: index_names.known(one, known.indexes))
    url = index_names.address(fields["index"], known.indexes)
    return Wheel(**{**fields, "pythons": tuple(fields["pythons"]), "arches": tuple(fields["arches"])}, url=url)


def _ascending(file: str, releases: Sequence[Release]) -> None:
    if not any(one.stage is Stage.STABLE for one in releases):
        raise UsageError(f"{file}: no [[release]] is stable", REMEDY)
    for before, after in pairwise(releases):
        if before.version == after.version:
            raise UsageError(f"{file}: [[release]] {after.version} stands there twice", "keep one of the two")
        if Version(before.version) > Version(after.version):
            raise UsageError(
                f"{file}: [[release]] {after.version} stands after {before.version}", "put releases in version order"
            )
