"""All verbs of the lab, as a table: one line each, in the order in which a person meets them."""

from typing import Annotated

import typer

from lab import __version__
from lab.cli.lazy import Verb, group_of

VERBS = (
    Verb(name="repro", module="repro", help="Reproduce a reported problem: every pair its scenario speaks of."),
    Verb(name="run", module="repro", help="Run any saver with any loader, with your flags."),
    Verb(name="bisect", module="bisect", help="Since which release it fails, and on which side."),
    Verb(name="isolate", module="isolate", help="Release, device, Python, flag or processor: what is to blame."),
    Verb(name="cure", module="cure", help="What makes it work again, proved and priced."),
    Verb(name="explain", module="explain", help="One page about one problem: since when, why, what cures it."),
    Verb(name="matrix", module="matrix", help="Who reads what whom wrote: savers x loaders, as one table."),
    Verb(
        name="matrix-check", module="matrix_check", help="Hold every scenario against its header, and say what changed."
    ),
    Verb(name="sweep", module="sweep", help="Which operators break, or silently change numbers, between releases."),
    Verb(name="bench", module="bench", help="Which release is faster, slower, or leaks; confirmed before it says so."),
    Verb(name="track", module="track", help="Speed over releases: add, list, check.", group=True),
    Verb(name="report", module="report", help="Everything measured and tried, as a site that opens from disk."),
    Verb(name="bundle", module="bundle", help="Make an archive of a run that anyone replays, at most 24 MB."),
    Verb(name="replay", module="replay", help="Replay a bundle: as it claims, fixed, or something else."),
    Verb(name="issue", module="issue", help="Print a run as an issue for Paddle's tracker, in English and Chinese."),
    Verb(name="new", module="new", help="Write a scenario's skeleton from somebody's report."),
    Verb(name="check", module="check", help="Your own model: is it safe to upgrade, and by which way."),
    Verb(name="stamp", module="stamp", help="Write beside a model what saved it and what it answers today."),
    Verb(name="convert", module="convert", help="Your own model in the other format, if its answers stay the same."),
    Verb(
        name="inspect",
        module="inspect",
        help="What a saved model is, who wrote it, and who can read it; without Paddle.",
    ),
    Verb(name="runs", module="runs", help="Finished and interrupted runs: list, show, diff.", group=True),
    Verb(name="scenarios", module="scenarios", help="The problems the lab knows: list, show, new.", group=True),
    Verb(
        name="images", module="images", help="Environments and their images: list, build, fetch, prune, ...", group=True
    ),
    Verb(name="doctor", module="doctor", help="What this machine can do, and the mend for what it cannot."),
    Verb(name="host", module="bench", help="How noisy this machine is, and which change it could show."),
    Verb(name="init", module="init", help="Make a folder the lab can work in."),
)

app = typer.Typer(
    name="lab",
    cls=group_of(VERBS),
    help="Reproduce, compare and time PaddlePaddle releases in clean containers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
