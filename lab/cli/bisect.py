"""`lab bisect`: since which release it fails, or until which one."""

from collections.abc import Callable, Generator
from typing import Any

from lab.cli import again, answer, dry, next_commands, next_cut, opening, options, subject, words
from lab.cli.command import answers, asked, splits, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, say, show, verbatim
from lab.cli.subject import Subject
from lab.engine.choose import EngineChoice
from lab.errors import UsageError
from lab.model.search import Axis, Bisected
from lab.report import bisect as report_bisect
from lab.report import ways as report_ways
from lab.report.prose import Chain
from lab.run.events import Event
from lab.search import bisect as search_bisect
from lab.search import bisect_measured, bisect_ways
from lab.search.judge import AUTO
from lab.search.row import BisectRequest, line_up
from lab.search.symptoms import label, symptom_of
from lab.search.ways import WAYS


@spreads
@splits
@answers(Format.TEXT, Format.MARKDOWN)
def bisect(
    name: options.SubjectArgument,
    good: options.GoodOption,
    bad: options.BadOption,
    axis: options.AxisOption = Axis.LOADER,
    saver: options.SaverOption = "",
    loader: options.LoaderOption = "",
    among: options.AmongOption = [],  # noqa: B006
    since: options.FirstDayOption = "",
    until: options.LastDayOption = "",
    signature: options.SignatureOption = AUTO,
    find_fix: options.FixOption = False,
    repeat: options.RepeatOption = 1,
    every: options.EveryOption = False,
    perf: options.PerfOption = "",
    symptom: options.SymptomOption = "",
    flag: options.FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: options.SaveFlagOption = [],  # noqa: B006
    route: options.RouteOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    with_: options.PackagesOption = [],  # noqa: B006
    threads: options.ThreadsOption = 1,
    seed: options.SeedOption = 0,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """No release is tried without need. Loaders move while the good release saves, unless --axis or --saver says otherwise.

    Exit code 0 for one answer, 1 not fixed, 3 a set or a contradiction, 4 where an end is not as named.
    """
    del since, until  # they choose the wheels of --among, before anything here runs
    found, catalogue = opening.place(workspace)
    sought = symptom_of(perf, symptom)
    ways = WAYS if sought is None and not route else ()
    given = subject.SubjectWords(
        name=name, inputs=inputs, dim=dim, good=good, route=route, flag=flag, python=python, ways=ways
    )
    with subject.opened(found.scenarios, catalogue, given) as about:
        question = BisectRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=again.command(), good=good, bad=bad,
            axis=axis, saver=_saver(about, saver, save_flag, axis), loader=loader, signature=signature, fix=find_fix, among=words.listed(among),
            words=words.searched(flag, save_flag, python, threads, words.route_of(about.scenario, route), with_),
            symptom=sought, ways=ways if about.model is not None else (), sweep=every, repeat=repeat, seed=seed,
        )  # fmt: skip
        _only_for_failures(question)
        if dry_run:
            rows = _rows(question)
            answer.plan({"command": question.command, "rows": rows}, text=lambda: say(_dry(question, rows)))
        screen = Screen(total=0, quiet=asked().json)
        going_on = begun(found, resume)
        laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
        perform = _performed(question)
        _answer(follow(perform(question, laboratory, fresh=fresh, resume=going_on), screen))


def _performed(question: BisectRequest) -> Callable[..., Generator[Event, None, Bisected]]:
    """How it is searched: releases measured, a model by each of its ways, or one row of releases."""
    if question.symptom is not None:
        return bisect_measured.perform
    return bisect_ways.perform if question.ways else search_bisect.perform


def _saver(about: Subject, saver: str, save_flag: list[str], axis: Axis) -> str:
    """What saved the files; of a given model, which nobody saves, the release whose answers it is held against."""
    about.refuse(saver=bool(saver), save_flag=bool(save_flag), axis=axis is not Axis.LOADER)
    return about.good or saver


def _only_for_failures(question: BisectRequest) -> None:
    """UsageError for options that mean nothing where releases are measured."""
    if question.symptom is None:
        return
    given = {"--axis": question.axis is not Axis.LOADER, "--signature": question.signature != AUTO}
    given |= {"--loader": bool(question.loader), "--repeat": question.repeat > 1}
    for name in [name for name, typed in given.items() if typed]:
        raise UsageError(f"{name} is for failures: a {label(question.symptom)} is measured", f"leave {name} out")


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
            "trials": [dry.pair(one) for one in row.planned],
        }
        for axis, row in ((axis, line_up(question, axis)) for axis in axes)
    ]


def _dry(question: BisectRequest, rows: list[dict[str, Any]]) -> str:
    lines = [f"# {question.command}"]
    for row in rows:
        lines += [f"# {row['manner']}: {row['releases']} releases, at most {row['budget']} trials"]
        lines += [dry.line(one) for one in row["trials"]]
    return "\n".join(lines)


def _answer(found: Bisected) -> None:
    """The strip, the sentence, the link, the block for the issue; an end that is not as named is an error beside it."""
    every = (bisect_measured if found.symptom else search_bisect).ends_wrong
    wrong = next((error for one in (found, *found.others) if (error := every(one)) is not None), None)
    answer.give(
        found,
        search_bisect.ending(found),
        text=lambda: _tell(found),
        markdown=lambda: report_bisect.markdown(found),
        error=wrong,
    )


def _tell(found: Bisected) -> None:
    if found.ways:
        labelled("\n".join(report_ways.lines(found.ways)) + "\n")
    for pair, said in found.corners:
        say(f"{pair}: {said}")
    if found.side:
        say(f"at fault: {found.side}\n")
    for one in (found, *found.others):
        _tell_rows(one)
    say(f"took {found.seconds:.0f} s")
    next_commands.tell(("every trial", again.beside("runs", "show", found.run)))
    next_cut.tell(found.run, found.trials)
    if not any(one.wrong for one in found.strips):
        say("\nfor an issue:\n")
        verbatim(report_bisect.markdown(found))


def _tell_rows(found: Bisected) -> None:
    """Each row of releases with its answer."""
    for one in found.strips:
        show(Chain(links=tuple(report_bisect.links(one))))
        labelled(report_bisect.text(one, report_bisect.by(found)) + "\n")
