"""`lab convert`: a model in the other format, where a proved way leads there and the answers stay the same."""

from pathlib import Path
from typing import Annotated

import typer

from lab.cli import follow, opening, options
from lab.cli.check import DimOption, InputsOption, PathArgument, PrefixOption
from lab.cli.screen import Screen, say
from lab.engine.choose import EngineChoice
from lab.knowledge import cures
from lab.run.plan import Words
from lab.storage import store

FormatOption = Annotated[str, typer.Option("--to", help="The format to turn it into: json or pdmodel.")]
OutOption = Annotated[
    str, typer.Option("--out", "-o", help="A folder to be made; else NAME-json or NAME-pdmodel here.")
]
FromOption = Annotated[
    str, typer.Option("--from", help="The release it is used with today; else the one that wrote it.")
]
ReleaseOption = Annotated[str, typer.Option("--release", help="The release to convert in; else the newest.")]


def convert(
    path: PathArgument,
    to: FormatOption,
    out: OutOption = "",
    from_: FromOption = "",
    release: ReleaseOption = "",
    prefix: PrefixOption = "",
    inputs: InputsOption = "",
    dim: DimOption = [],  # noqa: B006 - typer copies it
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    fresh: options.FreshOption = False,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Turn a model into the other format, and keep the result only if it gives the same answers."""
    from lab.check import check, conversions, request  # noqa: PLC0415 - they bring numpy
    from lab.check import convert as check_convert  # noqa: PLC0415
    from lab.report import convert as report  # noqa: PLC0415

    found, catalogue = opening.place(workspace)
    asked = request.CheckWords(
        path=path, prefix=prefix, old=from_, inputs=inputs, dims=request.dims(dim), stamped=False,
        words=Words(python=python), rounds=0, fresh=fresh, command=follow.command(),
    )  # fmt: skip
    question = request.alone(asked, catalogue, cures.read(found.scenarios / "cures.toml"))
    way = conversions.proved(question.given.format, to)
    target = check_convert.free(Path(out or f"{question.given.prefix}-{to}"))
    place = conversions.place(way, catalogue, release, python)
    wish = check_convert.ConvertRequest(question=question, conversion=way, release=place, out=target)
    screen = Screen(total=2 * len(check.plain_pairs(question)), quiet=json)
    events = check_convert.perform(wish, opening.laboratory(found, catalogue, engine, screen))
    made = follow.follow(events, screen, again=follow.once_more(question.command, resumed=False))
    say(store.pretty(report.document(made)).decode() if json else report.text(made))
