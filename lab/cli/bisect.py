"""`lab bisect`: since which release it fails, or until which one."""

from typing import Annotated, Any

import typer

from lab import scenario, store
from lab.cli import following, opening, options
from lab.cli.screen import Screen, say
from lab.cli.trials import DryOption, NameArgument, dry_line, one_planned, route_of
from lab.engine.choose import EngineChoice
from lab.model.search import Bisected
from lab.plan import Words
from lab.report import strip
from lab.searching import bisecting
from lab.searching.rows import Axis, Question, line_up

GoodOption = Annotated[str, typer.Option("--good", help="A release that works, such as 2.6.2 or 2.6.1-gpu.")]
BadOption = Annotated[str, typer.Option("--bad", help="A release that fails, such as 3.0.0 or newest.")]
AxisOption = Annotated[Axis, typer.Option("--axis", help="Which side moves from release to release.")]
SaverOption = Annotated[str, typer.Option("--saver", help="What saves while loaders move; else the good release.")]
LoaderOption = Annotated[str, typer.Option("--loader", help="What loads while savers move; else the bad release.")]
SignatureOption = Annotated[
    str, typer.Option("--signature", help='What counts as the failure: "auto" (the bad end\'s), "any", or a regex.')
]
FixOption = Annotated[bool, typer.Option("--find-fix", help="From the bad release on: since when does it work again?")]
RepeatOption = Annotated[int, typer.Option("--repeat", min=1, max=20, help="Times each release is tried.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Chooses the random probes.")]
SweepOption = Annotated[bool, typer.Option("--sweep", help="Try every release of the row.")]
FlagOption = Annotated[list[str], typer.Option("--flag", help="NAME=VALUE set before import on the loading side.")]
SaveFlagOption = Annotated[list[str], typer.Option("--save-flag", help="NAME=VALUE set on the saving side.")]
RouteOption = Annotated[str, typer.Option("--route", help="How the model is opened.")]


def bisect(
    name: NameArgument,
    good: GoodOption,
    bad: BadOption,
    axis: AxisOption = Axis.LOADER,
    saver: SaverOption = "",
    loader: LoaderOption = "",
    signature: SignatureOption = "auto",
    find_fix: FixOption = False,
    repeat: RepeatOption = 1,
    sweep: SweepOption = False,
    flag: FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: SaveFlagOption = [],  # noqa: B006
    route: RouteOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    seed: SeedOption = 0,
    fresh: options.FreshOption = False,
    dry_run: DryOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Find the first release that fails, with its saver or loader fixed: no release is tried without need."""
    found, catalogue = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    words = worded(flag, save_flag, python, threads, route_of(read, route))
    question = Question(
        scenario=read, catalogue=catalogue, command=following.command(), good=good, bad=bad, axis=axis,
        saver=saver, loader=loader, signature=signature, fix=find_fix, repeat=repeat, sweep=sweep, seed=seed,
        words=words,
    )  # fmt: skip
    if dry_run:
        rows = _rows(question)
        say(store.pretty({"command": question.command, "rows": rows}).decode() if json else _dry(question, rows))
    else:
        screen = Screen(total=0, quiet=json)
        events = bisecting.perform(question, opening.laboratory(found, catalogue, engine, screen), fresh=fresh)
        _answer(following.follow(events, screen, question.command).found, json=json)


def worded(flag: list[str], save_flag: list[str], python: str, threads: int, route: str) -> Words:
    """What holds for every trial of a search."""
    return Words(
        full=True, python=python, threads=threads, loader_env=options.pairs(flag), saver_env=options.pairs(save_flag),
        route=route,
    )  # fmt: skip


def _rows(question: Question) -> list[dict[str, Any]]:
    """The releases a search would walk over, axis by axis."""
    axes = (Axis.LOADER, Axis.SAVER) if question.axis is Axis.BOTH else (question.axis,)
    return [
        {
            "axis": axis.value,
            "fixed": row.fixed,
            "releases": len(row.names),
            "budget": row.budget,
            "trials": [one_planned(one) for one in row.planned],
        }
        for axis, row in ((axis, line_up(question, axis)) for axis in axes)
    ]


def _dry(question: Question, rows: list[dict[str, Any]]) -> str:
    lines = [f"# {question.command}"]
    for row in rows:
        fixed = f"{row['axis']}s move, {row['fixed']} is fixed"
        lines += [f"# {fixed}: {row['releases']} releases, at most {row['budget']} trials"]
        lines += [dry_line(one) for one in row["trials"]]
    return "\n".join(lines)


def _answer(found: Bisected, *, json: bool) -> None:
    """The strip, the sentence, the link, the block for the issue; or one JSON document."""
    if json:
        say(store.pretty(found).decode())
    else:
        _tell(found)
    wrong = bisecting.ends_wrong(found)
    if wrong is not None:
        raise wrong
    raise typer.Exit(bisecting.exit_code(found))


def _tell(found: Bisected) -> None:
    for pair, said in found.corners:
        say(f"{pair}: {said}")
    if found.side:
        say(f"side: {found.side}\n")
    for one in found.strips:
        say(strip.chart(one))
        say("\n".join(f"  {line}" for line in strip.skipped(one)) or "  every release that was tried gave a verdict")
        say(f"\n{strip.answer(one)}\n{strip.cost(one)}")
        if one.suspects:
            say(f"upstream changes: {strip.compare_url(one)}")
        say("")
    say(f"took {found.seconds:.0f} s; every trial: lab runs show {found.run}")
    if not any(one.wrong for one in found.strips):
        say(f"\nfor an issue:\n\n{strip.markdown(found)}")
