"""`lab cure`: which flag or which way of loading makes it work again, proved and priced."""

from typing import Any

from lab.cli import again, answer, next_commands, opening, options, subject, words
from lab.cli.command import answers, asked, splits, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, say
from lab.cli.subject import Subject
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.knowledge import cures
from lab.model.cure import Cure, Cured
from lab.model.search import Symptom
from lab.report import cure as report
from lab.run.session import Laboratory
from lab.search import cure as search_cure
from lab.search import cure_measured
from lab.search.cure_request import CureRequest, before, of_header, saver_of
from lab.search.symptoms import label, symptom_of
from lab.search.ways import WAYS
from lab.storage.workspace import Workspace


@spreads
@splits
@answers(Format.TEXT, Format.MARKDOWN)
def cure(
    name: options.SubjectArgument,
    at: options.AtOption,
    saver: options.SaverOption = "",
    good: options.GoodOption = "",
    repeat: options.RepeatOption = 3,
    rounds: options.RoundsOption = 2,
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
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Every reviewed cure of a failure, of slowness or of a leak is tried; accepted is what gives the right numbers.

    What saves is the saver whose pair the header expects to fail, unless --saver names one; --good is what saved, or the stable release before.

    Exit code 0 where something is proved, 1 where nothing is, 4 where it does not fail.
    """
    found, catalogue = opening.place(workspace)
    sought = symptom_of(perf, symptom)
    ways = WAYS if sought is None and not route else ()
    given = subject.SubjectWords(
        name=name, inputs=inputs, dim=dim, good=good, route=route, flag=flag, python=python, ways=ways
    )
    with subject.opened(found.scenarios, catalogue, given) as about:
        saved = _saver(about, catalogue, at, saver, save_flag, measured=sought is not None)
        request = CureRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=again.command(), at=at, saver=saved,
            good=good or saved or before(catalogue, at), claimed=bool(good), cures=_cures(about, catalogue, saved, at, found, measured=sought is not None), times=repeat,
            rounds=rounds, ways=ways if about.model is not None else (), words=words.searched(flag, save_flag, python, threads, words.route_of(about.scenario, route), with_),
        )  # fmt: skip
        if dry_run:
            answer.plan(_planned(request, sought), text=lambda: labelled(_dry(request, sought)))
        screen = Screen(total=0, quiet=asked().json)
        going_on = begun(found, resume)
        laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
        _answer(_searched(request, sought, laboratory, screen, fresh=fresh, resume=going_on))


def _saver(about: Subject, catalogue: Catalogue, at: str, saver: str, save_flag: list[str], *, measured: bool) -> str:
    """What saved the files: as named, or as the header expects it to fail; nothing where each release saves its own.

    Of a given model, the release whose answers it is held against: the good one, or what wrote it.
    """
    about.refuse(saver=bool(saver), save_flag=bool(save_flag))
    if about.model is not None or saver or measured:
        return about.good or saver
    return saver_of(about.scenario, catalogue, at)


def _cures(
    about: Subject, catalogue: Catalogue, saver: str, at: str, found: Workspace, *, measured: bool
) -> tuple[Cure, ...]:
    """The catalogue, and what the scenario's own header says; pins are proved of failures only."""
    every = cures.read(found.scenarios / cures.FILE)
    known = tuple(one for one in every if not (measured and one.packages))
    if about.model is not None:
        return known
    return (*of_header(about.scenario, catalogue, saver or at, at, known), *known)


def _searched(
    request: CureRequest, symptom: Symptom | None, laboratory: Laboratory, screen: Screen, *, fresh: bool, resume: str
) -> Cured:
    """Search for what ends a failure, or a measured symptom, and show what happens."""
    if symptom is None:
        return follow(search_cure.perform(request, laboratory, fresh=fresh, resume=resume), screen)
    return follow(cure_measured.perform(request, symptom, laboratory, fresh=fresh, resume=resume), screen)


def _answer(found: Cured) -> None:
    """What is proved, ready to paste."""

    def tell() -> None:
        labelled(report.text(found))
        say(f"\ntook {found.seconds:.0f} s")
        next_commands.tell(("every trial", again.beside("runs", "show", found.run)))

    answer.give(found, search_cure.ending(found), text=tell, markdown=lambda: report.markdown(found))


def _planned(request: CureRequest, symptom: Symptom | None) -> dict[str, Any]:
    """What would be tried, in order."""
    return {
        "command": request.command,
        "good": request.trial(request.good).label,
        "fails": request.trial(request.at).label,
        "symptom": label(symptom) if symptom is not None else "",
        "times": request.times,
        "cures": [{"layer": one.layer, "kind": one.kind, "name": one.name, "does": one.does} for one in request.cures],
    }


def _dry(request: CureRequest, symptom: Symptom | None) -> str:
    lines = [f"# {request.command}", f"# good: {request.trial(request.good).label}"]
    what = f"fails ({request.times} times)" if symptom is None else label(symptom)
    lines += [f"# {what}: {request.trial(request.at).label}"]
    lines += [f"{one.layer} {one.kind:<8} {one.name:<20} {one.does}" for one in request.cures]
    return "\n".join(lines)
