"""`lab cure`: which flag or which way of loading makes it work again, proved and priced."""

from typing import Annotated, Any

import typer

from lab import cures, scenario, store
from lab.cli import following, opening, options
from lab.cli.bisect import FlagOption, RouteOption, SaveFlagOption, worded
from lab.cli.screen import Screen, say
from lab.cli.trials import DryOption, NameArgument, route_of
from lab.engine.choose import EngineChoice
from lab.model.search import Cured
from lab.report import cures as report
from lab.searching import curing
from lab.searching.curing import Complaint

AtOption = Annotated[str, typer.Option("--at", help="The release that fails, such as 3.0.0 or newest.")]
SaverOption = Annotated[str, typer.Option("--saver", help="What saved the files; else the header's failing saver.")]
GoodOption = Annotated[str, typer.Option("--good", help="A release that reads them; else the saver.")]
TimesOption = Annotated[int, typer.Option("--repeat", min=1, max=20, help="Times each claim is tried.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print a block for the issue.")]


def cure(
    name: NameArgument,
    at: AtOption,
    saver: SaverOption = "",
    good: GoodOption = "",
    repeat: TimesOption = 3,
    rounds: options.TimesOption = 2,
    flag: FlagOption = [],  # noqa: B006 - typer copies it
    save_flag: SaveFlagOption = [],  # noqa: B006
    route: RouteOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    fresh: options.FreshOption = False,
    dry_run: DryOption = False,
    markdown: MarkdownOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Try every reviewed cure on a failing pair; accept what works every time with the right numbers."""
    found, catalogue = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    words = worded(flag, save_flag, python, threads, route_of(read, route))
    saved = saver or curing.saver_of(read, catalogue, at)
    complaint = Complaint(
        scenario=read, catalogue=catalogue, command=following.command(), at=at, saver=saved,
        good=good or saved, cures=cures.read(found.scenarios / "cures.toml"), times=repeat, rounds=rounds, words=words,
    )  # fmt: skip
    if dry_run:
        say(store.pretty(_planned(complaint)).decode() if json else _dry(complaint))
    else:
        screen = Screen(total=0, quiet=json)
        events = curing.perform(complaint, opening.laboratory(found, catalogue, engine, screen), fresh=fresh)
        _answer(following.follow(events, screen, complaint.command).found, json=json, markdown=markdown)


def _answer(found: Cured, *, json: bool, markdown: bool) -> None:
    """What is proved, ready to paste; or one JSON document."""
    if json:
        say(store.pretty(found).decode())
    else:
        say(report.markdown(found) if markdown else report.text(found))
        say(f"\ntook {found.seconds:.0f} s; every trial: lab runs show {found.run}")
    raise typer.Exit(curing.exit_code(found))


def _planned(complaint: Complaint) -> dict[str, Any]:
    """What would be tried, in order."""
    return {
        "command": complaint.command,
        "good": complaint.trial(complaint.good).label,
        "fails": complaint.trial(complaint.at).label,
        "times": complaint.times,
        "cures": [
            {"layer": one.layer, "kind": one.kind, "name": one.name, "does": one.does} for one in complaint.cures
        ],
    }


def _dry(complaint: Complaint) -> str:
    lines = [f"# {complaint.command}", f"# good: {complaint.trial(complaint.good).label}"]
    lines += [f"# fails: {complaint.trial(complaint.at).label} ({complaint.times} times)"]
    lines += [f"{one.layer} {one.kind:<8} {one.name:<20} {one.does}" for one in complaint.cures]
    return "\n".join(lines)
