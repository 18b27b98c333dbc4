"""images/local.toml: releases that a workspace added for itself; the checked-in catalogue is never written to."""

from pathlib import Path

from lab.environment import locks
from lab.environment.catalogue_files import LOCAL, raw
from lab.environment.given import nearest
from lab.environment.published import PublishedWheels
from lab.errors import UsageError
from lab.model import Release

HEAD = """\
# Releases that `lab images add` found on the index, for this workspace alone; images/releases.toml stays as it is.
# Remove a table, or this file, to forget one.
"""


def add(images: Path, found: PublishedWheels, published: tuple[Release, ...], asked: str) -> tuple[str, ...]:
    """Write the table of a release; gives what could not be known, one sentence each. UsageError where it is there already."""
    if any(one.version == found.version for one in published):
        raise UsageError(f"{found.version} is in the catalogue already", "lab images build makes its image")
    near = nearest(found.version, published)
    table = next(one for one in raw(images) if one["version"] == near.version)
    path = images / LOCAL
    kept = path.read_text(encoding="utf-8") if path.is_file() else HEAD
    date = found.date or asked
    lines = [
        "",
        "[[release]]",
        f"# Asked on {asked}. Pins and requirements are those of {near.version}; wheels for GPUs were not asked for.",
        f'version = "{found.version}"',
        f'date = "{date}"',
        f'stage = "{found.stage}"',
        f"pins = {_listed(table['pins'])}",
        f'requires = "{table["requires"]}"',
        "[release.wheels]",
        f"cpu = {{ {_pairs(found)} }}",
        "",
    ]
    locks.keep(path, kept + "\n".join(lines))
    said = [f"its pins (numpy, setuptools, pyperf) are those of {near.version}: nobody has looked at what it needs"]
    said += [] if found.date else [f"the index does not say when it came out: its date is that of today, {asked}"]
    return (*said, "wheels for GPUs were not asked for")


def _pairs(found: PublishedWheels) -> str:
    """The CPU wheel as TOML writes it."""
    said = f'package = "paddlepaddle", version = "{found.version}", index = "public"'
    return f"{said}, pythons = {_listed(found.pythons)}, arches = {_listed(found.arches)}"


def _listed(words: object) -> str:
    return "[" + ", ".join(f'"{one}"' for one in words) + "]" if isinstance(words, list | tuple) else "[]"
