"""`lab locate`: which operator of a model goes wrong, alone and in its place."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lab.cli import again, answer, opening, options, words
from lab.cli.command import answers, asked
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, say
from lab.engine.choose import EngineChoice
from lab.scenario.expect import STANDARD_ROUTES
from lab.storage.store import Store
from lab.text import counted

if TYPE_CHECKING:
    from lab.model.location import Location
    from lab.search.locate.request import LocateRequest, LocateSide


@answers(Format.TEXT, Format.MARKDOWN, Format.HTML)
def locate(
    name: options.ModelOrRunArgument,
    good: options.GoodOption = "",
    bad: options.BadOption = "",
    route: options.RouteOption = "",
    flag: options.FlagOption = [],  # noqa: B006 - typer copies it
    signature: options.SignatureOption = "auto",
    inputs: options.InputsOption = "",
    expect: options.ExpectOption = "",
    dim: options.DimOption = [],  # noqa: B006
    engine: options.EngineOption = EngineChoice.AUTO,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    dry_run: options.DryOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """The good place is the release that wrote the model, unless --good names one; the bad one is the newest, or --bad.

    Exit code 0 for an operator or a cut that is confirmed, 1 where none is found, 3 for a doubtful one, 4 where nothing fails.
    """
    from lab.search.judge import Judge  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.search.locate import locate as search_locate  # noqa: PLC0415
    from lab.search.locate import subject  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    Judge(words=signature)  # a pattern that is none is said before anything runs
    route = words.routes([route], STANDARD_ROUTES)[0] if route else ""
    typed = subject.LocateWords(
        command=again.command(), name=name, good=good, bad=bad, route=route, env=words.pairs(flag), inputs=inputs,
        expect=expect, dims=dim,
    )  # fmt: skip
    with subject.requested(typed, Store(root=found.results), catalogue) as made:
        request = replace(made, signature=signature, fresh=fresh, resume=(going_on := begun(found, resume)))
        if dry_run:
            planned = _planned(request)
            answer.plan(planned, text=lambda: labelled(_dry(planned)))
        screen = Screen(total=0, quiet=asked().json)
        laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
        done = follow(search_locate.perform(request, laboratory), screen)
    _answer(done)


def _planned(request: "LocateRequest") -> dict[str, Any]:
    """Both places, with the ways that would be tried there in their order."""
    return {
        "command": request.command,
        "model": request.name,
        "good": _side(request.good),
        "bad": _side(request.bad),
        "inputs": {name: f"{one.dtype} {list(one.shape)}" for name, one in request.material.inputs.items()},
    }


def _side(side: "LocateSide") -> dict[str, object]:
    return {"place": side.place.label, "ways": side.routes}


def _dry(planned: dict[str, Any]) -> str:
    lines = [f"# {planned['command']}"]
    for end in ("good", "bad"):
        side = planned[end]
        lines.append(f"{end:<5} {side['place']}, opened by the first of: {', '.join(side['ways'])}")
    lines += [f"input {name}: {one}" for name, one in planned["inputs"].items()]
    return "\n".join(lines)


def _answer(found: "Location") -> None:
    from lab.report import locate as report  # noqa: PLC0415
    from lab.search.locate.locate import ending  # noqa: PLC0415
    from lab.site import location_page  # noqa: PLC0415

    def tell() -> None:
        labelled(report.text(found))
        say(
            f"\ntook {found.seconds:.0f} s, {counted(found.candidates, 'cut')}; run {again.beside('runs', 'show', found.run)}"
        )

    answer.give(
        found, ending(found), text=tell, markdown=lambda: report.markdown(found), html=lambda: location_page.html(found)
    )
