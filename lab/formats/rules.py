"""What numbers in files mean, from data: writers.toml (who wrote it) and readers.toml (who reads it)."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from lab.model.inspection import FileKind, PickleFacts, ProgramFacts, Reader, Reads, Writer

_KINDS = {FileKind.PROGRAM: "pdmodel", FileKind.PIR: "pir"}
_PARTS = 1000


@cache
def _data(name: str) -> Mapping[str, Any]:
    text = resources.files("lab.formats").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def pdmodel_writer(version: int | None, definitions: int) -> Writer:
    """Who wrote a .pdmodel, by its program version and how many operator definitions it lists."""
    if not version:
        evidence = "its program version is 0" if version == 0 else "it has no program version"
        return Writer(releases="", evidence=f"{evidence}: a development build, or another tool")
    number = f"program version {version}"
    for entry in _data("writers.toml")["pdmodel"]:
        if entry["version"] == version and entry.get("definitions", definitions) == definitions:
            return Writer(releases=entry["releases"], evidence=f"{number}, as in files of {entry['seen']}")
    release = f"{version // _PARTS**2}.{version // _PARTS % _PARTS}.{version % _PARTS}"
    if not _PARTS**2 <= version < 100 * _PARTS**2:
        return Writer(releases="", evidence=f"{number} is none that Paddle gives")
    return Writer(
        releases=release, evidence=f"{number} = major * 1000000 + minor * 1000 + patch; no such file was seen"
    )


def pir_writer(version: int) -> Writer:
    """Who wrote a .json, by the version of its format."""
    entries = _data("writers.toml")["pir"]
    for entry in entries:
        if entry["version"] == version:
            return Writer(releases=entry["releases"], evidence=f"format {version}, as in files of {entry['seen']}")
    if version > max(entry["version"] for entry in entries):
        return Writer(releases="", evidence=f"format {version} is newer than any this lab knows")
    return Writer(releases="", evidence=f"format {version} is none that a known release writes")


def readers(
    programs: Sequence[ProgramFacts], pickles: Sequence[PickleFacts], traits: frozenset[str]
) -> tuple[Reader, ...]:
    """What each known release does with the model, API by API; the first program counts, pickles only without one."""
    if programs:
        program = programs[0]
        fitting = [one for one in _data("readers.toml")["rule"] if _fits(one, program, traits)]
    elif any(not one.file.endswith(".info") for one in pickles):
        fitting = [one for one in _data("readers.toml")["rule"] if one["kind"] == "pickle"]
    else:
        fitting = []
    return tuple(_cells(fitting, traits))


def _fits(rule: Mapping[str, Any], program: ProgramFacts, traits: frozenset[str]) -> bool:
    return (
        rule["kind"] == _KINDS.get(program.kind)
        and ("traits" not in rule or not traits.isdisjoint(rule["traits"]))
        and ("operators" not in rule or not set(rule["operators"]).isdisjoint(program.operators))
        and ("beside" not in rule or not set(rule["beside"]).isdisjoint(program.operators))
        and not (rule.get("without_parameters") and program.parameters)
        and ("written_before" not in rule or 0 < program.version < rule["written_before"])
    )


def _cells(fitting: Sequence[Mapping[str, Any]], traits: frozenset[str]) -> Iterator[Reader]:
    apis = dict.fromkeys(api for rule in fitting for api in rule["apis"])
    for api in apis:
        for release in _data("readers.toml")["releases"]:
            mine = [rule for rule in fitting if api in rule["apis"] and release in rule["releases"]]
            if not mine:
                yield Reader(release=release, api=api, reads=Reads.UNKNOWN)
                continue
            yield _reader(mine[-1], release, api, traits)


def _reader(rule: Mapping[str, Any], release: str, api: str, traits: frozenset[str]) -> Reader:
    cause = sorted({trait.partition(".")[0] for trait in traits.intersection(rule.get("traits", ()))})
    why = f"{', '.join(cause)}: {rule['why']}" if cause else rule.get("why", "")
    return Reader(
        release=release, api=api, reads=Reads(rule["reads"]), setting=rule.get("setting", ""), why=why,
        source=rule["source"],
    )  # fmt: skip
