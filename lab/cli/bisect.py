"""`lab bisect`: since which release it fails, or until which one."""

from typing import Annotated, Any

import typer

from lab.cli import follow, opening, options, subject
from lab.cli.repro import DryOption, dry_line, one_planned, route_of
from lab.cli.screen import Screen, say
from lab.cli.subject import DimOption, InputsOption, Subject, SubjectArgument
from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.model.search import Axis, Bisected
from lab.outcome.exits import EXITS
from lab.report import bisect as report_bisect
from lab.run.plan import Words
from lab.search import bisect as search_bisect
from lab.search import bisect_measured
from lab.search.judge import AUTO
from lab.search.row import BisectRequest, line_up
from lab.search.symptoms import METRICS, symptom_of
from lab.storage import store
from lab.storage.workspace import Workspace

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
PerfOption = Annotated[
    str,
    typer.Option("--perf", help=f"Search for slowness: METRIC:SHARE, such as infer:10%; any of {', '.join(METRICS)}."),
]
SymptomOption = Annotated[
    str, typer.Option("--symptom", help="What is wrong: fails (default), slower (--perf infer:10%), or leak.")
]


def bisect(
    name: SubjectArgument,
    good: GoodOption,
    bad: BadOption,
    axis: AxisOption = Axis.LOADER,
    saver: SaverOption = "",
    loader: LoaderOption = "",
    signature: SignatureOption = "auto",
    find_fix: FixOption = False,
    repeat: RepeatOption = 1,
    sweep: SweepOption = False,
    perf: PerfOption = "",
    symptom: SymptomOption = "",
    flag: FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: SaveFlagOption = [],  # noqa: B006
    route: RouteOption = "",
    inputs: InputsOption = "",
    dim: DimOption = [],  # noqa: B006
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    seed: SeedOption = 0,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: DryOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Find the first release that fails, or is slower, or leaks: no release is tried without need."""
    found, catalogue = opening.place(workspace)
    asked = subject.SubjectWords(name=name, inputs=inputs, dim=dim, good=good, route=route, flag=flag, python=python)
    with subject.opened(found.scenarios, catalogue, asked) as about:
        question = BisectRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=follow.command(), good=good, bad=bad,
            axis=axis, saver=_saver(about, saver, save_flag, axis), loader=loader, signature=signature, fix=find_fix, repeat=repeat,
            words=worded(flag, save_flag, python, threads, route_of(about.scenario, route)), symptom=symptom_of(perf, symptom), sweep=sweep, seed=seed,
        )  # fmt: skip
        _go(question, found, engine, fresh=fresh, resume=resume, dry_run=dry_run, json=json)


def _saver(about: Subject, saver: str, save_flag: list[str], axis: Axis) -> str:
    """What saved the files; of a given model, which nobody saves, the release whose answers it is held against."""
    about.refuse(saver=bool(saver), save_flag=bool(save_flag), axis=axis is not Axis.LOADER)
    return about.good or saver


def _go(
    question: BisectRequest,
    found: Workspace,
    engine: EngineChoice,
    *,
    fresh: bool,
    resume: str,
    dry_run: bool,
    json: bool,
) -> None:
    """Print what would be tried, or try it and print the answer."""
    _only_for_failures(question)
    if not dry_run:
        _answer(_searched(question, found, engine, fresh=fresh, resume=resume, quiet=json), json=json)
        return
    rows = _rows(question)
    say(store.pretty({"command": question.command, "rows": rows}).decode() if json else _dry(question, rows))


def _searched(
    question: BisectRequest, found: Workspace, engine: EngineChoice, *, fresh: bool, resume: str, quiet: bool
) -> Bisected:
    """Search by failures, or by measuring, and show what happens."""
    screen = Screen(total=0, quiet=quiet)
    laboratory = opening.laboratory(found, question.catalogue, engine, screen)
    perform = search_bisect.perform if question.symptom is None else bisect_measured.perform
    events = perform(question, laboratory, fresh=fresh, resume=resume)
    return follow.follow(events, screen, again=follow.once_more(question.command))


def _only_for_failures(question: BisectRequest) -> None:
    """UsageError for options that mean nothing where releases are measured."""
    if question.symptom is None:
        return
    asked = {"--axis": question.axis is not Axis.LOADER, "--signature": question.signature != AUTO}
    asked |= {"--loader": bool(question.loader), "--repeat": question.repeat > 1}
    for name in [name for name, given in asked.items() if given]:
        raise UsageError(f"{name} is for failures: a {question.symptom.label} is measured", f"leave {name} out")


def worded(flag: list[str], save_flag: list[str], python: str, threads: int, route: str) -> Words:
    """What holds for every trial of a search."""
    return Words(
        full=True, python=python, threads=threads, loader_env=options.pairs(flag), saver_env=options.pairs(save_flag),
        route=route,
    )  # fmt: skip


def _rows(question: BisectRequest) -> list[dict[str, Any]]:
    """The releases a search would walk over, axis by axis."""
    axes = (Axis.LOADER, Axis.SAVER) if question.axis is Axis.BOTH else (question.axis,)
    return [
        {
            "axis": axis.value,
            "manner": row.manner,
            "fixed": row.fixed,
            "releases": len(row.names),
            "budget": row.budget,
            "trials": [one_planned(one) for one in row.planned],
        }
        for axis, row in ((axis, line_up(question, axis)) for axis in axes)
    ]


def _dry(question: BisectRequest, rows: list[dict[str, Any]]) -> str:
    lines = [f"# {question.command}"]
    for row in rows:
        lines += [f"# {row['manner']}: {row['releases']} releases, at most {row['budget']} trials"]
        lines += [dry_line(one) for one in row["trials"]]
    return "\n".join(lines)


def _answer(found: Bisected, *, json: bool) -> None:
    """The strip, the sentence, the link, the block for the issue; or one JSON document."""
    if json:
        say(store.pretty(found).decode())
    else:
        _tell(found)
    wrong = (bisect_measured if found.symptom else search_bisect).ends_wrong(found)
    if wrong is not None:
        raise wrong
    raise typer.Exit(EXITS[search_bisect.ending(found)])


def _tell(found: Bisected) -> None:
    for pair, said in found.corners:
        say(f"{pair}: {said}")
    if found.side:
        say(f"side: {found.side}\n")
    for one in found.strips:
        say(report_bisect.chart(one))
        lines = report_bisect.measured(one) if one.symptom else report_bisect.skipped(one)
        say("\n".join(f"  {line}" for line in lines) or "  every release that was tried gave a verdict")
        say(f"\n{report_bisect.answer(one)}\n{report_bisect.cost(one)}")
        if one.suspects:
            say(f"upstream changes: {report_bisect.compare_url(one)}")
        say("")
    say(f"took {found.seconds:.0f} s; every trial: lab runs show {found.run}")
    if not any(one.wrong for one in found.strips):
        say(f"\nfor an issue:\n\n{report_bisect.markdown(found)}")
