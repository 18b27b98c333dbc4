"""`lab matrix`: which release reads what which release wrote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NoReturn

from lab.cli import again, answer, dry, opening, options, words
from lab.cli.command import answers, asked, splits, spreads
from lab.cli.flight import flown
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, say, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.knowledge import problems
from lab.model import Run, Scenario
from lab.outcome.exits import worst_of
from lab.outcome.verdict import grid_ending
from lab.report import builds, grid
from lab.report.grid import Grid
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.session import Laboratory, RunRequest
from lab.storage.store import Store
from lab.storage.workspace import Workspace


@spreads
@splits
@answers(Format.TEXT, Format.MARKDOWN, Format.HTML)
def matrix(
    names: options.ScenariosArgument = [],  # noqa: B006 - typer copies it
    savers: options.SaversOption = [],  # noqa: B006
    loaders: options.LoadersOption = [],  # noqa: B006
    flag: options.FlagOption = [],  # noqa: B006
    save_flag: options.SaveFlagOption = [],  # noqa: B006
    also: options.AlsoOption = [],  # noqa: B006
    route: options.RoutesOption = [],  # noqa: B006
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    rounds: options.RoundsOption = 0,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Every saver with every loader, as one table a scenario and route; without names, all that need no --full.

    Savers and loaders are the last patch of each stable minor release unless you name others. A failing square is an
    answer, not a failure. Nothing is run twice, also where an interrupted matrix is asked for again without --resume.

    Exit code 0, or 1 where a square is not as its scenario's header says.
    """
    found, catalogue = opening.place(workspace)
    named = Words(
        full=True, python=python, threads=threads, savers=words.selectors(catalogue, savers),
        loaders=words.selectors(catalogue, loaders), loader_env=words.pairs(flag), saver_env=words.pairs(save_flag),
    )  # fmt: skip
    given = words.sided(named)
    requests = [
        _request(read, catalogue, given, words.pairs([one for one in also if one]), words.listed(route), rounds=rounds)
        for read in words.scenarios(found, names)
    ]
    if dry_run:
        _dry_run(requests)
    going_on = begun(found, resume, [one.command for one in requests])
    screen = Screen(total=sum(len(one.planned) for one in requests), quiet=asked().json)
    laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
    asked_for = [replace(one, fresh=fresh, resume=going_on) for one in requests]
    runs = list(flown([partial(_followed, one, laboratory, screen) for one in asked_for], laboratory))
    _answer(found, runs)


def _followed(request: RunRequest, laboratory: Laboratory, screen: Screen) -> Run:
    return follow(workflow.perform(request, laboratory), screen)


def _dry_run(requests: Sequence[RunRequest]) -> NoReturn:
    """Every square of every scenario."""
    planned = {one.name: [dry.pair(pair) for pair in one.planned] for one in requests}
    lines = [f"{name}: {dry.line(pair)}" for name, pairs in planned.items() for pair in pairs]
    answer.plan({"command": again.command(), "scenarios": planned}, text=lambda: say("\n".join(lines)))


def _request(
    read: Scenario, catalogue: Catalogue, given: Words, also: Mapping[str, str], routes: Sequence[str], *, rounds: int
) -> RunRequest:
    planned = [
        one
        for route in words.routes(routes, read.routes, whose=read.name) or read.routes
        for one in plan.grid(read, catalogue, replace(given, route=route), also)
    ]  # fmt: skip
    # What "stable" means changes with the catalogue: a matrix that is run again has the squares it had.
    command = again.command(names=[read.name], savers=[",".join(given.savers)], loaders=[",".join(given.loaders)])
    return RunRequest(
        name=read.name, command=command, planned=tuple(planned), scenario_sha256=read.sha256, rounds=rounds
    )


def _answer(found: Workspace, runs: Sequence[Run]) -> None:
    entries = problems.read(found.scenarios / problems.FILE)
    language = opening.language()
    saved = {run.id: opening.files_of(found, run.id) for run in runs}
    places = {id(trial): saved[run.id] for run in runs for trial in run.trials}
    trials = [trial for run in runs for trial in run.trials]
    notes = problems.notes(trials, entries, language, lambda trial: places[id(trial)](trial))
    given = tuple(dict.fromkeys(line for run in runs for line in builds.lines(run)))
    tables = [table for run in runs for table in grid.grids(run, _by_label(found, run, entries, language))]
    answer.give(
        {"runs": [_about(run) for run in runs], "known": notes, "grids": tables},
        worst_of([grid_ending(run.trials) for run in runs]),
        text=lambda: _tell(tables, given, notes),
        markdown=lambda: grid.markdown(tables, notes),
        html=lambda: _html(found, runs, tables, notes),
    )


def _html(found: Workspace, runs: Sequence[Run], tables: Sequence[Grid], notes: Sequence[str]) -> str:
    from lab.site import matrix_page as page  # noqa: PLC0415 - only where a page is asked for

    return page.render("Who reads what whom wrote", tables, notes, dict(_logs(found, runs)))


def _tell(tables: Sequence[Grid], given: Sequence[str], notes: Sequence[str]) -> None:
    from lab.report import grid_terminal  # noqa: PLC0415 - tables are needed only at the end

    for table in tables:
        show(grid_terminal.render(table))
    for line in given:
        labelled(f"given  {line}")
    for line in notes:
        labelled(f"known  {line}")


def _about(run: Run) -> dict[str, object]:
    """What a reader of the tables must know of a run: what was asked, when, and of which machine."""
    return {
        "id": run.id,
        "command": run.command,
        "started": run.started,
        "engine": run.engine,
        "isolated": run.isolated,
        "machine": run.machine,
    }


def _by_label(place: Workspace, run: Run, entries: Sequence[problems.KnownProblem], language: str) -> dict[str, str]:
    files = opening.files_of(place, run.id)
    found = {one.label: problems.find(one, entries, files) for one in run.trials}
    return {label: f"this is {problems.about(one, language)}" for label, one in found.items() if one is not None}


def _logs(found: Workspace, runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
    """The end of what each trial printed, by run and folder."""
    kept = Store(root=found.results)
    for run in runs:
        for one in run.trials:
            log = kept.log(run.id, one.folder)
            if log:
                yield f"{run.id}/{one.folder}", log
