"""The door to package indexes: uv says which wheels a version has, pip which versions there are; both as this host is set up."""

import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from lab import documents, scratch
from lab.environment import wheels
from lab.environment.locks import GLIBC, OLD_NAMES
from lab.errors import InfraError
from lab.machine import process
from lab.text import clean

ASK_S = 60.0
QUICK = {"UV_HTTP_RETRIES": "0", "PIP_RETRIES": "0", "PIP_TIMEOUT": "15"}
DEFAULTS = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
"""The variables by which uv is told another index than the public one; pip is told the same."""
NO_SUCH = (
    "no version of",
    "has no wheels",
    "no wheels with a matching",
    "not found in the package registry",
    "no solution found",
    "no matching distribution found",
)
DOCTOR = "lab doctor looks at the index"
REFUSALS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"(?i)certificate|unknown ?issuer|self.signed"),
        "its certificate is signed by no authority that this host trusts",
        "SSL_CERT_FILE must name a file with the certificate of that authority, and PIP_CERT the same one where it is set",
    ),
    (
        re.compile(r"\b401\b|(?i:unauthorized)"),
        "it wants a login (401)",
        "put login and password for its host into ~/.netrc",
    ),
    (re.compile(r"\b403\b|(?i:forbidden)"), "it refuses this host (403)", "ask whoever runs it"),
    (re.compile(r"\b50\d\b"), "it has a failure of its own (5xx)", f"try again later; {DOCTOR}"),
    (re.compile(r"(?i)timed? ?out|did not end within"), "it did not answer in time", f"try again later; {DOCTOR}"),
    (
        re.compile(
            r"(?i)error sending request|connection ?(?:error|refused|reset)|failed to establish|resolution|dns error"
        ),
        "it cannot be reached",
        f"look at network and proxy of this host; {DOCTOR}",
    ),
)
"""Why an index does not answer, by what uv and pip say: the sentence, and what to do."""
TOO_OLD = "the requested Python version"
"""How uv tells that a version exists, and takes no Python that is so old."""
VERSIONS = re.compile(r"(?m)^Available versions: (.+)$")
UNFETCHED = re.compile(r"(?m)^\s*Could not fetch URL \S+: (?!404 )(.+?)(?: - skipping)?$")
"""How pip tells in its details that a page did not come; that an index does not know a package is no failure."""


@dataclass(frozen=True, kw_only=True)
class IndexedWheels:
    """The Linux wheels of one version on an index, as (Python, machine) pairs; `days` are when each was put there."""

    version: str
    places: frozenset[tuple[str, str]]
    days: tuple[date, ...]


def wheels_of(wanted: str, pythons: Sequence[str], address: str = "", seconds: float = ASK_S) -> IndexedWheels | None:
    """The wheels that answer a requirement, such as "paddlepaddle==3.4.0"; None where the index has no such version.

    The oldest Python that the version takes is asked about, and with it every newer one. InfraError where it does not answer.
    """
    for python in pythons:
        found = _solved(wanted, ["--universal", "--python-version", python], address, seconds)
        if isinstance(found, str):
            if TOO_OLD in found:
                continue
            return None
        places = frozenset(place for name in _names(found) for place in _places(name))
        days = tuple(one.date() for one in _times(found))
        return IndexedWheels(version=str(found["version"]), places=places, days=days) if places else None
    return None


def newest(package: str, python: str, arch: str, seconds: float) -> str:
    """The newest stable version that the index has for a Python; empty where it has none, InfraError where it is silent."""
    place = ["--python-version", python, "--python-platform", f"{arch}-manylinux_2_{GLIBC}"]
    found = _solved(package, place, "", seconds)
    return "" if isinstance(found, str) else str(found["version"])


def versions(package: str, python: str, arch: str, address: str = "") -> tuple[str, ...]:
    """Every version that has a wheel for a Python and machine, oldest first; empty where there is none.

    InfraError where the index does not answer.
    """
    argv = [sys.executable, "-m", "pip", "index", "versions", package, "--pre", "--only-binary", ":all:", "-vv"]
    argv += ["--no-input", "--disable-pip-version-check", "--python-version", python, "--implementation", "cp"]
    argv += wheels.platforms(arch)
    named = address or next((os.environ[name] for name in DEFAULTS if os.environ.get(name)), "")
    own = {"PIP_INDEX_URL": named} if named else {}
    done = _run(argv, {**QUICK, **os.environ, **own}, package, ASK_S)
    found = VERSIONS.search(done.stdout) if done.ok else None
    if found is None:
        if (unfetched := UNFETCHED.search(done.stdout)) is not None:
            raise _silent(package, unfetched[1])
        return ()
    known = [one for word in found[1].split(",") if (one := _version(word.strip())) is not None]
    return tuple(str(one) for one in sorted(known))


def refusal(said: str) -> tuple[str, str]:
    """Why an index does not answer, by what a program said of it, and what to do; what was said itself where nobody knows."""
    plain = wheels.masked(said)
    for pattern, why, remedy in REFUSALS:
        if pattern.search(plain):
            return why, remedy
    lines = [line for line in plain.splitlines() if line.strip()]
    return clean(" ".join(lines[-1:]), 200) or "nothing was said", DOCTOR


def _solved(wanted: str, place: Sequence[str], address: str, seconds: float) -> Mapping[str, Any] | str:
    """The one package that answers a requirement, as pylock data; what uv says instead where the index has no wheel of it."""
    argv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-build", "--no-deps"]
    argv += ["--no-python-downloads", "--python", sys.executable, "--format", "pylock.toml", *place]
    own = {"UV_DEFAULT_INDEX": address} if address else {}
    with scratch.folder("index") as folder:
        source = folder / "wanted.in"
        source.write_text(f"{wanted}\n", encoding="utf-8")
        done = _run([*argv, str(source)], {**QUICK, **os.environ, **own}, wanted, seconds)
    if not done.ok:
        return done.stderr
    try:
        packages = documents.toml(done.stdout).get("packages", [])
    except tomllib.TOMLDecodeError as error:
        raise InfraError(f"what the index has of {wanted} cannot be read: {error}", DOCTOR) from error
    name = re.split("[=<>!~ ]", wanted)[0]
    mine = [one for one in packages if canonicalize_name(str(one.get("name", ""))) == canonicalize_name(name)]
    return mine[0] if mine and mine[0].get("wheels") else "no wheels"


def _run(argv: Sequence[str], env: Mapping[str, str], wanted: str, seconds: float) -> process.Completed:
    """A program that asked an index; InfraError unless it answered, be it that it has no such thing."""
    try:
        done = process.run(argv, timeout=seconds, env=env)
    except InfraError as error:
        raise _silent(wanted, error.what) from error
    why = refusal(done.stderr)[0]
    known = any(why == one for _, one, _ in REFUSALS)
    if not done.ok and (known or not any(word in done.stderr.lower() for word in NO_SUCH)):
        raise _silent(wanted, done.stderr)
    return done


def _silent(wanted: str, said: str) -> InfraError:
    """That an index did not answer, why, and what to do."""
    why, remedy = refusal(said)
    return InfraError(f"the index did not answer what it has of {wanted}: {why}", remedy)


def _names(package: Mapping[str, Any]) -> list[str]:
    """The file names of a package's wheels."""
    return [str(one.get("name") or unquote(str(one.get("url", "")).rpartition("/")[2])) for one in package["wheels"]]


def _places(name: str) -> list[tuple[str, str]]:
    """The Pythons and machines that a wheel is for, as far as an image of the lab could install it."""
    try:
        tags = parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return []
    found = [(re.fullmatch(r"cp(\d)(\d+)", one.interpreter), _arch(one.platform)) for one in tags]
    return [(f"{python[1]}.{python[2]}", arch) for python, arch in found if python is not None and arch]


def _arch(platform: str) -> str:
    match = re.fullmatch(r"(?:manylinux_2_(?P<minor>\d+)|linux|(?P<old>\w+?))_(?P<arch>x86_64|aarch64)", platform)
    if match is None or (match["old"] is not None and match["old"] not in OLD_NAMES):
        return ""
    return match["arch"] if int(match["minor"] or 0) <= GLIBC else ""


def _times(package: Mapping[str, Any]) -> list[datetime]:
    return [one["upload-time"] for one in package["wheels"] if isinstance(one.get("upload-time"), datetime)]


def _version(word: str) -> Version | None:
    try:
        return Version(word)
    except InvalidVersion:
        return None
