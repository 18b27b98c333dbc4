"""`lab check`: whether one may upgrade with this model, and by which way."""

from pathlib import Path
from typing import Annotated

import typer

from lab.cli import follow, opening, options
from lab.cli.screen import Screen, say, show
from lab.engine.choose import EngineChoice
from lab.knowledge import cures, problems
from lab.model.check import Checked, Safety
from lab.outcome.exits import EXITS
from lab.run.plan import Words
from lab.storage import store

PathArgument = Annotated[
    Path, typer.Argument(help="A model's folder, its prefix (net for net.pdmodel) or its program.")
]
PrefixOption = Annotated[str, typer.Option("--prefix", help="Which model, where a folder holds several.")]
ToOption = Annotated[
    str, typer.Option("--to", help="Releases to upgrade to: 3.0.0, 3.0.0..3.3.1, stable; else newest.")
]
FromOption = Annotated[
    str, typer.Option("--from", help="The release it is used with today; else the one that wrote it.")
]
InputsOption = Annotated[str, typer.Option("--inputs", help="An npz with one array for each input.")]
DimOption = Annotated[
    list[str], typer.Option("--dim", help="batch=4, length=, height=, width=, FEED:AXIS=4 or FEED=4x3x64x64.")
]
NoPickleOption = Annotated[
    bool, typer.Option("--no-pickle", help="Leave .pdiparams.info out: it is read by unpickling.")
]
AnywayOption = Annotated[bool, typer.Option("--anyway", help="Run damaged files all the same.")]
AcceptOption = Annotated[
    bool, typer.Option("--accept-change", help="Exit code 0 also where it is safe only with a flag or other code.")
]


def check(
    path: PathArgument,
    to: ToOption = "",
    from_: FromOption = "",
    prefix: PrefixOption = "",
    inputs: InputsOption = "",
    dim: DimOption = [],  # noqa: B006 - typer copies it
    rounds: options.TimesOption = 2,
    anyway: AnywayOption = False,
    no_pickle: NoPickleOption = False,
    accept_change: AcceptOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    fresh: options.FreshOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Run your own model in the release that wrote it and in newer ones: is it safe to upgrade, and by which way."""
    from lab.check import check as model_check  # noqa: PLC0415
    from lab.check import request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.check.answer import ending  # noqa: PLC0415
    from lab.report import check as report  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    question = request.question(
        request.CheckWords(
            path=path, prefix=prefix, old=from_, new=to, inputs=inputs, dims=request.dims(dim), anyway=anyway, unpickled=not no_pickle,
            words=Words(python=python, threads=threads), rounds=rounds, fresh=fresh, command=follow.command(),
        ),
        catalogue, cures.read(found.scenarios / "cures.toml"),
    )  # fmt: skip
    screen = Screen(total=len(model_check.plain_pairs(question)), quiet=json)
    events = model_check.perform(question, opening.laboratory(found, catalogue, engine, screen))
    answer = follow.follow(events, screen, again=follow.once_more(question.command, resumed=False))
    if json:
        say(store.pretty(report.document(answer)).decode())
    else:
        _show(answer, problems.read(found.scenarios / problems.FILE), change=accept_change)
    raise typer.Exit(EXITS[ending(answer, change=accept_change)])


def _show(answer: Checked, entries: tuple[problems.KnownProblem, ...], *, change: bool) -> None:
    from lab.report import check_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(check_terminal.render(answer))
    bad = [one.trial for one in answer.attempts if not one.good and not one.way.env]
    for note in problems.notes(bad, entries, opening.language()):
        say(f"known  {note}")
    if not change and any(one.safety is Safety.OTHERWISE for one in answer.answers):
        say("gate   exit code 1, because code or environment must change first; --accept-change makes that 0")
    say(f"\ntook {answer.seconds:.0f} s; every trial: lab runs show {answer.run}")
