"""A release that was found on an index as texts: its table in releases.toml, its row in the README, and what nobody knows of it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from packaging.version import Version

from lab.environment.published import PublishedRelease
from lab.errors import UsageError

VERSION_LINE = re.compile(r'version = "([^"]+)"')
TABLE = "[[release]]\n"
ROW = re.compile(r"\| (\d[0-9a-z.]*) \|")


def table(found: PublishedRelease, near: Mapping[str, Any], asked: str) -> str:
    """The `[[release]]` table of a release, pinned like a near one; `asked` is the day on which the indexes were asked (ISO)."""
    lines = [
        f"# Asked on {asked}. Pins and requirements are those of {near['version']} (not verified).",
        *(f"# Not known: {said}." for said in silent(found)),
        *(f"# Left out: {said}." for said in found.partial),
        f'version = "{found.version}"',
        f'date = "{found.date or asked}"',
        f'stage = "{found.stage}"',
        f"pins = {_listed(near['pins'])}",
        f'requires = "{near["requires"]}"',
        "[release.wheels]",
    ]
    for device, one in found.wheels.items():
        said = f'package = "{one.package}", version = "{one.version}", index = "{one.index}"'
        lines.append(f"{device} = {{ {said}, pythons = {_listed(one.pythons)}, arches = {_listed(one.arches)} }}")
    return TABLE + "\n".join(lines) + "\n"


def row(found: PublishedRelease, asked: str) -> str:
    """The row of a release in images/README.md; the first of its devices is the one that every release has."""
    (_, main), *others = found.wheels.items()
    pythons = f"{main.pythons[0]} to {main.pythons[-1]}"
    gpus = ", ".join(name for name, _ in others)
    return f"| {found.version} | {found.date or asked} | {pythons} | {', '.join(main.arches)} | {gpus} |\n"


def unknown(found: PublishedRelease, near: str, asked: str) -> tuple[str, ...]:
    """What could not be known of a release, one sentence each."""
    said = [f"its pins (numpy, setuptools, pyperf) are those of {near}: nobody has looked at what it needs"]
    said += [] if found.date else [f"the index does not say when it came out: its date is that of today, {asked}"]
    return (*said, *silent(found), *found.partial)


def silent(found: PublishedRelease) -> tuple[str, ...]:
    """Which wheels it may have that nobody could ask for, one sentence for each reason."""
    reasons = dict.fromkeys(found.silent.values())
    by = {why: [name for name, one in found.silent.items() if one == why] for why in reasons}
    return tuple(f"whether it has wheels for {', '.join(names)}: {why}" for why, names in by.items())


def put(text: str, version: str, table_text: str) -> str:
    """The text of releases.toml with one more table, in version order."""
    head, *tables = text.split(f"\n{TABLE}")
    found = [VERSION_LINE.search(one) for one in tables]
    after = [place for place, one in enumerate(found) if one is not None and Version(one[1]) > Version(version)]
    tables.insert(after[0] if after else len(tables), table_text.removeprefix(TABLE))
    plain = [one.strip("\n") for one in tables]
    return "\n".join([head.rstrip("\n") + "\n", *(f"{TABLE}{one}\n" for one in plain)])


def put_row(text: str, version: str, line: str) -> str:
    """The text of images/README.md with one more row, in version order; UsageError where it has no such table."""
    lines = text.splitlines(keepends=True)
    rows = [(place, match[1]) for place, one in enumerate(lines) if (match := ROW.match(one)) is not None]
    if not rows:
        raise UsageError("images/README.md has no table of releases", "add | release | date | ... | with one row")
    after = [place for place, one in rows if Version(one) > Version(version)]
    lines.insert(after[0] if after else rows[-1][0] + 1, line)
    return "".join(lines)


def without(text: str, version: str) -> str:
    """The text of local.toml without one table."""
    head, *tables = text.split(f"\n{TABLE}")
    kept = [one for one in tables if (match := VERSION_LINE.search(one)) is None or match[1] != version]
    return f"\n{TABLE}".join([head, *kept])


def _listed(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in words) + "]"
