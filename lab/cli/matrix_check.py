"""`lab matrix-check`: every scenario held against what it expects, and what changed since the last time."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from lab.cli import opening, options
from lab.cli.follow import follow
from lab.cli.matrix import AGAIN, NamesArgument, chosen
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import Interrupted, LabError
from lab.model import OutcomeChange, Run, Scenario
from lab.outcome import verdict
from lab.outcome.exits import worst
from lab.report import rows
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.workflow import Laboratory, RunRequest
from lab.storage import store
from lab.storage.store import Store

FullOption = Annotated[bool, typer.Option("--full", help="Also the pairs that cost a large download or much memory.")]


def matrix_check(
    names: NamesArgument = [],  # noqa: B006
    full: Annotated[
        bool, typer.Option("--full", help="Also the pairs that cost a large download or much memory.")
    ] = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Hold every scenario against what it expects: one line each, what differs from it, and what changed since last time."""
    found, catalogue = opening.place(workspace)
    screen = Screen(quiet=True)
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    lines: list[dict[str, Any]] = []
    for read in chosen(found, names, full=full):
        lines.append(_checked(read, catalogue, laboratory, full=full, fresh=fresh))
        if not json:
            say(_line(lines[-1]))
    if json:
        say(store.pretty(lines).decode())
    raise typer.Exit(worst([int(one["code"]) for one in lines]))


def _checked(
    read: Scenario, catalogue: Catalogue, laboratory: Laboratory, *, full: bool, fresh: bool
) -> dict[str, Any]:
    """One scenario held against its header; an engine that fails costs only this line."""
    before = _last(laboratory.store, read.name)
    try:
        request = RunRequest(
            name=read.name, command=f"lab matrix-check {read.name}", scenario_sha256=read.sha256, rounds=0, fresh=fresh,
            planned=plan.from_header(read, catalogue, Words(full=full)),
        )  # fmt: skip
        run = follow(workflow.perform(request, laboratory), Screen(quiet=True), again=AGAIN)
    except Interrupted:
        raise
    except LabError as error:
        return {
            "scenario": read.name,
            "verdict": "not run",
            "code": error.exit_code,
            "headline": error.what,
            "run": "",
            "differs": [],
            "changed": [],
        }
    code = verdict.exit_code(run.verdict, run.trials)
    changed = _changed(before, run) if before else []
    return _entry(read.name, run.verdict.value, code, rows.headline(run), run.id, list(run.reasons), changed)


def _entry(
    name: str, word: str, code: int, headline: str, run: str = "", differs: Sequence[str] = (),
    changed: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    return {
        "scenario": name, "verdict": word, "code": code, "headline": headline, "run": run, "differs": list(differs),
        "changed": list(changed),
    }  # fmt: skip


def _last(kept: Store, name: str) -> Run | None:
    """The newest finished run of a scenario."""
    runs = kept.whole(f"-{name}-")
    return next((one for one in runs if one.scenario == name and one.status == "finished"), None)


def _changed(before: Run, after: Run) -> list[str]:
    """What pairs of both runs did otherwise than before."""
    old = {one.label: one.outcome for one in before.trials}
    pairs = [(one.label, verdict.compare_with(old[one.label], one.outcome)) for one in after.trials if one.label in old]
    return [f"{label}: {change}" for label, change in pairs if change.known and change is not OutcomeChange.SAME]


def _line(one: dict[str, Any]) -> str:
    lines = [f"{one['verdict'] or 'no verdict':<15} {one['scenario']:<28} {one['headline']}"]
    lines += [f"  differs  {text}" for text in one["differs"]]
    lines += [f"  changed  {text}" for text in one["changed"]]
    return "\n".join(lines)
