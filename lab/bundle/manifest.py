"""MANIFEST.sha256: every file of a bundle by its content, in the form that `sha256sum -c` reads."""

import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from lab.errors import BundleError

NAME = "MANIFEST.sha256"
LARGEST = 1024**2
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<path>\S[^\n]*)")


def text(files: Mapping[str, bytes]) -> str:
    """The manifest of files, by path."""
    return "".join(f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))


def digest(listed: Mapping[str, str], without: Collection[str]) -> str:
    """One sha256 over paths and contents, leaving out the files that only tell about the others."""
    lines = (f"{listed[path]}  {path}\n" for path in sorted(listed) if path not in without)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check(folder: Path, seen: Mapping[str, str]) -> None:
    """Compare what was unpacked (path -> sha256) with the manifest among it.

    BundleError where the manifest is missing, is no manifest, lists a file that is not there, leaves one out, or where
    a content is another.
    """
    if NAME not in seen:
        raise BundleError.refused(f"it has no {NAME}")
    listed = read(folder / NAME)
    here = {path: digest for path, digest in seen.items() if path != NAME}
    for path in sorted({*listed, *here}):
        if path not in here:
            raise BundleError.refused(f"its manifest lists {path[:120]!a}, which is not in it")
        if path not in listed:
            raise BundleError.refused(f"{path[:120]!a} is in it and not in its manifest")
        if listed[path] != here[path]:
            raise BundleError.refused(f"{path[:120]!a} has another content than its manifest says")


def read(path: Path) -> Mapping[str, str]:
    """Path -> sha256, as a manifest lists them; BundleError for a line that is none."""
    if path.stat().st_size > LARGEST:
        raise BundleError.refused(f"its {NAME} is too long")
    found: dict[str, str] = {}
    for line in path.read_bytes().decode("utf-8", "replace").removesuffix("\n").split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or match["path"] in found:
            raise BundleError.refused(f"its {NAME} has a line that is none: {line[:120]!a}")
        found[match["path"]] = match["digest"]
    return found
