"""`lab cure`: which flag or which way of loading makes it work again, proved and priced."""

from typing import Annotated, Any

import typer

from lab.cli import follow, opening, options, subject
from lab.cli.bisect import FlagOption, PerfOption, RouteOption, SaveFlagOption, SymptomOption, worded
from lab.cli.repro import DryOption, route_of
from lab.cli.screen import Screen, say
from lab.cli.subject import DimOption, InputsOption, Subject, SubjectArgument
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.knowledge import cures
from lab.model.cure import Cured
from lab.model.search import Symptom
from lab.outcome.exits import EXITS
from lab.report import cure as report
from lab.search import cure as search_cure
from lab.search import cure_measured
from lab.search.cure_request import CureRequest, before, saver_of
from lab.search.symptoms import symptom_of
from lab.storage import store
from lab.storage.workspace import Workspace

AtOption = Annotated[str, typer.Option("--at", help="The release that fails, such as 3.0.0 or newest.")]
SaverOption = Annotated[str, typer.Option("--saver", help="What saved the files; else the header's failing saver.")]
GoodOption = Annotated[
    str, typer.Option("--good", help="A release that reads them; else the saver, or the stable one before.")
]
TimesOption = Annotated[int, typer.Option("--repeat", min=1, max=20, help="Times each claim is tried.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print a block for the issue.")]


def cure(
    name: SubjectArgument,
    at: AtOption,
    saver: SaverOption = "",
    good: GoodOption = "",
    repeat: TimesOption = 3,
    rounds: options.TimesOption = 2,
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
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: DryOption = False,
    markdown: MarkdownOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Try every reviewed cure of a failure, of slowness or of a leak; accept what is proved, with the right numbers."""
    found, catalogue = opening.place(workspace)
    sought = symptom_of(perf, symptom)
    asked = subject.SubjectWords(name=name, inputs=inputs, dim=dim, good=good, route=route, flag=flag, python=python)
    with subject.opened(found.scenarios, catalogue, asked) as about:
        saved = _saver(about, catalogue, at, saver, save_flag, measured=sought is not None)
        complaint = CureRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=follow.command(), at=at, saver=saved,
            good=good or saved or before(catalogue, at), cures=cures.read(found.scenarios / "cures.toml"), times=repeat, rounds=rounds,
            words=worded(flag, save_flag, python, threads, route_of(about.scenario, route)),
        )  # fmt: skip
        if dry_run:
            say(store.pretty(_planned(complaint, sought)).decode() if json else _dry(complaint, sought))
            return
        answer = _searched(complaint, sought, found, engine, fresh=fresh, resume=resume, quiet=json)
        _answer(answer, json=json, markdown=markdown)


def _saver(about: Subject, catalogue: Catalogue, at: str, saver: str, save_flag: list[str], *, measured: bool) -> str:
    """What saved the files: as named, or as the header expects it to fail; nothing where each release saves its own.

    Of a given model, the release whose answers it is held against: the good one, or what wrote it.
    """
    about.refuse(saver=bool(saver), save_flag=bool(save_flag))
    if about.model is not None or saver or measured:
        return about.good or saver
    return saver_of(about.scenario, catalogue, at)


def _searched(
    complaint: CureRequest, symptom: Symptom | None, found: Workspace, engine: EngineChoice, *, fresh: bool, resume: str,
    quiet: bool,
) -> Cured:  # fmt: skip
    """Search for what ends a failure, or a measured symptom, and show what happens."""
    screen = Screen(total=0, quiet=quiet)
    laboratory = opening.laboratory(found, complaint.catalogue, engine, screen)
    if symptom is None:
        events = search_cure.perform(complaint, laboratory, fresh=fresh, resume=resume)
    else:
        events = cure_measured.perform(complaint, symptom, laboratory, fresh=fresh, resume=resume)
    return follow.follow(events, screen, again=follow.once_more(complaint.command))


def _answer(found: Cured, *, json: bool, markdown: bool) -> None:
    """What is proved, ready to paste; or one JSON document."""
    if json:
        say(store.pretty(found).decode())
    else:
        say(report.markdown(found) if markdown else report.text(found))
        say(f"\ntook {found.seconds:.0f} s; every trial: lab runs show {found.run}")
    raise typer.Exit(EXITS[search_cure.ending(found)])


def _planned(complaint: CureRequest, symptom: Symptom | None) -> dict[str, Any]:
    """What would be tried, in order."""
    return {
        "command": complaint.command,
        "good": complaint.trial(complaint.good).label,
        "fails": complaint.trial(complaint.at).label,
        "symptom": symptom.label if symptom is not None else "",
        "times": complaint.times,
        "cures": [
            {"layer": one.layer, "kind": one.kind, "name": one.name, "does": one.does} for one in complaint.cures
        ],
    }


def _dry(complaint: CureRequest, symptom: Symptom | None) -> str:
    lines = [f"# {complaint.command}", f"# good: {complaint.trial(complaint.good).label}"]
    what = f"fails ({complaint.times} times)" if symptom is None else symptom.label
    lines += [f"# {what}: {complaint.trial(complaint.at).label}"]
    lines += [f"{one.layer} {one.kind:<8} {one.name:<20} {one.does}" for one in complaint.cures]
    return "\n".join(lines)
