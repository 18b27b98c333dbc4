"""A run as savers x loaders: one grid a route, one square a pair, words only, so that a format decides only how it looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lab.model import Grade, Kind, Outcome, Phase, Run, Selector, TrialResult
from lab.outcome.stacks import TRACEBACK
from lab.outcome.words import message_line, numbers, outcome_words
from lab.report.markdown import cell
from lab.report.rows import duration, numbers_and_memory, settings
from lab.report.rows import saver as saved_by

UNDECIDED = "?"
"""Shown for what the lab could not find out."""

KNOWN, REUSED = "★", "*"
"""Beside a square: what it shows is a known problem; it was taken from an earlier run."""


class Tone(StrEnum):
    """How a square is coloured; pages use the word as a class."""

    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"
    GREY = "grey"


LOOKS: Mapping[Kind, tuple[str, Tone]] = {
    Kind.OK: ("✓", Tone.GOOD),
    Kind.DRIFT: ("~", Tone.DOUBT),
    Kind.NUMERIC_MISMATCH: ("≠", Tone.BAD),
    Kind.LEAK: ("↗", Tone.BAD),
    Kind.PY_EXCEPTION: ("✗", Tone.BAD),
    Kind.NATIVE_CRASH: ("‼", Tone.BAD),
    Kind.OOM: ("▲", Tone.BAD),
    Kind.TIMEOUT: ("⧗", Tone.BAD),
    Kind.DEPENDS_ON: ("⊘", Tone.BAD),
    Kind.UNSUPPORTED: ("·", Tone.GREY),
    Kind.BUILD_FAILURE: (UNDECIDED, Tone.GREY),
    Kind.FLAKY: (UNDECIDED, Tone.GREY),
    Kind.UNDECIDED: (UNDECIDED, Tone.GREY),
    Kind.INFRA_ERROR: (UNDECIDED, Tone.GREY),
}
GLYPHS = {kind: glyph for kind, (glyph, _) in LOOKS.items() if glyph != UNDECIDED}


@dataclass(frozen=True, kw_only=True)
class Square:
    """One saver with one loader in words; `tone` is a Tone, or what a stored file says.

    `folder` is where its files lie in the run, `reused` the earlier run that it was taken from.
    """

    label: str
    glyph: str
    words: str
    tone: str
    grade: str
    message: str
    detail: str
    signature: str
    verdict: str
    times: str
    folder: str
    known: str = ""
    reused: str = ""

    @property
    def text(self) -> str:
        """The square in one line: "✓ exact", "✗ ValueError in load"."""
        return f"{self.glyph} {self.words}"

    @property
    def marks(self) -> str:
        """What is said of the square beside its words, as `foot` explains it."""
        return (f" {KNOWN}" if self.known else "") + (f" {REUSED}" if self.reused else "")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One table: rows are savers, columns are loaders, both with their flags; a pair nobody asked for has no square."""

    scenario: str
    route: str
    run: str
    savers: tuple[str, ...]
    loaders: tuple[str, ...]
    squares: Mapping[str, Mapping[str, Square]]

    @property
    def title(self) -> str:
        """The scenario, and the route where it is not its own."""
        return self.scenario if self.route == "own" else f"{self.scenario} by {self.route}"

    def at(self, saver: str, loader: str) -> Square | None:
        """The square of a pair."""
        return self.squares.get(saver, {}).get(loader)


def grids(run: Run, known: Mapping[str, str] | None = None) -> tuple[Grid, ...]:
    """The tables of a run, one a route in the order of its plan; `known` has a note by trial label."""
    routes = dict.fromkeys(one.route for one in run.trials)
    return tuple(_grid(run, route, [one for one in run.trials if one.route == route], known or {}) for route in routes)


def short(name: str, names: Sequence[str]) -> str:
    """An environment without what all of them share: "2.6.2" for "2.6.2-cpu-py311" among others of that kind."""
    return cut(name) if alike(names) else name


def alike(names: Sequence[str]) -> bool:
    """Whether environments differ only in their release and their flags."""
    return len({Selector.of(one.partition(" ")[0]).rest for one in names}) == 1


def cut(name: str) -> str:
    """An environment as its release, with its flags."""
    key, space, rest = name.partition(" ")
    return Selector.of(key).release + space + rest


def square(result: TrialResult, known: str = "") -> Square:
    """One finished trial as a square."""
    outcome = result.outcome
    glyph, tone = LOOKS[outcome.kind]
    return Square(
        label=result.label,
        glyph=glyph,
        words=_words(result),
        tone=tone,
        grade=numbers_and_memory(result),
        message=message_line(outcome),
        detail="\n\n".join(part for part in (outcome.message, outcome.detail) if part),
        signature=outcome.signature,
        verdict=result.verdict,
        times=_times(result),
        folder=result.folder,
        known=known,
        reused=result.reused,
    )


def seen(square: Square) -> Outcome:
    """The outcome behind a square, as far as the square tells: stored tables hold nothing else of it."""
    kind = next((kind for kind, glyph in GLYPHS.items() if glyph == square.glyph), Kind.INFRA_ERROR)
    phase, name, reason, *_ = (*square.signature.split(":"), "", "", "")
    message, head, rest = square.detail.partition(f"\n\n{TRACEBACK}")
    if kind is Kind.NATIVE_CRASH:
        message, _, rest = square.detail.partition("\n\n")
    return Outcome(
        kind=kind, phase=Phase(phase) if phase in set(Phase) else Phase.PREPARE, reason=reason if kind.differs else "",
        type="" if kind.differs else name, message=message, detail=(head + rest).strip(), signature=square.signature,
    )  # fmt: skip


def counts(grid: Grid) -> str:
    """How many squares are what, in the order of GLYPHS: "12 ✓, 8 ✗"."""
    glyphs = [one.glyph for row in grid.squares.values() for one in row.values()]
    order = (*GLYPHS.values(), UNDECIDED)
    return ", ".join(f"{glyphs.count(glyph)} {glyph}" for glyph in order if glyph in glyphs)


def foot(grid: Grid) -> str:
    """The counts, how many squares were taken from earlier runs, and what the marks mean that are there."""
    squares = [one for row in grid.squares.values() for one in row.values()]
    parts, reused = [counts(grid)], sum(bool(one.reused) for one in squares)
    parts += [f"{reused} taken from earlier runs ({REUSED})"] if reused else []
    parts += [f"{KNOWN} is a known problem"] if any(one.known for one in squares) else []
    return ", ".join(parts)


def markdown(tables: Sequence[Grid], notes: Sequence[str] = ()) -> str:
    """The tables as Markdown, the known problems, and every message once."""
    lines: list[str] = []
    for one in tables:
        lines += [f"## {cell(one.title)}", "", "saved by (rows), loaded by (columns)", ""]
        lines += ["| | " + " | ".join(cell(short(name, one.loaders)) for name in one.loaders) + " |"]
        lines += ["|" + "---|" * (len(one.loaders) + 1)]
        lines += [_markdown_row(one, saver) for saver in one.savers]
        lines += ["", f"{foot(one)}. Run `{one.run}`.", "", *_messages(one)]
    lines += [f"- {cell(note)}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


def _grid(run: Run, route: str, trials: Sequence[TrialResult], known: Mapping[str, str]) -> Grid:
    squares: dict[str, dict[str, Square]] = {}
    for one in trials:
        saver, loader = saved_by(one), one.loader + settings(one.loader_env)
        squares.setdefault(saver, {})[loader] = square(one, known.get(one.label, ""))
    loaders = dict.fromkeys(loader for row in squares.values() for loader in row)
    return Grid(
        scenario=run.scenario, route=route, run=run.id, savers=tuple(squares), loaders=tuple(loaders), squares=squares
    )


def _words(result: TrialResult) -> str:
    outcome = result.outcome
    if outcome.kind.works:
        return numbers(result.diffs) or Grade.EXACT.value
    if outcome.kind is Kind.DEPENDS_ON:
        return f"{outcome.type} in save".strip() if outcome.type else "save failed"
    if outcome.kind is Kind.UNSUPPORTED:
        return "none"
    return outcome_words(outcome)


def _times(result: TrialResult) -> str:
    found = [(metric, duration(result.measurements, metric)) for metric in ("load", "infer")]
    return ", ".join(f"{metric} {time}" for metric, time in found if time)


def _markdown_row(grid: Grid, saver: str) -> str:
    found = [grid.at(saver, loader) for loader in grid.loaders]
    words = [cell(one.text + one.marks) if one else "" for one in found]
    return f"| **{cell(short(saver, grid.savers))}** | " + " | ".join(words) + " |"


def _messages(grid: Grid) -> list[str]:
    """Each message once, with how many squares say it."""
    said = [one for row in grid.squares.values() for one in row.values() if one.tone == Tone.BAD and one.message]
    first = {one.message: one for one in reversed(said)}
    lines = [
        f"- {one.glyph} x{sum(other.message == text for other in said)} ({cell(one.words)}): {cell(text)}"
        for text, one in reversed(first.items())
    ]
    return [*lines, ""] if lines else []
