"""`lab check`: whether one may upgrade with this model, and by which way."""

from lab.cli import again, answer, news, next_commands, next_cut, opening, options, words
from lab.cli.command import answers, asked, spreads
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled, show
from lab.engine.choose import EngineChoice
from lab.knowledge import cures, problems
from lab.model.check_grid import Checked, Safety
from lab.outcome.exits import EXITS, Ending
from lab.run.plan import Words
from lab.storage.store import Store
from lab.storage.workspace import Workspace


@spreads
@answers(Format.TEXT, cases=True)
def check(
    path: options.ModelArgument,
    to: options.ToOption = "",
    from_: options.FromOption = "",
    prefix: options.PrefixOption = "",
    inputs: options.InputsOption = "",
    expect: options.ExpectOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    rounds: options.RoundsOption = 2,
    anyway: options.AnywayOption = False,
    no_pickle: options.NoPickleOption = False,
    accept_change: options.AcceptOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    with_: options.PackagesOption = [],  # noqa: B006
    threads: options.ThreadsOption = 1,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """The model runs in the release that wrote it and in newer ones, by every way of opening it.

    Exit code 0 safe, 9 only another way, 10 wrong before and after, 1 not safe, 11 not as stamped, 3 not known, 5 not built.
    """
    from lab.check import check as model_check  # noqa: PLC0415
    from lab.check import request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.outcome import upgrade  # noqa: PLC0415
    from lab.report import cases  # noqa: PLC0415
    from lab.report import check as report  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    news.tell(found, catalogue)
    question = request.question(
        request.CheckWords(
            path=path, prefix=prefix, old=from_, new=to, inputs=inputs, expect=expect, dims=request.dims(dim), anyway=anyway,
            unpickled=not no_pickle, words=Words(python=python, threads=threads, packages=words.packages(with_)), rounds=rounds, fresh=fresh,
            command=again.command(), resume=(going_on := begun(found, resume)),
        ),
        catalogue, cures.read(found.scenarios / cures.FILE),
    )  # fmt: skip
    screen = Screen(total=len(model_check.plain_pairs(question)), quiet=asked().json)
    done = follow(model_check.perform(question, opening.laboratory(found, catalogue, engine, screen, going_on)), screen)
    entries = problems.read(found.scenarios / problems.FILE)
    accepted = accept_change and upgrade.overall(done.answers) is Safety.OTHERWISE
    answer.give(
        report.document(done),
        upgrade.ending(done.grid, done.answers),
        code=0 if accepted else None,
        cases=lambda: cases.of_check(done, accepted=accept_change),
        text=lambda: _tell(done, entries, found, change=accept_change),
    )


def _tell(done: Checked, entries: tuple[problems.KnownProblem, ...], found: Workspace, *, change: bool) -> None:
    from lab.outcome import upgrade  # noqa: PLC0415

    _show(done, entries, opening.files_of(found, done.run), change=change)
    if upgrade.overall(done.answers) is not Safety.SAFE and not done.grid.draws:
        next_cut.tell(done.run, Store(root=found.results).load(done.run).trials)


def _show(done: Checked, entries: tuple[problems.KnownProblem, ...], files: problems.Files, *, change: bool) -> None:
    from lab.outcome import upgrade  # noqa: PLC0415
    from lab.report import check_known, check_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(check_terminal.render(done))
    for note in check_known.notes(done.grid, entries, opening.language(), files):
        labelled(f"known  {note}")
    if not change and upgrade.overall(done.answers) is Safety.OTHERWISE:
        code = EXITS[Ending.CHANGE]
        labelled(
            f"gate   exit code {code}, because code or environment must change first; --accept-change makes that 0"
        )
    labelled(f"\n{check_terminal.took(done)}")
    next_commands.tell(("every trial", again.beside("runs", "show", done.run)))
