"""`lab isolate`: of all that differs between a place that works and one that fails, what is to blame."""

from typing import Annotated

import typer

from lab import scenario
from lab.cli import follow, opening, options
from lab.cli.bisect import SignatureOption
from lab.cli.repro import DryOption, NameArgument, route_of
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.environment import caps
from lab.model.isolation import Isolation
from lab.outcome.exits import EXITS
from lab.report import isolate as report
from lab.search import axes
from lab.search import isolate as search_isolate
from lab.search.axes import IsolateRequest
from lab.search.cure_request import saver_of
from lab.search.judge import Judge
from lab.storage import store

PLACE = '"release=2.6.1,device=gpu,python=3.10,cpu=host"'
GoodOption = Annotated[list[str], typer.Option("--good", help=f"The place that works: {PLACE}.")]
BadOption = Annotated[list[str], typer.Option("--bad", help="The place that fails; axes as in --good, or FLAGS_x=...")]
SaverOption = Annotated[str, typer.Option("--saver", help="What saved the files; else the header's failing saver.")]
RepeatOption = Annotated[
    int, typer.Option("--repeat", min=1, max=20, help="Times each place is tried; ends at least 2.")
]
RouteOption = Annotated[str, typer.Option("--route", help="How the model is opened.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print a block for the issue.")]


def isolate(
    name: NameArgument,
    good: GoodOption,
    bad: BadOption,
    saver: SaverOption = "",
    signature: SignatureOption = "auto",
    repeat: RepeatOption = 1,
    route: RouteOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    dry_run: DryOption = False,
    markdown: MarkdownOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Find which difference is to blame: release, device, Python, numpy, flags, threads, or the processor."""
    found, catalogue = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    works, fails = axes.completed(axes.parsed(good, "--good"), axes.parsed(bad, "--bad"), catalogue)
    known = caps(found.images)
    for one in (works, fails):
        axes.check_cpu(one, known)
    saved = saver or saver_of(read, catalogue, fails["release"])
    catalogue.environment(saved)
    comparison = IsolateRequest(
        scenario=read, catalogue=catalogue, command=follow.command(), good=works, bad=fails, saver=saved,
        route=route_of(read, route), signature=signature, repeat=repeat, caps=known,
    )  # fmt: skip
    Judge(words=signature)  # a pattern that is none is said before anything runs
    if dry_run:
        say(_dry(comparison))
        return
    screen = Screen(total=0, quiet=json)
    events = search_isolate.perform(comparison, opening.laboratory(found, catalogue, engine, screen), fresh=fresh)
    answer = follow.follow(events, screen, again=follow.once_more(comparison.command, resumed=False))
    _answer(answer, json=json, markdown=markdown)


def _dry(comparison: IsolateRequest) -> str:
    names = comparison.differing
    lines = [f"# {comparison.command}", f"# {comparison.saver} saves; {len(names)} axes differ: {', '.join(names)}"]
    lines += [f"# stands in for the good release: {one}" for one in [axes.standing_in(comparison)] if one]
    tried = {"good end": (), "bad end": names}
    tried |= {f"{name} alone": (name,) for name in names}
    tried |= {f"all but {name}": tuple(one for one in names if one != name) for name in names if len(names) > 1}
    for words, changed in tried.items():
        planned = comparison.planned(comparison.values(changed))
        why = f"  cannot exist here: {planned.unsupported}" if planned.unsupported else ""
        lines.append(f"{words:<18} {planned.label}{why}")
    return "\n".join(lines)


def _answer(found: Isolation, *, json: bool, markdown: bool) -> None:
    """Every place, the answer, what was shown of each axis; or one JSON document."""
    if json:
        say(store.pretty(found).decode())
    else:
        say(report.markdown(found) if markdown else report.text(found))
        say(f"\ntook {found.seconds:.0f} s; every trial: lab runs show {found.run}")
    wrong = search_isolate.ends_wrong(found)
    if wrong is not None:
        raise wrong
    raise typer.Exit(EXITS[search_isolate.ending(found)])
