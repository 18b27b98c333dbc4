"""`lab stamp`: what a model is and what it answers today, written beside it."""

from typing import Annotated

import typer

from lab.check.stamp import Stamped
from lab.cli import follow, opening, options
from lab.cli.check import DimOption, InputsOption, PathArgument, PrefixOption
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.knowledge import cures
from lab.model.check import StampedArray
from lab.run.plan import Words
from lab.storage import store

ReleaseOption = Annotated[str, typer.Option("--release", help="The release to run it in; else the one that wrote it.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the stamp that is there.")]


def stamp(
    path: PathArgument,
    release: ReleaseOption = "",
    prefix: PrefixOption = "",
    inputs: InputsOption = "",
    dim: DimOption = [],  # noqa: B006 - typer copies it
    force: ForceOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Write <prefix>.lab.json beside a model: saving release, hashes, operators, sample inputs and golden outputs."""
    from lab.check import check, request  # noqa: PLC0415 - numpy is loaded only where a model is run
    from lab.check import stamp as check_stamp  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    asked = request.CheckWords(
        path=path, prefix=prefix, old=release, inputs=inputs, dims=request.dims(dim), stamped=False,
        words=Words(python=python), rounds=0, command=follow.command(),
    )  # fmt: skip
    question = request.alone(asked, catalogue, cures.read(found.scenarios / "cures.toml"))
    check_stamp.place(question, force=force)
    screen = Screen(total=len(check.plain_pairs(question)), quiet=json)
    events = check_stamp.perform(question, opening.laboratory(found, catalogue, engine, screen), force=force)
    made = follow.follow(events, screen, again=follow.once_more(question.command, resumed=False))
    say(store.pretty(made.stamp).decode() if json else _said(made))


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
            f"run       lab runs show {made.run}",
        ]
    )


def _arrays(arrays: tuple[StampedArray, ...]) -> str:
    return ", ".join(
        f"{one.name} {one.dtype} {list(one.shape)} {'whole' if one.data is not None else 'as hash and summary'}"
        for one in arrays
    )
