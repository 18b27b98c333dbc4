"""The catalogue of cures, scenarios/cures.toml, as nouns; every way in which it can be wrong is named with its entry."""

import tomllib
from pathlib import Path

import msgspec

from lab.errors import UsageError
from lab.model.search import Cure

KINDS = ("env", "preload", "route", "advice")
REMEDY = "the first lines of cures.toml explain each key"


def read(path: Path) -> tuple[Cure, ...]:
    """Every cure, outer layers first and in the order of the file within one."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("cure", [])
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
    try:
        cure = msgspec.convert(entry, Cure)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}", REMEDY) from error
    unknown = sorted(set(entry) - set(Cure.__dataclass_fields__)) if isinstance(entry, dict) else []
    if unknown:
        raise UsageError(f"{where} ({cure.name}): unknown key {unknown[0]!r}", REMEDY)
    needed = {"env": cure.env, "preload": cure.env, "route": cure.route, "advice": cure.code}
    if cure.kind not in KINDS or not needed[cure.kind]:
        what = (
            f"kind {cure.kind!r} is none of {', '.join(KINDS)}" if cure.kind not in KINDS else f"{cure.kind} is empty"
        )
        raise UsageError(f"{where} ({cure.name}): {what}", REMEDY)
    return cure
