"""`lab matrix`: which release reads what which release wrote."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lab import scenario
from lab.cli import opening, options
from lab.cli.follow import follow
from lab.cli.screen import Screen, say, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.knowledge import problems
from lab.model import Run, Scenario
from lab.outcome.exits import EXITS, worst
from lab.outcome.verdict import grid_ending
from lab.report import grid
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.workflow import RunRequest
from lab.storage import store
from lab.storage.store import Store
from lab.storage.workspace import Workspace

AGAIN = "the same command again goes on where this one stopped"

NamesArgument = Annotated[list[str], typer.Argument(help="Scenarios; none means all that need no --full.")]
SaversOption = Annotated[
    list[str], typer.Option("--savers", help="Releases as 2.6.2..3.3.1, >=3.1, stable; or environments as 2.6.1-gpu.")
]
LoadersOption = Annotated[list[str], typer.Option("--loaders", help="The same for the loading side.")]
FlagOption = Annotated[list[str], typer.Option("--flag", help="NAME=VALUE set before import in every loader.")]
SaveFlagOption = Annotated[list[str], typer.Option("--save-flag", help="NAME=VALUE set before import in every saver.")]
AlsoOption = Annotated[
    list[str], typer.Option("--also", help="NAME=VALUE: every saver and loader a second time with it set.")
]
RouteOption = Annotated[
    list[str], typer.Option("--route", help="Only these ways of opening; else all of the scenario.")
]
MarkdownOption = Annotated[str, typer.Option("--markdown", help="Also write the tables to this file as Markdown.")]
HtmlOption = Annotated[str, typer.Option("--html", help="Also write one page of HTML, each square with its message.")]


def matrix(
    names: NamesArgument = [],  # noqa: B006 - typer copies it
    savers: SaversOption = [],  # noqa: B006
    loaders: LoadersOption = [],  # noqa: B006
    flag: FlagOption = [],  # noqa: B006
    save_flag: SaveFlagOption = [],  # noqa: B006
    also: AlsoOption = [],  # noqa: B006
    route: RouteOption = [],  # noqa: B006
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    rounds: options.TimesOption = 0,
    fresh: options.FreshOption = False,
    json: options.JsonOption = False,
    markdown: MarkdownOption = "",
    html: HtmlOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Which release reads what which release wrote: every saver with every loader, as one table a scenario and route.

    Savers and loaders are the last patch of each stable minor release unless you name others. Nothing is run twice: an
    interrupted matrix goes on where it stopped.
    """
    found, catalogue = opening.place(workspace)
    words = Words(
        full=True, python=python, threads=threads, savers=selectors(catalogue, savers),
        loaders=selectors(catalogue, loaders), loader_env=options.pairs(flag), saver_env=options.pairs(save_flag),
    )  # fmt: skip
    targets = [Path(one) for one in (markdown, html) if one]
    writable(targets)
    requests = [
        _request(read, catalogue, words, options.pairs(also), options.listed(route), rounds=rounds, fresh=fresh)
        for read in chosen(found, names)
    ]
    screen = Screen(total=sum(len(one.planned) for one in requests), quiet=json)
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    runs = [follow(workflow.perform(one, laboratory), screen, again=AGAIN) for one in requests]
    _tell(found, runs, json=json, markdown=markdown, html=html)
    raise typer.Exit(worst([EXITS[grid_ending(run.trials)] for run in runs]))


def selectors(catalogue: Catalogue, words: Sequence[str]) -> tuple[str, ...]:
    """Ranges and environments as selectors, each once, in the order they were named."""
    parts = [part.strip() for word in words for part in word.split(",")]
    if not parts:
        return plan.newest_patches(catalogue)
    named = [part for part in parts if "-" in part]
    found = (
        [one.version for one in catalogue.releases_in(",".join(part for part in parts if part not in named))]
        if len(named) < len(parts)
        else []
    )
    for part in named:
        catalogue.environment(part)  # a wrong word is said at once
    return tuple(dict.fromkeys((*found, *named)))


def chosen(found: Workspace, names: Sequence[str], *, full: bool = False) -> tuple[Scenario, ...]:
    """The scenarios asked for; without names, all that expect something which costs little."""
    if names:
        return tuple(scenario.read(scenario.find(found.scenarios, name)) for name in options.listed(names))
    every = scenario.list_all(found.scenarios)
    return tuple(one for one in every if any(full or not expected.full for expected in one.expectations))


def _request(
    read: Scenario, catalogue: Catalogue, words: Words, also: Mapping[str, str], routes: Sequence[str], *, rounds: int,
    fresh: bool,
) -> RunRequest:  # fmt: skip
    wrong = [one for one in routes if one not in read.routes]
    if wrong:
        raise UsageError(f"{read.name} has no route {wrong[0]!r}", f"one of {', '.join(read.routes)}")
    planned = [
        one
        for route in routes or read.routes
        for one in plan.grid(read, catalogue, replace(words, route=route), also)
    ]  # fmt: skip
    return RunRequest(
        name=read.name, command=_command(read.name, words, also, routes), planned=tuple(planned), scenario_sha256=read.sha256,
        rounds=rounds, fresh=fresh,
    )  # fmt: skip


def _command(name: str, words: Words, also: Mapping[str, str], routes: Sequence[str]) -> str:
    """The matrix of one scenario as a command that gives the same again."""
    flags = (("--flag", words.loader_env), ("--save-flag", words.saver_env), ("--also", also))
    set_by = [part for option, env in flags for key, value in env.items() for part in (option, f"{key}={value}")]
    places = ["--savers", ",".join(words.savers), "--loaders", ",".join(words.loaders)]
    threads = str(words.threads) if words.threads > 1 else ""
    asked = (("--route", ",".join(routes)), ("--python", words.python), ("--threads", threads))
    rest = [part for option, value in asked if value for part in (option, value)]
    return shlex.join(["lab", "matrix", name, *places, *set_by, *rest])


def writable(targets: Sequence[Path]) -> None:
    """Say before hours of work that a file cannot be written after them."""
    for path in targets:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"{path} cannot be written", "name a file in a folder that exists")


def _tell(found: Workspace, runs: Sequence[Run], *, json: bool, markdown: str, html: str) -> None:
    entries = problems.read(found.scenarios / problems.FILE)
    language = opening.language()
    notes = problems.notes([trial for run in runs for trial in run.trials], entries, language)
    tables = [table for run in runs for table in grid.grids(run, _by_label(run, entries, language))]
    if markdown:
        _write(Path(markdown), grid.markdown(tables, notes))
    if html:
        from lab.site import matrix_page as page  # noqa: PLC0415 - only where a page is asked for

        _write(Path(html), page.render("Who reads what whom wrote", tables, notes, dict(_logs(found, runs))))
    if json:
        say(store.pretty({"runs": [_about(run) for run in runs], "known": notes, "grids": tables}).decode())
        return
    from lab.report import grid_terminal  # noqa: PLC0415 - tables are needed only at the end

    for table in tables:
        show(grid_terminal.render(table))
    for line in notes:
        say(f"known  {line}")
    for path in (markdown, html):
        if path:
            say(f"written {path}")


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


def _by_label(run: Run, entries: Sequence[problems.KnownProblem], language: str) -> dict[str, str]:
    found = {one.label: problems.find(one, entries) for one in run.trials}
    return {label: f"this is {problems.about(one, language)}" for label, one in found.items() if one is not None}


def _logs(found: Workspace, runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
    """The end of what each trial printed, by run and folder."""
    kept = Store(root=found.results)
    for run in runs:
        for one in run.trials:
            log = kept.log(run.id, one.folder)
            if log:
                yield f"{run.id}/{one.folder}", log


def _write(path: Path, text: str) -> None:
    store.write(path.absolute(), text.encode())
