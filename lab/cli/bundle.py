"""`lab bundle`: a finished run becomes one archive that anyone replays, proved before it is written."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lab.bundle import make, redact
from lab.bundle.replay import ReplayContext
from lab.cli import opening, options
from lab.cli.screen import Screen, say, teller
from lab.engine.choose import EngineChoice
from lab.model import Run
from lab.model.bundle import Lang
from lab.report.bundle_readme import papers
from lab.storage.store import Store
from lab.storage.workspace import Workspace

RunArgument = Annotated[str, typer.Argument(help='A run: its id, an unambiguous part of it, or "last".')]
TrialOption = Annotated[
    list[str],
    typer.Option("--trial", help="What to show: number (from 1) or label; default: what fails, and its cure."),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of the report.")]


def bundle(
    run: RunArgument = "last",
    trial: TrialOption = [],  # noqa: B006 - typer copies it
    out: Annotated[str, typer.Option("--output", "-o", help="The file to write; default: its own name, here.")] = "",
    no_proof: Annotated[bool, typer.Option("--no-proof", help="Do not replay it first; the bundle says so.")] = False,
    times: Annotated[int, typer.Option("--times", min=1, max=20, help="Replays that prove it.")] = 3,
    list_: Annotated[bool, typer.Option("--list", help="Only say what would be in it.")] = False,
    lang: LangOption = Lang.BOTH,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Make an archive of a run that replays without the lab, at most 24 MB; it is replayed before it is written."""
    found, catalogue = opening.place(workspace)
    kept = Store(root=found.results)
    done = kept.find(run)
    source = make.source(done, kept.folder(done.id), make.subject(done, trial), redact.hidden(os.environ), papers(lang))
    screen = Screen()
    preparer = opening.laboratory(found, catalogue, engine, screen).preparer
    bench = ReplayContext(preparer=preparer, catalogue=catalogue, teller=teller(screen), times=times, foreign=False)
    source = make.with_sides(source, bench)
    made = make.make(source, None if no_proof or list_ else bench)
    if list_:
        _list(made)
        return
    target = Path(out or f"{made.name}.repro.tgz")
    make.write(made, target)
    _answer(done, made, target, found)


def _list(made: make.MadeBundle) -> None:
    say(f"{made.name}.repro.tgz, {len(made.data) / 1e6:.1f} MB, would hold:")
    for path in made.files:
        say(f"  {path}")
    say("attachments of public issues can be read by anyone, without an account")


def _answer(run: Run, made: make.MadeBundle, target: Path, found: Workspace) -> None:
    del found
    proof = made.proof
    say(f"bundle       {target} ({len(made.data) / 1e6:.2f} MB, {len(made.files)} files)")
    say(f"proof        replayed {proof.times}/{proof.times}, same signature" if proof else "proof        none")
    if not made.carried:
        say("weights      did not fit: the scenario's save makes them again, README.md says so")
    say(f"replay       lab replay {target}")
    say(f"issue text   lab issue {run.id}, or ISSUE.md in it; anyone can read what is attached to a public issue")
