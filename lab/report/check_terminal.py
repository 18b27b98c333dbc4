"""What `lab check` found, in a terminal: the paragraph, every trial, the lines to use, and what was assumed."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.model.check import Attempt, Checked, Safety
from lab.model.cure import Ratio
from lab.outcome.words import message_lines, numbers, outcome_words
from lab.report.check import assumed, grouped, lines, listed, paragraph
from lab.report.rows import duration

COLOURS = {Safety.SAFE: "green", Safety.OTHERWISE: "yellow", Safety.UNSAFE: "red", Safety.UNKNOWN: "magenta"}


def render(found: Checked) -> RenderableType:
    """The whole answer for a terminal."""
    worst = max((one.safety for one in found.answers), key=tuple(Safety).index)
    style = "red" if found.stamp is not None and found.stamp.broken else COLOURS[worst]
    parts: list[RenderableType] = [Text(paragraph(found), style=style), Text(""), _table(found)]
    parts += _messages(found)
    for code, releases in grouped(found, lambda one: lines(found, one.best)):
        if code:
            parts += [Text(f"\nto use in {listed(releases)}", style="bold"), Text(_indented(code))]
    parts += [Text("\nassumed", style="bold"), *(Text(f"  {one}") for one in assumed(found))]
    return Group(*parts)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _table(found: Checked) -> Table:
    """One row a trial; flags that changed nothing are told below, not here."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    headings = [
        "in",
        "by",
        "outcome",
        "against the reference",
        f"same API in {found.old}",
        "load",
        "call",
        "call ratio",
    ]
    shown = len(headings) if any(one.trial.measurements for one in found.attempts) else len(headings) - 3
    for heading in headings[:shown]:
        made.add_column(heading, overflow="fold")
    for one in found.attempts:
        if not _idle(one):
            made.add_row(*(Text(cell, style="" if one.good else "red") for cell in _cells(one)[:shown]))
    return made


def _idle(one: Attempt) -> bool:
    return bool(one.way.env) and not one.good


def _cells(one: Attempt) -> tuple[str, ...]:
    times = one.trial.measurements
    return (
        one.release,
        one.way.label,
        outcome_words(one.trial.outcome),
        numbers(one.trial.diffs),
        numbers(one.before),
        duration(times, "load"),
        duration(times, "infer"),
        _ratio(one.call),
    )


def _ratio(found: Ratio | None) -> str:
    return f"{found.seconds / found.good:.2f}x ({found.low:.2f} to {found.high:.2f})" if found else ""


def _messages(found: Checked) -> Iterator[Text]:
    """Each error message once, with the places it was seen in, and the flags that did not help."""
    seen: dict[str, list[str]] = {}
    for one in found.attempts:
        if one.trial.outcome.message and not one.good and not _idle(one):
            seen.setdefault("\n".join(message_lines(one.trial.outcome)), []).append(f"{one.way.label} in {one.release}")
    for message, places in seen.items():
        yield Text(f"\n{', '.join(places)}: {message}", style="dim")
    idle = dict.fromkeys(f"{one.way.cure} by {one.way.route}" for one in found.attempts if _idle(one))
    if idle:
        yield Text(f"\ntried without effect: {', '.join(idle)} (entries of cures.toml)", style="dim")
