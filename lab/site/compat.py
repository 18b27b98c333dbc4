"""Who reads what whom wrote, merged over runs: heat maps, failures by signature, and cures that pairs prove."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.model.cure import Cure
from lab.outcome.likeness import Problems
from lab.report.grid import GLYPHS, Grid, Square, Tone, counts, seen
from lab.site.nouns import PairResult, SourceRun
from lab.site.places import bare, in_order, short

RAN = ("✓", "~", "≠")
"""Glyphs of pairs that loaded and ran, whatever their numbers."""
GRADES = ("exact", "close", "drift", "mismatch")
KNOWN_GLYPHS = frozenset(GLYPHS.values())
Maps = Mapping[str, Mapping[tuple[str, str], PairResult]]


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """One heat map: a route's savers by loaders, and the runs its squares came from."""

    route: str
    savers: tuple[str, ...]
    loaders: tuple[str, ...]
    saver_words: Mapping[str, str]
    loader_words: Mapping[str, str]
    pairs: Mapping[tuple[str, str], PairResult]
    counts: str
    sources: tuple[SourceRun, ...]


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """What failed in one way: the first pair that showed it speaks for all of them.

    `told` are the signatures and messages that it goes by: labs of different age sign one problem differently.
    """

    id: str
    pair: PairResult
    labels: tuple[str, ...]
    told: frozenset[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class FlagEffect:
    """A setting that made pairs work which fail without it; `side` is loading or saving."""

    side: str
    setting: str
    route: str
    labels: tuple[str, ...]
    cure: Cure | None
    source: SourceRun


def newest(pairs: Iterable[PairResult]) -> tuple[PairResult, ...]:
    """Of each pair the newest result: later runs know better."""
    found: dict[tuple[str, str, str], PairResult] = {}
    for one in pairs:
        key = (one.route, one.saver, one.loader)
        if key not in found or one.source.started >= found[key].source.started:
            found[key] = one
    return tuple(found.values())


def ran(square: Square) -> bool:
    """Whether a model was opened and run; its numbers are another question."""
    return square.glyph in RAN


def tested(square: Square) -> bool:
    """Whether Paddle had its chance: what does not exist, or what the lab could not find out, counts for nothing."""
    return square.tone != Tone.GREY and square.glyph in KNOWN_GLYPHS


def grade(square: Square) -> str:
    """The worst grade of its outputs as a word."""
    word = square.grade.partition(" ")[0]
    return word if word in GRADES else "exact" if square.glyph == "✓" else "mismatch"


def maps(pairs: Sequence[PairResult]) -> tuple[HeatMap, ...]:
    """One heat map a route, with its environments in the order of releases."""
    routes = sorted({one.route for one in pairs})
    return tuple(_map(route, [one for one in pairs if one.route == route]) for route in routes)


def _map(route: str, pairs: Sequence[PairResult]) -> HeatMap:
    savers, loaders = in_order(one.saver for one in pairs), in_order(one.loader for one in pairs)
    squares: dict[str, dict[str, Square]] = {}
    for one in pairs:
        squares.setdefault(one.saver, {})[one.loader] = one.square
    grid = Grid(scenario="", route=route, run="", savers=savers, loaders=loaders, squares=squares)
    found = {one.source.id: one.source for one in pairs}
    return HeatMap(
        route=route, savers=savers, loaders=loaders,
        saver_words={one: short(one, savers) for one in savers},
        loader_words={one: short(one, loaders) for one in loaders},
        pairs={(one.saver, one.loader): one for one in pairs},
        counts=counts(grid),
        sources=tuple(found[name] for name in sorted(found)),
    )  # fmt: skip


def failures(pairs: Sequence[PairResult]) -> tuple[FailureGroup, ...]:
    """What does not work, one entry a problem, which is a signature and message of any age; most pairs first."""
    problems = Problems()
    groups: dict[int, list[PairResult]] = {}
    for one in sorted(pairs, key=lambda one: (not one.log, one.route, in_rank(one))):
        if one.square.tone == Tone.BAD:
            groups.setdefault(problems.number(seen(one.square), one.square.message), []).append(one)
    ordered = sorted(groups.values(), key=lambda found: (-len(found), _told(found[0])))
    return tuple(
        FailureGroup(
            id=f"f{number}", pair=found[0], labels=tuple(label(one) for one in found), told=frozenset(map(_told, found)),
        )
        for number, found in enumerate(ordered, 1)
    )  # fmt: skip


def _told(pair: PairResult) -> tuple[str, str]:
    return pair.square.signature, pair.square.message


def in_rank(pair: PairResult) -> tuple[str, str]:
    """A steady order for pairs of one route."""
    return pair.saver, pair.loader


def label(pair: PairResult) -> str:
    """A pair in one line."""
    names = (pair.saver, pair.loader)
    by = "" if pair.route == "own" else f" by {pair.route}"
    return " → ".join(short(one, names) for one in names) + by


def proofs(pairs: Sequence[PairResult], cures: Sequence[Cure]) -> tuple[FlagEffect, ...]:
    """Settings on one side that turn a failing pair into a working one, with the reviewed cure they are, if any."""
    by_place = {(one.route, one.saver, one.loader): one for one in pairs}
    groups: dict[tuple[str, str, str], list[PairResult]] = {}
    for one in pairs:
        found = _proof(one, by_place) if one.square.tone == Tone.GOOD else None
        if found is not None:
            groups.setdefault(found, []).append(one)
    return tuple(
        FlagEffect(
            side=side, setting=setting, route=route, labels=tuple(label(one) for one in found),
            cure=next((one for one in cures if _same(one.env, setting)), None), source=found[0].source,
        )
        for (side, setting, route), found in sorted(groups.items())
    )  # fmt: skip


def _proof(pair: PairResult, by_place: Mapping[tuple[str, str, str], PairResult]) -> tuple[str, str, str] | None:
    saver, saving = bare(pair.saver)
    loader, loading = bare(pair.loader)
    if bool(saving) == bool(loading):
        return None
    plain = by_place.get((pair.route, saver, loader))
    if plain is None or plain.square.tone != Tone.BAD:
        return None
    return ("saving", saving, pair.route) if saving else ("loading", loading, pair.route)


def _same(env: Mapping[str, str], setting: str) -> bool:
    """Whether a cure's variables are these: 0 and False mean the same to Paddle."""
    falsehoods = {"0": "False", "false": "False", "1": "True", "true": "True"}
    pairs = dict(word.partition("=")[::2] for word in setting.split())
    return bool(env) and {name: falsehoods.get(value, value) for name, value in env.items()} == {
        name: falsehoods.get(value, value) for name, value in pairs.items()
    }
