"""`lab check`: whether one may upgrade with this model, and by which way."""

from lab.cli import again, answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, say, show
from lab.engine.choose import EngineChoice
from lab.knowledge import cures, problems
from lab.model.check import Checked, Safety
from lab.run.plan import Words


@answers(Format.TEXT)
def check(
    path: options.ModelArgument,
    to: options.ToOption = "",
    from_: options.FromOption = "",
    prefix: options.PrefixOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    rounds: options.RoundsOption = 2,
    anyway: options.AnywayOption = False,
    no_pickle: options.NoPickleOption = False,
    accept_change: options.AcceptOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """The model runs in the release that wrote it and in newer ones, by every way of opening it.

    Exit code 0 safe, 1 not safe, or only another way, or not as stamped; 3 not known, 5 not built.
    """
    from lab.check import check as model_check  # noqa: PLC0415
    from lab.check import request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.check.answer import ending  # noqa: PLC0415
    from lab.report import check as report  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    question = request.question(
        request.CheckWords(
            path=path, prefix=prefix, old=from_, new=to, inputs=inputs, dims=request.dims(dim), anyway=anyway,
            unpickled=not no_pickle, words=Words(python=python, threads=threads), rounds=rounds, fresh=fresh,
            command=again.command(), resume=(going_on := begun(found, resume)),
        ),
        catalogue, cures.read(found.scenarios / cures.FILE),
    )  # fmt: skip
    screen = Screen(total=len(model_check.plain_pairs(question)), quiet=asked().json)
    done = follow(model_check.perform(question, opening.laboratory(found, catalogue, engine, screen, going_on)), screen)
    entries = problems.read(found.scenarios / problems.FILE)
    answer.give(
        report.document(done),
        ending(done, change=accept_change),
        text=lambda: _show(done, entries, change=accept_change),
    )


def _show(done: Checked, entries: tuple[problems.KnownProblem, ...], *, change: bool) -> None:
    from lab.report import check_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(check_terminal.render(done))
    bad = [one.trial for one in done.attempts if not one.good and not one.way.env]
    for note in problems.notes(bad, entries, opening.language()):
        say(f"known  {note}")
    if not change and any(one.safety is Safety.OTHERWISE for one in done.answers):
        say("gate   exit code 1, because code or environment must change first; --accept-change makes that 0")
    say(f"\ntook {done.seconds:.0f} s; every trial: {again.beside('runs', 'show', done.run)}")
