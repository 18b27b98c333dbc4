"""What the index that this host reaches has of Paddle: the wheels of a version, and which version is the newest."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from lab import documents, scratch
from lab.environment.catalogue_files import KnownNames
from lab.errors import InfraError, UsageError
from lab.machine import process
from lab.model import Stage
from lab.text import clean

PACKAGE = "paddlepaddle"
GLIBC = 28
ONCE = {"UV_HTTP_RETRIES": "0"}
NO_SUCH = (
    "no version of",
    "has no wheels",
    "no wheels with a matching",
    "not found in the package registry",
    "no solution found",
)


@dataclass(frozen=True, kw_only=True)
class PublishedWheels:
    """The CPU wheels of one version: for which Pythons and machines, and the day the first of them was put there.

    `date` is ISO, and empty where the index does not say it.
    """

    version: str
    pythons: tuple[str, ...]
    arches: tuple[str, ...]
    date: str

    @property
    def stage(self) -> Stage:
        """How finished it is, by its number."""
        number = Version(self.version)
        if number.is_devrelease or (number.pre is not None and number.pre[0] != "rc"):
            return Stage.BETA
        return Stage.RC if number.is_prerelease else Stage.STABLE


def wheels(version: str, known: KnownNames, seconds: float = 120.0) -> PublishedWheels:
    """The wheels of a version, asked for one Python and machine after the other; UsageError where there is none."""
    try:
        number = str(Version(version))
    except InvalidVersion as error:
        raise UsageError(
            f"{clean(version, 60)!r} is no version of Paddle", "write it as 3.4.0 or 3.4.0.dev20261101"
        ) from error
    here = [known.arches[0], *known.arches[1:]]
    found = {
        (python, arch): _asked(f"{PACKAGE}=={number}", python, arch, seconds)
        for python in known.pythons
        for arch in here
    }
    there = {place: one for place, one in found.items() if one is not None}
    if not there:
        raise UsageError(
            f"the index has no wheel of Paddle {number} for any Python or machine of the catalogue", NEAREST
        )
    days = sorted(day for one in there.values() for day in _days(one))
    return PublishedWheels(
        version=number,
        pythons=tuple(python for python in known.pythons if any(place[0] == python for place in there)),
        arches=tuple(arch for arch in here if any(place[1] == arch for place in there)),
        date=days[0] if days else "",
    )


NEAREST = "lab images list shows the releases of the catalogue; a wheel's own file can be added too"


def newest(python: str, arch: str, seconds: float) -> str:
    """The newest stable version that the index has for a Python; empty where it has none, InfraError where it is silent."""
    found = _asked(PACKAGE, python, arch, seconds)
    return str(found["version"]) if found is not None else ""


def _asked(wanted: str, python: str, arch: str, seconds: float) -> Mapping[str, Any] | None:
    """The one package that answers a requirement, as pylock data; None where the index has no such wheel."""
    argv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-build", "--no-deps"]
    argv += ["--no-python-downloads", "--python", sys.executable, "--python-version", python, "--format", "pylock.toml"]
    argv += ["--python-platform", f"{arch}-manylinux_2_{GLIBC}"]
    with scratch.folder("index") as folder:
        source = folder / "wanted.in"
        source.write_text(f"{wanted}\n", encoding="utf-8")
        done = process.run([*argv, str(source)], timeout=seconds, cwd=folder, env={**ONCE, **os.environ})
    if not done.ok:
        if (
            any(word in done.stderr.lower() for word in NO_SUCH)
            and "401" not in done.stderr
            and "403" not in done.stderr
        ):
            return None
        raise InfraError(
            f"the index did not answer what it has of {wanted}: {_why(done)}", "lab doctor looks at the index"
        )
    try:
        packages = documents.toml(done.stdout).get("packages", [])
    except tomllib.TOMLDecodeError as error:
        raise InfraError(f"what the index has of {wanted} cannot be read: {error}", "lab doctor") from error
    mine = [one for one in packages if canonicalize_name(str(one.get("name", ""))) == PACKAGE]
    return mine[0] if mine and mine[0].get("wheels") else None


def _why(done: process.Completed) -> str:
    """The last thing that was said, without any address."""
    from lab.environment.wheels import masked  # noqa: PLC0415 - it is needed only where something failed

    lines = [line for line in masked(done.stderr).splitlines() if line.strip()]
    return clean(" ".join(lines[-1:]), 200) or "nothing was said"


def _days(package: Mapping[str, Any]) -> list[str]:
    times = [one.get("upload-time") for one in package.get("wheels", ())]
    return [one.date().isoformat() for one in times if isinstance(one, datetime)]
