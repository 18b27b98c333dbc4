"""Lines of history as figures: one a metric, route and machine, with what its chart, its table and its command need."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab import shell
from lab.model.bench import Change, HistoryLine
from lab.report import bench
from lab.site.nouns import SiteScenario
from lab.site.places import bare, in_order, newest_first, release, shortener, side_word

METRICS = ("infer", "load", "first", "import", "memory")
CONFIRMED = (Change.SLOWER, Change.FASTER)
TIMES, TO = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
SMALL, TEN, LARGE = 0.095, 9.95, 99.5
DIGITS = 4
"""Decimals of a log ratio in the charts: 0.0001 is a hundredth of a per cent."""


@dataclass(frozen=True, kw_only=True)
class SpeedRow:
    """One line in words: the order of cells is that of the table below a chart."""

    line: HistoryLine
    side: str
    word: str
    ratio: str
    interval: str
    counts: str
    reference: str
    value: str
    blocks: int
    spread: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One question over releases; `data` is what the chart draws, `commands` measure it again, `against` names the anchors."""

    id: str
    metric: str
    route: str
    machine: str
    anchors: tuple[str, ...]
    against: str
    rows: tuple[SpeedRow, ...]
    data: Mapping[str, object]
    commands: tuple[str, ...]


def current(lines: Iterable[HistoryLine]) -> tuple[HistoryLine, ...]:
    """The newest line of every question: an older scenario text or image of the same side is history."""
    newest: dict[tuple[str, ...], HistoryLine] = {}
    for one in lines:
        question = (one.machine, one.route, one.metric, one.anchor, one.side)
        known = newest.get(question)
        if known is None or one.date >= known.date:
            newest[question] = one
    return tuple(newest.values())


def changes(lines: Iterable[HistoryLine]) -> list[HistoryLine]:
    """The confirmed changes, newest first, the largest first among those of one day."""
    found = [one for one in lines if one.change in CONFIRMED]
    return sorted(found, key=lambda one: (_backwards(one.date), -abs(math.log(one.ratio)), one.key))


def by_release(rows: Iterable[SpeedRow]) -> tuple[tuple[str, tuple[SpeedRow, ...]], ...]:
    """Changes by the release they came with, the newest release first; in each the worst first, the best last."""
    found: dict[str, list[SpeedRow]] = {}
    for one in rows:
        found.setdefault(release(one.line.side), []).append(one)
    return tuple((one, tuple(sorted(found[one], key=_worst))) for one in newest_first(found))


def _worst(row: SpeedRow) -> tuple[float, str]:
    return -math.log(row.line.ratio), row.line.key


def _backwards(date: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in date)


def word(line: HistoryLine) -> str:
    """The verdict as it is said of this unit: memory is not slower but more."""
    return bench.WORDS_FOR_BYTES.get(line.change, line.change.value) if line.unit == "B" else line.change.value


def figures(subject: SiteScenario) -> tuple[Figure, ...]:
    """All figures of a scenario: by metric in the order of METRICS, then route, then machine."""
    groups: dict[tuple[str, str, str], list[HistoryLine]] = {}
    for one in subject.lines:
        groups.setdefault((one.metric, one.route, one.machine), []).append(one)
    return tuple(_figure(f"fig-{number}", key, groups[key]) for number, key in enumerate(sorted(groups, key=_order), 1))


def _order(key: tuple[str, str, str]) -> tuple[int, str, str, str]:
    metric, route, machine = key
    return (METRICS.index(metric) if metric in METRICS else len(METRICS), metric, route, machine)


def _figure(name: str, key: tuple[str, str, str], lines: Sequence[HistoryLine]) -> Figure:
    metric, route, machine = key
    places = in_order({bare(name)[0] for one in lines for name in (one.side, one.anchor)})
    ordered = sorted(lines, key=lambda one: (places.index(bare(one.side)[0]), one.side, one.anchor))
    shown = shortener(places)
    return Figure(
        id=name, metric=metric, route=route, machine=machine,
        anchors=in_order(one.anchor for one in lines),
        against=", ".join(shown(one) for one in in_order(one.anchor for one in lines)),
        rows=tuple(row(one, shown) for one in ordered),
        data=_data(ordered, places, shown),
        commands=commands(ordered),
    )  # fmt: skip


def ratio(value: float) -> str:
    """A ratio as people read it, with a multiplication sign; two decimals where a change of some per cent matters."""
    if not SMALL <= value < LARGE:
        return f"{TIMES}{value:.3g}" if value < LARGE else f"{TIMES}{value:.0f}"
    return f"{TIMES}{value:.2f}" if value < TEN else f"{TIMES}{value:.1f}"


def row(line: HistoryLine, shown: Callable[[str], str]) -> SpeedRow:
    """A line in words; `shown` says how its side is written."""
    return SpeedRow(
        line=replace(line, pairs=()),  # the chart has them; a kept row must be light
        side=shown(line.side),
        word=word(line),
        ratio=ratio(line.ratio),
        interval=f"{ratio(line.low)} {TO} {ratio(line.high)}" if _closed(line) else "?",
        counts=f"{line.delta:.0%}",
        reference=bench.amount(line.reference, line.unit),
        value=bench.amount(line.value, line.unit),
        blocks=len(line.pairs),
        spread=_spread(line),
    )


def _closed(line: HistoryLine) -> bool:
    """Whether the interval ends anywhere: one block alone cannot say how far it scatters."""
    return bench.closed(line.low) and bench.closed(line.high)


def _spread(line: HistoryLine) -> str:
    values = sorted(value for block in line.pairs for value in block)
    if not values:
        return "?"
    picked = (values[int(share * (len(values) - 1))] for share in (0.05, 0.5, 0.95))
    return " · ".join(ratio(math.exp(value)) for value in picked)


def _data(lines: Sequence[HistoryLine], places: Sequence[str], shown: Callable[[str], str]) -> Mapping[str, object]:
    """The figure for its chart: places along the axis, one series a setting and anchor, one point a line."""
    series: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for one in lines:
        key, setting = bare(one.side)
        series.setdefault((setting, one.anchor), []).append(_point(one, places.index(key)))
    several = len({anchor for _, anchor in series}) > 1
    first = lines[0]
    return {
        "places": [shown(one) for one in places],
        "anchors": sorted({places.index(bare(one.anchor)[0]) for one in lines}),
        "memory": first.unit == "B",
        "series": [
            {"name": " ".join(part for part in (setting, f"/ {shown(anchor)}" if several else "") if part),
             "points": points}
            for (setting, anchor), points in series.items()
        ],
    }  # fmt: skip


def _point(line: HistoryLine, place: int) -> Mapping[str, object]:
    return {
        "x": place,
        "ratio": float(f"{line.ratio:.5g}"),
        "low": float(f"{line.low:.5g}") if _closed(line) else None,
        "high": float(f"{line.high:.5g}") if _closed(line) else None,
        "delta": round(line.delta, DIGITS),
        "word": word(line),
        "reference": bench.amount(line.reference, line.unit),
        "value": bench.amount(line.value, line.unit),
        "pairs": [[round(value, DIGITS) for value in block] for block in line.pairs],
    }


def commands(lines: Iterable[HistoryLine]) -> tuple[str, ...]:
    """What to type to measure these lines again, one command a run, oldest first: same sides, route, metrics and seed."""
    return tuple(dict.fromkeys(command(found) for _, found in sorted(by_run(lines).items())))


def by_run(lines: Iterable[HistoryLine]) -> dict[str, list[HistoryLine]]:
    """Lines by the run that measured them."""
    found: dict[str, list[HistoryLine]] = {}
    for one in lines:
        found.setdefault(one.run, []).append(one)
    return found


def command(lines: Sequence[HistoryLine]) -> str:
    """What to type to measure the lines of one run again."""
    first = lines[0]
    sides = dict.fromkeys([first.anchor, *(one.side for one in lines)])
    metrics = dict.fromkeys(one.metric for one in lines)
    words = ["lab", "bench", first.scenario, "--releases", ",".join(side_word(one) for one in sides)]
    words += ["--metric", ",".join(metrics), *(["--route", first.route] if first.route != "own" else [])]
    return shell.join([*words, "--seed", str(first.seed)])
