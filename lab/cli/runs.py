"""`lab runs`: what was run, what came out, and what two runs differ in."""

from collections.abc import Sequence
from pathlib import Path

import typer

from lab.cli import again, answer, next_commands, opening, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import labelled, say, show
from lab.errors import UsageError
from lab.machine import file_lock
from lab.model import OutcomeChange, Run, RunStatus, TrialResult
from lab.outcome.exits import Ending
from lab.outcome.verdict import compare_with
from lab.report import markdown
from lab.run.ownership import LOCK
from lab.storage.store import Damaged, Store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def _store(workspace: str) -> Store:
    found, _ = opening.place(workspace)
    return Store(root=found.results)


@app.command("list")
@answers(Format.TEXT)
def list_(workspace: options.WorkspaceOption = "") -> None:
    """Every run, newest first."""
    found = list(_store(workspace).each())
    answer.give({"runs": [_summary(one) for one in found]}, text=lambda: _table(found))


def _table(found: Sequence[Run | Damaged]) -> None:
    from lab.report import listings  # noqa: PLC0415 - tables are needed only at the end

    show(listings.runs(found))


def _summary(one: Run | Damaged) -> dict[str, object]:
    if isinstance(one, Damaged):
        return {"id": one.id, "status": "damaged", "why": one.why}
    return {
        "id": one.id,
        "verb": one.verb,
        "status": one.status,
        "verdict": one.verdict.value,
        "engine": one.engine,
        "scenario": one.scenario,
        "started": one.started,
        "trials": len(one.trials),
    }


@app.command()
@answers(Format.TEXT)
def rm(runs: options.KeptRunsArgument, workspace: options.WorkspaceOption = "") -> None:
    """Remove runs with all their files; what other runs took over from them stays there."""
    kept = _store(workspace)
    chosen = list(dict.fromkeys(kept.only(word) for word in runs))
    busy = [one for one in chosen if file_lock.held(kept.folder(one) / LOCK)]
    if busy:
        raise UsageError(f"a lab is at work on run {busy[0]}", "wait for its end, or stop it; nothing was removed")
    for one in chosen:
        kept.remove(one)
    answer.give({"removed": chosen}, text=lambda: say("\n".join(f"removed {one}" for one in chosen)))


@app.command("show")
@answers(Format.TEXT, Format.MARKDOWN)
def show_(run: options.RunArgument = "last", workspace: options.WorkspaceOption = "") -> None:
    """One run: its table, messages and verdict."""
    place, _ = opening.place(workspace)
    found = Store(root=place.results).find(run)
    notes = opening.known_notes(place, found)
    left = found.status is not RunStatus.FINISHED and not file_lock.held(
        Store(root=place.results).folder(found.id) / LOCK
    )
    answer.give(
        found,
        text=lambda: _tell(found, notes, Store(root=place.results).folder(found.id), left=left),
        markdown=lambda: markdown.render(found, notes),
    )


def _tell(found: Run, notes: Sequence[str], folder: Path, *, left: bool) -> None:
    from lab.report import cut_answers, rows, run_terminal  # noqa: PLC0415

    told = [] if found.trials else cut_answers.lines(folder)
    if told:
        labelled("\n".join(told))
    else:
        show(run_terminal.render(found))
    for note in notes:
        labelled(f"known  {note}")
    for note in () if told else found.notes[any(rows.answer(found)) :]:
        labelled(f"note   {note}")
    if not told and not left and run_terminal.of_search(found):
        next_commands.tell(("its answer", again.canonical(found.command)))
    if left:  # interrupted, or killed: then its file still says that it runs
        say(f"go on  {again.go_on(again.canonical(found.command), found.id)}")


@app.command()
@answers(Format.TEXT)
def diff(
    old: options.EarlierRunArgument, new: options.RunArgument = "last", workspace: options.WorkspaceOption = ""
) -> None:
    """What changed between two runs, pair by pair; exit 1 if a pair regressed or failed differently."""
    kept = _store(workspace)
    before, after = kept.find(old), kept.find(new)
    lines = _changes({one.label: one for one in before.trials}, {one.label: one for one in after.trials})
    answer.give(
        {"changes": [{"pair": pair, "change": change} for pair, change in lines]},
        Ending.WORSE
        if any(isinstance(change, OutcomeChange) and change.worse for _, change in lines)
        else Ending.STEADY,
        text=lambda: say("\n".join(f"{change:<16} {pair}" for pair, change in lines)),
    )


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
