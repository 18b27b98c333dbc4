"""All verbs of the lab, as a table: one line each, in the groups and in the order in which a person meets them."""

from typing import Annotated

import typer

from lab import __version__
from lab.cli.lazy import Verb, group_of

MODEL, PROBLEM, RELEASES = "My model", "A problem", "Releases"
HAND_OVER, MACHINE = "Hand over", "This machine"

VERBS = (
    Verb(name="inspect", part=MODEL, help="Say what a saved model is, who wrote it and who reads it; without Paddle."),
    Verb(
        name="check", part=MODEL, help="Try your own model in newer releases: is it safe to upgrade, and by which way."
    ),
    Verb(name="stamp", part=MODEL, help="Write beside a model what saved it and what it answers today."),
    Verb(name="convert", part=MODEL, help="Turn a model into the other format, if its answers stay the same."),
    Verb(name="repro", part=PROBLEM, help="Reproduce a reported problem: every pair its scenario speaks of."),
    Verb(name="run", part=PROBLEM, help="Run any saver with any loader, with your flags."),
    Verb(name="bisect", part=PROBLEM, help="Find the first release that fails, or is slower, or leaks."),
    Verb(name="isolate", part=PROBLEM, help="Find what is to blame: release, device, Python, flag or processor."),
    Verb(name="locate", part=PROBLEM, help="Find the operator of a model that goes wrong, alone and in its place."),
    Verb(name="reduce", part=PROBLEM, help="Cut a model to the few operators that fail, with none of your weights."),
    Verb(name="cure", part=PROBLEM, help="Find what makes it work again, proved and priced."),
    Verb(name="explain", part=PROBLEM, help="Explain a problem on one page: since when, why, what cures it."),
    Verb(name="new", part=PROBLEM, help="Write a new scenario: a small one that runs, or a skeleton from a report."),
    Verb(name="scenarios", part=PROBLEM, help="The problems the lab knows: list, show, docs.", group=True),
    Verb(name="matrix", part=RELEASES, help="Show who reads what whom wrote: savers x loaders, as one table."),
    Verb(name="sweep", part=RELEASES, help="Find operators that break, or silently change numbers, between releases."),
    Verb(
        name="bench", part=RELEASES, help="Say which release is faster, slower, or leaks; confirmed before it says so."
    ),
    Verb(name="track", part=RELEASES, help="Speed over releases: add, list, check.", group=True),
    Verb(name="runs", part=HAND_OVER, help="Finished and interrupted runs: list, show, diff, rm.", group=True),
    Verb(name="report", part=HAND_OVER, help="Make a site that opens from disk of everything measured and tried."),
    Verb(name="bundle", part=HAND_OVER, help="Make an archive of a run that anyone replays, at most 24 MB."),
    Verb(name="replay", part=HAND_OVER, help="Replay a bundle: as it claims, fixed, or something else."),
    Verb(name="issue", part=HAND_OVER, help="Print a run as an issue for Paddle's tracker, in English and Chinese."),
    Verb(
        name="doctor",
        part=MACHINE,
        help="Say what this machine can do, how noisy it is, and the mend for what it cannot.",
    ),
    Verb(name="images", part=MACHINE, help="Environments and their images: list, build, fetch, prune, ...", group=True),
    Verb(
        name="fleet", part=MACHINE, help="Many machines as one: start, ticket, host, status, doctor, stop.", group=True
    ),
    Verb(name="init", part=MACHINE, help="Make a folder the lab can work in."),
)

START = """\
Reproduce, compare and time PaddlePaddle releases in clean containers.

about to upgrade?  lab check MODEL            is it safe with my own model, and by which way
                   lab inspect MODEL          who wrote it and who reads it; without Paddle
something broke?   lab scenarios list         the reported problems the lab knows
                   lab repro jit_load_pir     is this one here, and does its cure help
                   lab explain jit_load_pir   since when, why, and what cures it
                   lab bundle last            one archive that anyone replays
which release?     lab matrix jit_load_pir    who reads what whom wrote
                   lab bench jit_load_pir --releases 2.6.2,3.0.0
                   lab report                 everything measured and tried, as a site
first time here?   lab doctor                 what this machine can do, and how to mend the rest

lab --help lists every verb; lab VERB --help says what one takes."""

app = typer.Typer(
    name="lab",
    cls=group_of(VERBS),
    help="Reproduce, compare and time PaddlePaddle releases in clean containers.",
    invoke_without_command=True,
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
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Reproduce, compare and time PaddlePaddle releases in clean containers."""
    del version
    if context.invoked_subcommand is None:
        from lab.cli import speak  # noqa: PLC0415 - the help needs none of it

        speak.out(speak.localised(START, own=True))
