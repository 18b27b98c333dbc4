"""`lab runs`: what was run, what came out, and what two runs differ in."""

from enum import StrEnum
from typing import Annotated

import typer

from lab.cli import opening, options
from lab.cli.screen import say, show
from lab.model import OutcomeChange, Run, TrialResult
from lab.outcome.verdict import compare_with
from lab.report import markdown, rows
from lab.storage import store
from lab.storage.store import Damaged, Store
from lab.text import clean

app = typer.Typer(help="Finished and interrupted runs.", no_args_is_help=True, rich_markup_mode=None)
RunArgument = Annotated[str, typer.Argument(help='A run: its id, an unambiguous part of it, or "last".')]


RESUMABLE = (["repro"], ["run"], ["bisect"], ["cure"])


class Format(StrEnum):
    """How a run is shown."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


def _store(workspace: str) -> Store:
    found, _ = opening.place(workspace)
    return Store(root=found.results)


@app.command("list")
def list_(json: options.JsonOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Every run, newest first."""
    kept = _store(workspace)
    found = list(kept.each())
    if json:
        say(store.pretty([_summary(one) for one in found]).decode())
        return
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("run", "status", "verdict", "engine", "summary"):
        # Half an id names no run: where the terminal is narrow, it goes on in the next line.
        table.add_column(heading, overflow="fold")
    for one in found:
        if isinstance(one, Damaged):
            table.add_row(one.id, "damaged", "", "", escape(clean(one.why)))
        else:
            table.add_row(one.id, one.status, one.verdict.value, one.engine, rows.headline(one))
    show(table)


def _summary(one: Run | Damaged) -> dict[str, object]:
    if isinstance(one, Damaged):
        return {"id": one.id, "status": "damaged", "why": one.why}
    return {
        "id": one.id,
        "status": one.status,
        "verdict": one.verdict.value,
        "engine": one.engine,
        "scenario": one.scenario,
        "started": one.started,
        "trials": len(one.trials),
    }


@app.command("show")
def show_(
    run: RunArgument = "last",
    format: Annotated[Format, typer.Option("--format", "-f", help="How to show it.")] = Format.TERMINAL,  # noqa: A002
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """One run: its table, messages and verdict."""
    place, _ = opening.place(workspace)
    found = Store(root=place.results).find(run)
    notes = opening.known_notes(place, found)
    if json or format is Format.JSON:
        say(store.pretty(found).decode())
    elif format is Format.MARKDOWN:
        say(markdown.render(found, notes))
    else:
        from lab.report import run_terminal  # noqa: PLC0415

        show(run_terminal.render(found))
        for note in notes:
            say(f"known  {note}")
        for note in found.notes:
            say(f"note   {note}")
        if found.status == "interrupted" and found.command.split()[1:2] in RESUMABLE:
            say(f"go on  {found.command} --resume {found.id}")


@app.command()
def diff(
    old: RunArgument,
    new: RunArgument = "last",
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """What changed between two runs, pair by pair; exit 1 if a pair regressed or failed differently."""
    kept = _store(workspace)
    before, after = kept.find(old), kept.find(new)
    lines = _changes({one.label: one for one in before.trials}, {one.label: one for one in after.trials})
    if json:
        say(store.pretty([{"pair": pair, "change": change} for pair, change in lines]).decode())
    else:
        for pair, change in lines:
            say(f"{change:<16} {pair}")
    raise typer.Exit(1 if any(isinstance(change, OutcomeChange) and change.worse for _, change in lines) else 0)


def _changes(before: dict[str, TrialResult], after: dict[str, TrialResult]) -> list[tuple[str, OutcomeChange | str]]:
    lines: list[tuple[str, OutcomeChange | str]] = []
    for label in dict.fromkeys((*before, *after)):
        if label not in after:
            lines.append((label, "only in old"))
        elif label not in before:
            lines.append((label, "only in new"))
        else:
            lines.append((label, compare_with(before[label].outcome, after[label].outcome)))
    return lines
