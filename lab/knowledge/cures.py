"""The catalogue of cures, scenarios/cures.toml, as nouns; every way in which it can be wrong is named with its entry."""

import re
import tomllib
from pathlib import Path

import msgspec

from lab import documents
from lab.errors import UsageError
from lab.model.cure import Cure, CureKind

NEEDED = {
    CureKind.ENV: "env", CureKind.PRELOAD: "env", CureKind.ROUTE: "route", CureKind.PIN: "packages", CureKind.ADVICE: "code",
}  # fmt: skip
"""What an entry of each kind cannot be without."""
FILE = "cures.toml"
PACKAGE = re.compile(r"[a-z]+==\d+(?:\.[0-9a-z]+)+")
"""A line of a pin: what `--with` takes too."""
REMEDY = "the first lines of cures.toml explain each key"


def read(path: Path) -> tuple[Cure, ...]:
    """Every cure, outer layers first and in the order of the file within one."""
    try:
        entries = documents.toml(path.read_text(encoding="utf-8")).get("cure", [])
    except FileNotFoundError as error:
        raise UsageError(f"{path} is missing", "lab init lays out a workspace that has it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", REMEDY) from error
    found = [_cure(path, number, entry) for number, entry in enumerate(entries, 1)]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{path}: {', '.join(twice)} is there twice", "give each cure a name of its own")
    return tuple(sorted(found, key=lambda one: one.layer))


def _cure(path: Path, number: int, entry: object) -> Cure:
    where = f"{path}: cure {number}"
    table = entry if isinstance(entry, dict) else {}
    name, kind = table.get("name", ""), table.get("kind", "")
    if isinstance(kind, str) and kind and kind not in NEEDED:
        raise UsageError(f"{where} ({name}): kind {kind!r} is none of {', '.join(NEEDED)}", REMEDY)
    try:
        cure = msgspec.convert(entry, Cure)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}", REMEDY) from error
    unknown = sorted(set(table) - set(Cure.__dataclass_fields__))
    if unknown:
        raise UsageError(f"{where} ({cure.name}): unknown key {unknown[0]!r}", REMEDY)
    if not getattr(cure, NEEDED[cure.kind]):
        raise UsageError(f"{where} ({cure.name}): {cure.kind} is empty", REMEDY)
    for line in cure.packages:
        if PACKAGE.fullmatch(line) is None:
            raise UsageError(f"{where} ({cure.name}): {line!r} is not PACKAGE==VERSION", REMEDY)
    return cure
