"""`lab convert`: a model in the other format, where a proved way leads there and the answers stay the same."""

from pathlib import Path

from lab.cli import again, answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled
from lab.engine.choose import EngineChoice
from lab.knowledge import cures
from lab.run.plan import Words


@answers(Format.TEXT)
def convert(
    path: options.ModelArgument,
    into: options.IntoOption,
    output: options.FileOption = "",
    from_: options.FromOption = "",
    readers: options.ReadersOption = "",
    release: options.ReleaseOption = "",
    accept: options.EnoughOption = [],  # noqa: B006 - typer copies it
    prefix: options.PrefixOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """The result is kept only if every way that worked before works in all --readers and gives the same answers.

    Without --readers these are the newest release and the one that converts. It is put into a new folder, by itself
    NAME-json or NAME-pdmodel here. Exit code 0, 3 where the model does not run, 4 where a way breaks.
    """
    from lab.check import check, conversions, releases, request  # noqa: PLC0415 - they bring numpy
    from lab.check import convert as check_convert  # noqa: PLC0415
    from lab.report import convert as report  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    given = request.CheckWords(
        path=path, prefix=prefix, old=from_, inputs=inputs, dims=request.dims(dim), stamped=False,
        words=Words(python=python), rounds=0, fresh=fresh, command=again.command(), resume=(going_on := begun(found, resume)),
    )  # fmt: skip
    question = request.alone(given, catalogue, cures.read(found.scenarios / cures.FILE))
    way = conversions.proved(check_convert.whole(question.given).format, into)
    target = check_convert.free(Path(output or f"{question.given.prefix}-{into}"))
    wish = check_convert.ConvertRequest(
        question=question, conversion=way, out=target,
        releases=conversions.places(way, catalogue, release, python),
        readers=releases.named(catalogue, readers, python)[0] if readers else (),
        accepted=check_convert.accepted(accept, way.after),
    )  # fmt: skip
    screen = Screen(total=2 * len(check.plain_pairs(question)), quiet=asked().json)
    made = follow(check_convert.perform(wish, opening.laboratory(found, catalogue, engine, screen, going_on)), screen)
    answer.give(report.document(made), text=lambda: labelled(report.text(made)))
