"""What `lab check` found, in a terminal: the paragraph, every trial, the lines to use, and what was assumed."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from lab.model.check_grid import Cell, CellStanding, Checked, Safety
from lab.model.cure import Ratio
from lab.outcome import upgrade
from lab.outcome.standing import standing
from lab.outcome.words import message_lines, numbers, outcome_words
from lab.report.check import assumed, paragraph, unshown
from lab.report.check_words import listed, way_words
from lab.report.prose import Pasted, Prose, said
from lab.report.rows import duration
from lab.report.sheet import Sheet, SheetColumn

_OTHER = (CellStanding.OTHER, CellStanding.ALONE, CellStanding.REFUTED)
TIMES, AGAINST = ("load", "call", "call ratio"), ("against ", "same API ")
COLOURS = {Safety.SAFE: "green", Safety.OTHERWISE: "yellow", Safety.UNKNOWN: "magenta"}


def render(found: Checked) -> RenderableType:
    """The whole answer for a terminal."""
    style = COLOURS.get(upgrade.overall(found.answers), "red")
    parts: list[RenderableType] = [said(paragraph(found), style, indent=0), Text(""), _table(found)]
    parts += _messages(found)
    parts += _use(found)
    parts += [Text("\nassumed", style="bold"), *(said(f"  {one}", indent=4) for one in assumed(found))]
    return Group(*parts)


def _use(found: Checked) -> Iterator[Prose | Pasted]:
    """The lines to paste, those that are the same in several releases once; and which were not fit to be shown."""
    blocks: dict[tuple[str, str], list[str]] = {}
    for one in found.snippets:
        if one.outcome.ok:
            instead = f" instead of {way_words(one.use.instead)}" if one.use.instead else ""
            blocks.setdefault((instead, one.lines), []).append(one.release)
    for (instead, code), releases in blocks.items():
        ran = "run there as it stands, with the answers of the trial above"
        yield said(f"\nto use in {listed(releases)}{instead} ({ran})", "bold")
        yield Pasted(text=f"\n{code}")
    yield from (said(f"\n{left}", "dim") for left in unshown(found))


def _table(found: Checked) -> Sheet:
    """One row a trial, and every row whose numbers are other ones; flags that only failed are told below."""
    headings = ["in", "by", "outcome", "against the reference", f"same API in {found.old}"]
    if any(one.expected for one in found.grid.cells):
        headings.insert(3, "against what is right")
    by = found.grid.third.by if found.grid.third and any(one.third for one in found.grid.cells) else ""
    headings += [f"against {by}"] if by else []
    if any(one.trial.measurements for one in found.grid.cells):
        headings += TIMES
    rows = []
    for one in found.grid.cells:
        if not _idle(found, one):
            cells = _cells(one, timed="load" in headings, vouched="against what is right" in headings, third=bool(by))
            rows.append(tuple(Text(cell, style=_style(found, one)) for cell in cells))
    return Sheet(columns=tuple(map(_column, headings)), rows=tuple(rows))


def _column(heading: str) -> SheetColumn:
    """Times go below their row first, then what is held against what; release, way and outcome stay."""
    aside = 2 if heading in TIMES else 1 if heading.startswith((*AGAINST,)) else 0
    return SheetColumn(heading=heading, prose=heading == "outcome" or aside == 1, aside=aside)


def _style(found: Checked, one: Cell) -> str:
    now = standing(found.grid, one)
    return "" if now.good else "bold red" if now in _OTHER else "red"


def _idle(found: Checked, one: Cell) -> bool:
    """Whether a trial is of a flag that gave no numbers: those are counted below."""
    now = standing(found.grid, one)
    return bool(one.way.env) and not now.good and now not in _OTHER


def _cells(one: Cell, *, timed: bool, vouched: bool, third: bool) -> tuple[str, ...]:
    times = one.trial.measurements
    right = (numbers(one.expected),) if vouched else ()
    judged = (numbers(one.third),) if third else ()
    took = (duration(times, "load"), duration(times, "infer"), _ratio(one.call)) if timed else ()
    outcome = outcome_words(one.trial.outcome)
    return (one.release, one.way.label, outcome, *right, numbers(one.reference), numbers(one.before), *judged, *took)


def _ratio(found: Ratio | None) -> str:
    return f"{found.seconds / found.good:.2f}x ({found.low:.2f} to {found.high:.2f})" if found else ""


def _messages(found: Checked) -> Iterator[Prose]:
    """Each error message once, with the places it was seen in, and what the flags did that did not help."""
    seen: dict[str, list[str]] = {}
    for one in found.grid.cells:
        if one.trial.outcome.message and not standing(found.grid, one).good and not _idle(found, one):
            seen.setdefault("\n".join(message_lines(one.trial.outcome)), []).append(f"{one.way.label} in {one.release}")
    for message, places in seen.items():
        yield said(f"\n{', '.join(places)}: {message}", "dim")
    for what, cells in (
        ("tried without effect", upgrade.without_effect(found.grid)),
        ("tried, and it fails otherwise", upgrade.no_help(found.grid)),
        ("tried, and not found out", upgrade.unjudged(found.grid)),
    ):
        if cells:
            yield said(f"\n{what}: {'; '.join(_settings(cells))} (entries of cures.toml)", "dim")


def _settings(cells: Sequence[Cell]) -> Iterator[str]:
    """Each setting by each way it was tried by, with its releases: "old-ir by predictor in 3.0.0 and 3.3.1"."""
    tried: dict[str, list[str]] = {}
    for one in cells:
        tried.setdefault(f"{one.way.cure or one.way.label} by {one.way.route}", []).append(one.release)
    yield from (f"{name} in {listed(releases)}" for name, releases in tried.items())


def took(found: Checked) -> str:
    """How long it took, and what was waited for, the longest first; what took no second is not spoken of."""
    total = sum(found.spent.values())
    parts = [f"{name} {seconds:.0f} s" for name, seconds in sorted(found.spent.items(), key=lambda one: -one[1])]
    shown = ", ".join(one for one in parts if not one.endswith(" 0 s"))
    return f"took {total:.0f} s ({shown})" if shown else f"took {total:.0f} s"
