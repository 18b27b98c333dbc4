"""What typed words mean: settings, lists, routes, ranges of releases, scenarios by name."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab import scenario, variables
from lab.cli import spread
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Scenario
from lab.run import plan
from lab.run.plan import Words
from lab.storage.workspace import Workspace

PACKAGE = re.compile(r"[a-z]+==\d+(?:\.[0-9a-z]+)+")


def pairs(words: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE words as a mapping; UsageError names the one that is not such a word."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.replace("_", "").isalnum() or name[:1].isdigit():
            raise UsageError(f"{word!r} is not NAME=VALUE", "for instance FLAGS_enable_pir_api=False")
        if not variables.settable(name, value):
            raise UsageError(f"{name} cannot be set for a guest", f"name another variable: {variables.REFUSED}")
        found[name] = value
    return found


def packages(typed: Sequence[str]) -> tuple[str, ...]:
    """PACKAGE==VERSION words; UsageError for one that is not such a word, or says no whole version."""
    found = listed(typed)
    for word in found:
        if PACKAGE.fullmatch(word) is None:
            raise UsageError(f"--with {word}: it is not PACKAGE==VERSION", "for instance --with numpy==1.26.4")
    return found


def listed(words: Sequence[str]) -> tuple[str, ...]:
    """Repeated and comma-separated words as one tuple."""
    return tuple(part for word in words for part in word.split(",") if part)


def route_of(read: Scenario, word: str) -> str:
    """The route a person means by a word; the scenario's first where nobody names one."""
    return routes([word or read.routes[0]], read.routes, whose=read.name)[0]


def routes(words: Sequence[str], known: Sequence[str], whose: str = "") -> tuple[str, ...]:
    """The routes that were asked for, each once; UsageError for one that is not known, or not `whose`."""
    wrong = [one for one in words if one not in known]
    if wrong:
        raise UsageError(
            f"{f'{whose} has' if whose else 'there is'} no route {wrong[0]!r}", f"one of {', '.join(known)}"
        )
    return tuple(dict.fromkeys(words))


def searched(
    flag: Sequence[str], save_flag: Sequence[str], python: str, threads: int, route: str, with_: Sequence[str] = ()
) -> Words:
    """What holds for every trial of a search."""
    return sided(
        Words(
            full=True, python=python, threads=threads, loader_env=pairs(flag), saver_env=pairs(save_flag), route=route,
            packages=packages(with_),
        )
    )  # fmt: skip


def sided(given: Words) -> Words:
    """The words with the hosts of a fleet that --save-on and --load-on name."""
    said = spread.words()
    return replace(given, save_on=said.save_on, load_on=said.load_on)


def selectors(catalogue: Catalogue, words: Sequence[str]) -> tuple[str, ...]:
    """Ranges and environments as selectors, each once, in the order they were named.

    Without words, the last patch of each stable minor release.
    """
    parts = [part.strip() for word in words for part in word.split(",")]
    if not parts:
        return plan.newest_patches(catalogue)
    named = [part for part in parts if "-" in part]
    found = (
        [one.version for one in catalogue.releases_in(",".join(part for part in parts if part not in named))]
        if len(named) < len(parts)
        else []
    )
    for part in named:
        catalogue.environment(part)  # a wrong word is said at once
    return tuple(dict.fromkeys((*found, *named)))


def scenarios(found: Workspace, names: Sequence[str], *, full: bool = False) -> tuple[Scenario, ...]:
    """The scenarios asked for; without names, all that expect something which costs little."""
    if names:
        return tuple(scenario.runnable(scenario.find(found.scenarios, name)) for name in listed(names))
    every = scenario.list_all(found.scenarios)
    return tuple(
        scenario.runnable(Path(one.path))
        for one in every
        if any(full or not expected.full for expected in one.expectations)
    )
