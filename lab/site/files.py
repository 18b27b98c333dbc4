"""The same data for programs and for pasting: CSV, JSON and Markdown."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from lab.model.bench import HistoryLine
from lab.report.markdown import cell
from lab.site import compat, overview, speed
from lab.site.nouns import PairResult, SiteScenario
from lab.site.pages import Summary, merged
from lab.site.places import in_order, shortener

SCHEMA = 1
SPEED = (
    "machine", "scenario", "route", "metric", "side", "anchor", "verdict", "ratio", "low", "high", "p", "counts_from",
    "anchor_value", "value", "unit", "blocks", "pairs", "date", "run", "seed", "digest", "anchor_digest",
    "scenario_sha256", "key",
)  # fmt: skip
COMPAT = (
    "scenario", "route", "saver", "loader", "result", "ran", "numbers", "signature", "message", "as_the_header_expects",
    "known", "run", "date",
)  # fmt: skip
END = "\r\n"  # as RFC 4180 wants it
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def speed_values(line: HistoryLine) -> Mapping[str, object]:
    """One row of speed.csv and of report.json."""
    return dict(zip(SPEED, (
        line.machine, line.scenario, line.route, line.metric, line.side, line.anchor, speed.word(line), line.ratio,
        line.low, line.high, line.p, line.delta, line.reference, line.value, line.unit, len(line.pairs),
        sum(len(block) for block in line.pairs), line.date, line.run, line.seed, line.digest, line.anchor_digest,
        line.scenario_sha256, line.key,
    ), strict=True))  # fmt: skip


def compat_values(subject: SiteScenario, pair: PairResult) -> Mapping[str, object]:
    """One row of compatibility.csv and of report.json."""
    square = pair.square
    return dict(zip(COMPAT, (
        subject.name, pair.route, pair.saver, pair.loader, square.words, compat.ran(square), square.grade,
        square.signature, square.message, square.verdict, square.known, pair.source.id, pair.source.started,
    ), strict=True))  # fmt: skip


def table(heads: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV, without the heads; no text can become a formula of a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator=END)
    writer.writerows([_plain(row[head]) for head in heads] for row in rows)
    return sink.getvalue()


def head(heads: Sequence[str]) -> str:
    """The first line of such a file."""
    return ",".join(heads) + END


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def markdown(found: Sequence[Summary], notes: Sequence[str]) -> str:
    """The matrix and the confirmed changes, ready to paste."""
    lines = ["# Paddle releases, side by side", ""]
    newest = max((one.newest for one in found), default="")
    lines += [f"Newest data: {newest}." if newest else "Nothing has been measured yet.", ""]
    lines += [*_matrix(found), *_changes(found), *(f"- not in this report: {cell(note)}" for note in notes)]
    return "\n".join(lines).rstrip() + "\n"


def _matrix(found: Sequence[Summary]) -> list[str]:
    places = in_order(place for one in found for place in one.places)
    if not places:
        return []
    heads = ["scenario", "question", *map(shortener(places), places)]
    lines = ["## Overview", "", "| " + " | ".join(map(cell, heads)) + " |", "|" + "---|" * len(heads)]
    for block in (one for summary in found for one in summary.blocks):
        parts = (block.scenario, block.route if block.route != "own" else "", block.machine)
        title = " · ".join(part for part in parts if part)
        lines += [_line(title, one, places) for one in block.questions]
    return [*lines, ""]


def _line(title: str, question: overview.OverviewRow, places: Sequence[str]) -> str:
    cells = [question.cells.get(place) for place in places]
    told = [f"{one.glyph} {one.text or one.word}" if one else "" for one in cells]
    return "| " + " | ".join(map(cell, (title, question.name, *told))) + " |"


def _changes(found: Sequence[Summary]) -> list[str]:
    rows = merged(found)
    if not rows:
        return ["No change is confirmed.", ""]
    heads = ("scenario", "metric", "side", "verdict", "ratio", "99 % interval", "against", "date", "machine")
    lines = ["## Confirmed changes", "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(map(cell, _change(one))) + " |" for _, some in speed.by_release(rows) for one in some]
    return [*lines, ""]


def _change(row: speed.SpeedRow) -> tuple[str, ...]:
    line = row.line
    by = f" by {line.route}" if line.route != "own" else ""
    return (
        line.scenario + by, line.metric, line.side, row.word, row.ratio, row.interval, line.anchor, line.date[:10],
        line.machine,
    )  # fmt: skip
