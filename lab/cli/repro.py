"""`lab repro` and `lab run`: words become a plan, the plan runs, the answer is printed."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from lab import scenario
from lab.cli import gitbisect, opening, options
from lab.cli.follow import follow
from lab.cli.screen import Screen, say, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Run, Scenario
from lab.outcome.verdict import exit_code
from lab.run import plan, workflow
from lab.run.plan import Planned, Words
from lab.run.workflow import Laboratory, RunRequest
from lab.storage import store
from lab.storage.workspace import Workspace

NameArgument = Annotated[str, typer.Argument(help="A scenario: its name in scenarios/, or a path to its file.")]
FullOption = Annotated[bool, typer.Option("--full", help="Also the pairs that cost a large download.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan and the Dockerfiles, and do nothing.")]
SaveOption = Annotated[list[str], typer.Option("--save", help="Saving environments, such as 2.6.2 or 2.6.1-gpu.")]
LoadOption = Annotated[list[str], typer.Option("--load", help="Loading environments, such as 3.0.0 or newest.")]
FlagOption = Annotated[list[str], typer.Option("--flag", help="NAME=VALUE set before import on the loading side.")]
SaveFlagOption = Annotated[list[str], typer.Option("--save-flag", help="NAME=VALUE set on the saving side.")]
GitBisectOption = Annotated[
    bool, typer.Option("--git-bisect-exit", help="Exit as `git bisect run` wants: 0 works, 1 fails, 125 untestable.")
]
RouteOption = Annotated[str, typer.Option("--route", help="How the model is opened: own, jit, static, predictor, ...")]


def repro(
    name: NameArgument,
    full: FullOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    rounds: options.TimesOption = workflow.ROUNDS,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: DryOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Reproduce a reported problem: every pair its scenario speaks of, against what it expects."""
    found, catalogue = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    planned = plan.from_header(read, catalogue, Words(full=full, python=python, threads=threads))
    request = RunRequest(
        name=read.name, command=options.command(), planned=planned, scenario_sha256=read.sha256, rounds=rounds, fresh=fresh,
        resume=resume,
    )  # fmt: skip
    _end(_go(request, found, catalogue, engine, dry_run=dry_run, json=json))


def run(
    name: NameArgument,
    save: SaveOption,
    load: LoadOption,
    flag: FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: SaveFlagOption = [],  # noqa: B006
    route: RouteOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    rounds: options.TimesOption = 0,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: DryOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
    git_bisect_exit: GitBisectOption = False,
) -> None:
    """Run any saver with any loader: every pair of the named environments, with your flags."""
    with gitbisect.codes(wanted=git_bisect_exit):
        found, catalogue = opening.place(workspace)
        read = scenario.read(scenario.find(found.scenarios, name))
        words = Words(
            full=True, python=python, threads=threads, savers=options.listed(save), loaders=options.listed(load),
            loader_env=options.pairs(flag), saver_env=options.pairs(save_flag), route=route_of(read, route),
        )  # fmt: skip
        planned = plan.from_words(read, catalogue, words)
        request = RunRequest(
            name=read.name, command=options.command(), planned=planned, scenario_sha256=read.sha256, rounds=rounds, fresh=fresh,
            resume=resume, whole=False,
        )  # fmt: skip
        done = _go(request, found, catalogue, engine, dry_run=dry_run, json=json)
        if git_bisect_exit and done is not None:
            raise typer.Exit(gitbisect.code(done.trials))
    _end(done)


def _end(done: Run | None) -> None:
    if done is not None:
        raise typer.Exit(exit_code(done.verdict, done.trials))


def route_of(read: Scenario, word: str) -> str:
    """The route a person means by a word; the scenario's first where nobody names one."""
    if word and word not in read.routes:
        raise UsageError(f"{read.name} has no route {word!r}", f"one of {', '.join(read.routes)}")
    return word or read.routes[0]


def _go(
    request: RunRequest, found: Workspace, catalogue: Catalogue, engine: EngineChoice, *, dry_run: bool, json: bool
) -> Run | None:
    """Run the request and print its answer; nothing is given back where only the plan was asked for."""
    screen = Screen(total=len(request.planned), quiet=json)
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    if dry_run:
        planned = _planned(request, laboratory)
        say(store.pretty(planned).decode() if json else _dry(planned))
        return None
    done = follow(workflow.perform(request, laboratory), screen, again=f"{request.command} --resume last")
    if json:
        say(store.pretty(done).decode())
    else:
        _answer(done, opening.known_notes(found, done))
    return done


def _answer(run: Run, notes: Sequence[str]) -> None:
    from lab.report import run_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(run_terminal.render(run))
    for note in notes:
        say(f"known  {note}")
    folder = f"results/runs/{run.id}"
    say(f"\nrun folder   {folder}")
    say(f"show again   lab runs show {run.id}")
    say(f"for an issue lab runs show {run.id} --format markdown")
    timed = [one for one in run.trials if one.measurements]
    if timed:
        say(f"raw times    python -m pyperf stats {folder}/{timed[0].folder}/timings/timings.json")


def _planned(request: RunRequest, laboratory: Laboratory) -> dict[str, Any]:
    """What would be done: the pairs with what is expected of them, and the images with their Dockerfiles."""
    recipes = [laboratory.preparer.recipe(one) for one in plan.environments(request.planned).values()]
    return {
        "command": request.command,
        "engine": laboratory.engine.name,
        "trials": [one_planned(one) for one in request.planned],
        "images": [
            {"tag": one.tag, "ready": laboratory.engine.image(one) is not None, "dockerfile": one.dockerfile}
            for one in recipes
        ],
    }


def one_planned(planned: Planned) -> dict[str, Any]:
    """One pair of a plan, as every dry run tells it."""
    expected = planned.expected.outcome.value if planned.expected else ""
    return {"pair": planned.label, "expects": expected, "unsupported": planned.unsupported}


def dry_line(one: Mapping[str, Any]) -> str:
    """One pair of a plan for people."""
    expected = f"  expects {one['expects']}" if one["expects"] else ""
    return f"{one['pair']}{expected}" + (f"  cannot exist here: {one['unsupported']}" if one["unsupported"] else "")


def _dry(planned: Mapping[str, Any]) -> str:
    lines = [f"# {planned['command']}: {len(planned['trials'])} trials on engine {planned['engine']}"]
    lines += [dry_line(one) for one in planned["trials"]]
    for one in planned["images"]:
        ready = "ready" if one["ready"] else "to be built"
        lines += ["", f"# image {one['tag']} ({ready})", one["dockerfile"].rstrip()]
    return "\n".join(lines)
