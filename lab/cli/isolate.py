"""`lab isolate`: of all that differs between a place that works and one that fails, what is to blame."""

from collections.abc import Mapping
from typing import Any

from lab.cli import again, answer, next_commands, opening, options, subject, words
from lab.cli.command import answers, asked, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, say, show
from lab.cli.subject import Subject
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue, caps
from lab.model import Cpu
from lab.model.isolation import BAD_END, GOOD_END, Isolation
from lab.report import isolate as report
from lab.run.session import Laboratory
from lab.search import axes
from lab.search import isolate as search_isolate
from lab.search.axes import IsolateRequest, Values
from lab.search.cure_request import saver_of
from lab.search.judge import AUTO, Judge


@spreads
@answers(Format.TEXT, Format.MARKDOWN)
def isolate(
    name: options.SubjectArgument,
    good: options.GoodPlaceOption,
    bad: options.BadPlaceOption,
    saver: options.SaverOption = "",
    signature: options.SignatureOption = AUTO,
    repeat: options.RepeatOption = 1,
    route: options.RouteOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Axes are release, device, Python, numpy, flags, threads and the processor; the two ends are tried twice at least.

    What saves is the saver whose pair the header expects to fail, unless --saver names one.

    Exit code 0 for a cause that is proved, 3 where it cannot be told apart, 4 where an end is not as named.
    """
    found, catalogue = opening.place(workspace)
    works, fails = axes.completed(axes.parsed(good, "--good"), axes.parsed(bad, "--bad"), catalogue)
    known = caps(found.images)
    _check(works, fails, known)
    Judge(words=signature)  # a pattern that is none is said before anything runs
    place = [f"{axis}={value}" for axis, value in works.items()]
    given = subject.SubjectWords(name=name, inputs=inputs, dim=dim, good=works["release"], route=route, flag=place)
    with subject.opened(found.scenarios, catalogue, given) as about:
        about.refuse(saver=bool(saver))
        request = IsolateRequest(
            scenario=about.scenario, model=about.model, catalogue=catalogue, command=again.command(), good=works, bad=fails,
            saver=_saver(about, catalogue, saver, fails["release"]), route=words.route_of(about.scenario, route),
            signature=signature, repeat=repeat, caps=known,
        )  # fmt: skip
        if dry_run:
            planned = _planned(request)
            answer.plan(planned, text=lambda: say(_dry(planned)))
        screen = Screen(total=0, quiet=asked().json)
        going_on = begun(found, resume)
        laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
        _check(works, fails, known, laboratory)
        _answer(follow(search_isolate.perform(request, laboratory, fresh=fresh, resume=going_on), screen))


def _check(works: Values, fails: Values, known: Mapping[str, Cpu], laboratory: Laboratory | None = None) -> None:
    """UsageError for a processor that cannot be had; what a fleet has is known only when it is open."""
    if laboratory is None and opening.fleet() is not None:
        return
    for one in (works, fails):
        axes.check_cpu(one, known, laboratory.executor.labelled if laboratory is not None else lambda _: ())


def _saver(about: Subject, catalogue: Catalogue, saver: str, bad: str) -> str:
    """What saved the files: as named, or as the header expects it to fail; of a given model the good release."""
    chosen = about.good or saver or saver_of(about.scenario, catalogue, bad)
    catalogue.environment(chosen)
    return chosen


def _planned(request: IsolateRequest) -> dict[str, Any]:
    """The two ends, and each axis by itself and left out."""
    names = request.differing
    tried = {GOOD_END: (), BAD_END: names}
    tried |= {f"{name} alone": (name,) for name in names}
    tried |= {f"all but {name}": tuple(one for one in names if one != name) for name in names if len(names) > 1}
    planned = {words: request.planned(request.values(changed)) for words, changed in tried.items()}
    return {
        "command": request.command,
        "saver": request.saver,
        "axes": names,
        "stands_in": axes.standing_in(request),
        "trials": [
            {"place": words, "pair": one.label, "unsupported": one.unsupported} for words, one in planned.items()
        ],
    }


def _dry(planned: dict[str, Any]) -> str:
    names = planned["axes"]
    lines = [f"# {planned['command']}", f"# {planned['saver']} saves; {len(names)} axes differ: {', '.join(names)}"]
    if planned["stands_in"]:
        lines.append(f"# stands in for the good release: {planned['stands_in']}")
    for one in planned["trials"]:
        why = f"  cannot exist here: {one['unsupported']}" if one["unsupported"] else ""
        lines.append(f"{one['place']:<18} {one['pair']}{why}")
    return "\n".join(lines)


def _answer(found: Isolation) -> None:
    """Every place, the answer, what was shown of each axis; an end that is not as named is an error beside it."""

    def tell() -> None:
        show(report.table(found))
        labelled(f"\n{report.text(found)}\n")
        show(report.shown(found))
        say(f"\ntook {found.seconds:.0f} s")
        next_commands.tell(("every trial", again.beside("runs", "show", found.run)))

    answer.give(
        found,
        search_isolate.ending(found),
        text=tell,
        markdown=lambda: report.markdown(found),
        error=search_isolate.ends_wrong(found),
    )
