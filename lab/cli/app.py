"""All verbs of the lab; each command lives in the file of its noun and is loaded with it."""

from typing import Annotated

import typer

from lab import __version__
from lab.cli import bench, doctor, images, init, runs, scenarios, track, trials

app = typer.Typer(
    name="lab",
    help="Reproduce, compare and time PaddlePaddle releases in clean containers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("repro")(trials.repro)
app.command("run")(trials.run)
app.add_typer(images.app, name="images")
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(runs.app, name="runs")
app.add_typer(track.app, name="track")
app.command("bench")(bench.bench)
app.command("host")(bench.host)
app.command("doctor")(doctor.doctor)
app.command("init")(init.init)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"paddle-repro-lab {__version__}")
        raise typer.Exit


@app.callback()
def lab(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Reproduce, compare and time PaddlePaddle releases in clean containers."""
    del version
