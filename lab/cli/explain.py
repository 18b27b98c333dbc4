"""`lab explain`: one page about one problem, from what fails to what cures it."""

from pathlib import Path
from typing import Annotated

import typer

from lab import scenario
from lab.cli import follow, opening, options
from lab.cli.repro import DryOption, NameArgument
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.environment import caps
from lab.knowledge import cures, problems
from lab.model.explanation import PAGE, Explained
from lab.model.search import Axis
from lab.outcome.exits import EXITS
from lab.report import explain as report
from lab.search import explain as search_explain
from lab.search import failing_pair
from lab.search.explain_request import ExplainRequest
from lab.storage import store
from lab.storage.workspace import Workspace

_MOVES = {Axis.LOADER: "what loads moves", Axis.SAVER: "what saves moves", Axis.SAME: "each release by itself,"}
AtOption = Annotated[str, typer.Option("--at", help="The release that fails; else the newest the header says of.")]
GoodOption = Annotated[str, typer.Option("--good", help="A release that does it right; else what the header says.")]
OutOption = Annotated[str, typer.Option("--output", "-o", help="Also write the page, as Markdown, to this file.")]
TimesOption = Annotated[int, typer.Option("--repeat", min=1, max=20, help="Times each cure is tried.")]
RoundsOption = Annotated[int, typer.Option("--rounds", min=0, max=50, help="Timed processes per cure; 0 = no price.")]


def explain(
    name: NameArgument,
    at: AtOption = "",
    good: GoodOption = "",
    output: OutOption = "",
    repeat: TimesOption = 2,
    rounds: RoundsOption = 2,
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    dry_run: DryOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Explain a problem on one page: since when, which side, what matters, what cures it, where it was reported."""
    found, catalogue = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    riddle = ExplainRequest(
        scenario=read, catalogue=catalogue, command=follow.command(),
        pair=failing_pair.chosen(read, catalogue, at=at, good=good), cures=cures.read(found.scenarios / "cures.toml"),
        known=problems.read(found.scenarios / problems.FILE), caps=caps(found.images), times=repeat, rounds=rounds,
        language=opening.language(),
    )  # fmt: skip
    if dry_run:
        say(_dry(riddle))
        return
    screen = Screen(total=0, quiet=json)
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    events = search_explain.perform(riddle, laboratory, fresh=fresh)
    page = follow.follow(events, screen, again=follow.once_more(riddle.command, resumed=False))
    _keep(page, found, output)
    _answer(page, found, json=json)


def _dry(riddle: ExplainRequest) -> str:
    one = riddle.pair
    lines = [f"# {riddle.command}", f"# {_MOVES[one.axis]} from {one.good} to {one.bad}"]
    lines += [f"fails? {riddle.trial(one.bad).label}", f"works? {riddle.trial(one.good).label}"]
    lines += ["then: since when, until when, which side, what matters, what cures it"]
    return "\n".join(lines)


def _keep(page: Explained, found: Workspace, output: str) -> None:
    """The page beside the run, where a bundle finds it, and wherever the user wants it."""
    text = report.markdown(page).encode()
    store.write(store.Store(root=found.results).folder(page.run) / PAGE, text)
    if output:
        store.write(Path(output), text)


def _answer(page: Explained, found: Workspace, *, json: bool) -> None:
    if json:
        say(store.pretty(page).decode())
    else:
        say(report.text(page))
        say(f"\ntook {page.seconds:.0f} s, {len(page.trials)} trials; the page: {_shown(found, page)}")
        say("to hand it over: lab bundle " + page.run)
    raise typer.Exit(EXITS[search_explain.ending(page)])


def _shown(found: Workspace, page: Explained) -> Path:
    path = store.Store(root=found.results).folder(page.run) / PAGE
    return path.relative_to(found.root) if path.is_relative_to(found.root) else path
