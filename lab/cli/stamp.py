"""`lab stamp`: what a model is and what it answers today, written beside it."""

from lab.check.stamp import Stamped
from lab.cli import again, answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.follow import follow
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, labelled
from lab.engine.choose import EngineChoice
from lab.knowledge import cures
from lab.model.check import StampedArray
from lab.run.plan import Words


@answers(Format.TEXT)
def stamp(
    path: options.ModelArgument,
    from_: options.FromOption = "",
    prefix: options.PrefixOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006 - typer copies it
    force: options.ForceOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """<prefix>.lab.json holds the saving release, hashes, operators, sample inputs and golden outputs.

    Exit code 0, or 3 where the release runs the model by no way.
    """
    from lab.check import check, request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.check import stamp as check_stamp  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    given = request.CheckWords(
        path=path, prefix=prefix, old=from_, inputs=inputs, dims=request.dims(dim), stamped=False,
        words=Words(python=python), rounds=0, fresh=fresh, command=again.command(), resume=(going_on := begun(found, resume)),
    )  # fmt: skip
    question = request.alone(given, catalogue, cures.read(found.scenarios / cures.FILE))
    check_stamp.place(question, force=force)
    screen = Screen(total=len(check.plain_pairs(question)), quiet=asked().json)
    laboratory = opening.laboratory(found, catalogue, engine, screen, going_on)
    made = follow(check_stamp.perform(question, laboratory, force=force), screen)
    told = {**answer.fields(made.stamp), "path": str(made.path), "run": made.run, "unchecked": made.unchecked}
    answer.give(told, text=lambda: labelled(_said(made)))


def _said(made: Stamped) -> str:
    one = made.stamp
    return "\n".join(
        [
            f"wrote {made.path}",
            f"release   {one.release} by {one.way.label}; it works by {', '.join(one.good)}",
            f"files     {', '.join(f'{file.name} {file.sha256[:12]}' for file in one.files)}",
            f"operators {sum(one.operators.values())} of {len(one.operators)} kinds",
            f"inputs    {_arrays(one.inputs)}",
            f"outputs   {_arrays(one.outputs)}",
            *([f"WARNING   {made.unchecked}"] if made.unchecked else []),
            f"run       {again.beside('runs', 'show', made.run)}",
        ]
    )


def _arrays(arrays: tuple[StampedArray, ...]) -> str:
    return ", ".join(f"{one.name} {one.dtype} {list(one.shape)} {_kept(one)}" for one in arrays)


def _kept(one: StampedArray) -> str:
    if one.data is None:
        return "as hash and summary"
    return f"one of every {one.step} elements, hash and summary" if one.step else "whole"
