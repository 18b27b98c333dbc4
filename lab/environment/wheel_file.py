"""A wheel that somebody hands over, read without installing it: which Paddle it is, for which Pythons and machines."""

import hashlib
import platform
import zipfile
import zlib
from collections.abc import Collection, Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from lab.errors import UsageError
from lab.model import BuildSort, GivenBuild
from lab.text import clean, quoted

DEVICES = {"paddlepaddle": "cpu", "paddlepaddle-gpu": "gpu"}
"""The packages that hold a Paddle, and the device each is built for."""
SOURCES = (".tar.gz", ".zip", ".tar.bz2")
METADATA = "METADATA"
INSIDE = (METADATA, "WHEEL", "RECORD")
LARGEST = 1 << 20
MOST_REQUIREMENTS = 500
LONGEST = 1000
"""Characters of one requirement: what reads them takes time with the square of it, and goes down into every bracket."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files in a wheel are packed; the others cannot be unpacked piece by piece, so a small one could fill the memory."""
WHEEL = "for instance paddlepaddle-3.3.1-cp311-cp311-manylinux1_x86_64.whl"


def read(path: Path, pythons: Collection[str]) -> GivenBuild:
    """The Paddle in a wheel's file; UsageError, in one sentence, for what is none that can run here.

    `pythons` are those the lab can make environments with.
    """
    if path.name.endswith(SOURCES):
        raise UsageError(f"{_shown(path)} is no wheel: a source package must be built first", f"name a wheel, {WHEEL}")
    if not _there(path):
        raise UsageError(f"there is no wheel {_shown(path)}", "name a file that exists")
    name, version, tags = _named(path)
    fields = _metadata(path)
    package = canonicalize_name(fields.get("Name", ""))
    if package not in DEVICES:
        held = clean(f"{package} {fields.get('Version', '')}"[:100]).strip() or "nothing with a name"
        raise UsageError(f"{_shown(path)} is no Paddle: it holds {held}", f"wheels of {' or '.join(DEVICES)} are taken")
    said = _version(fields.get("Version", ""))
    if package != name or said != version:
        raise UsageError(
            f"{_shown(path)} is called {name} {version} and says of itself that it is {package} {clean(fields.get('Version', '')[:100])}",
            "give it the name it was built with: no installer takes another",
        )
    return GivenBuild(
        sort=BuildSort.WHEEL, name=path.name, sha256=sha256(path), size=path.stat().st_size, package=package,
        version=str(said), pythons=_pythons(path, tags, pythons), arches=_arches(path, tags),
        requires=tuple(_requirements(path, fields.get_all("Requires-Dist") or [])),
    )  # fmt: skip


def sha256(path: Path) -> str:
    """The content hash of a file, read in pieces."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _shown(path: Path) -> str:
    return quoted(str(path))


def _there(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is one of none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _named(path: Path) -> tuple[str, Version, frozenset[Tag]]:
    """What the file's name says."""
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise UsageError(
            f"{_shown(path)} is not named as a wheel", f"keep the name it was built with, {WHEEL}"
        ) from error
    return name, version, tags


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # no version, or one with a number of thousands of digits
        return None


def _metadata(path: Path) -> Message:
    """The fields of METADATA, once the archive is whole as far as its own list says."""
    again = "get or build it again"
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {Path(one).name: one for one in archive.namelist() if _of_dist_info(one)}
            for name in INSIDE:
                if name not in inside:
                    raise UsageError(f"{_shown(path)} is no whole wheel: it has no {name}", again)
            data = _unpacked(archive, inside[METADATA])
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UsageError(f"{_shown(path)} cannot be read as a wheel; it may be cut off: {error}", again) from error
    if len(data) > LARGEST:
        raise UsageError(f"{_shown(path)} is no wheel: its {METADATA} has more than {LARGEST} bytes", again)
    return HeaderParser().parsestr(data.decode("utf-8", "replace"))


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of the archive, whatever size its list says it has, and never much more than is taken."""
    if archive.getinfo(name).compress_type not in PACKED:
        raise zipfile.BadZipFile(f"{Path(name).name} is not packed as wheels are")
    with archive.open(name) as file:
        return file.read(LARGEST + 1)


def _of_dist_info(name: str) -> bool:
    folder, slash, rest = name.partition("/")
    return bool(slash) and folder.endswith(".dist-info") and "/" not in rest


def _pythons(path: Path, tags: frozenset[Tag], known: Collection[str]) -> tuple[str, ...]:
    """Every Python the lab knows that the wheel is for."""
    built = {one.interpreter for one in tags}
    if "py3" in built:
        return tuple(known)
    found = tuple(one for one in known if f"cp{one.replace('.', '')}" in built)
    if not found:
        raise UsageError(
            f"{_shown(path)} is for {', '.join(sorted(built))}, and environments are made with Python {', '.join(known)}",
            "name the wheel for one of these Pythons",
        )
    return found


def _arches(path: Path, tags: frozenset[Tag]) -> tuple[str, ...]:
    """Every machine the wheel is for, as `uname -m` prints it."""
    here = platform.machine()
    platforms = sorted({one.platform for one in tags})
    found = dict.fromkeys(arch for one in platforms if (arch := _arch(one)))
    if "any" in platforms:
        found = dict.fromkeys((*found, here))
    if here not in found:
        raise UsageError(
            f"{_shown(path)} is for {', '.join(platforms)}, and this machine is linux {here}",
            f"name the wheel for linux {here}",
        )
    return tuple(found)


def _arch(name: str) -> str:
    for arch in ("x86_64", "aarch64"):
        if name.startswith(("manylinux", "linux")) and name.endswith(f"_{arch}"):
            return arch
    return ""


def _requirements(path: Path, lines: Collection[str]) -> Iterator[str]:
    again = "build it again"
    if len(lines) > MOST_REQUIREMENTS:
        raise UsageError(
            f"{_shown(path)} asks for {len(lines):,} packages, at most {MOST_REQUIREMENTS} are read", again
        )
    for line in lines:
        told = clean(line[:100])
        try:
            wanted = Requirement(line if len(line) <= LONGEST else "")
        except (InvalidRequirement, RecursionError) as error:
            raise UsageError(f"{_shown(path)} asks for {told!r}, which is no requirement", again) from error
        if wanted.url is not None:
            raise UsageError(f"{_shown(path)} asks for {wanted.name} from an address of its own", again)
        if wanted.marker is None or "extra" not in str(wanted.marker):
            yield str(wanted)
