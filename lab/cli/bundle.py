"""`lab bundle`: a finished run becomes one archive that anyone replays, proved before it is written."""

from dataclasses import replace
from pathlib import Path

from lab import shell
from lab.bundle import make
from lab.bundle.replay import ReplayContext
from lab.cli import again, answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, say, teller
from lab.engine.choose import EngineChoice
from lab.model import Run
from lab.model.bundle import Lang
from lab.report.bundle_readme import papers
from lab.storage.store import Store


@answers(Format.TEXT)
def bundle(
    run: options.RunArgument = "last",
    trial: options.TrialOption = [],  # noqa: B006 - typer copies it
    output: options.FileOption = "",
    private: options.PrivateOption = False,
    no_proof: options.NoProofOption = False,
    repeat: options.RepeatOption = 3,
    list_: options.ListOption = False,
    lang: options.LangOption = Lang.BOTH,
    engine: options.EngineOption = EngineChoice.AUTO,
    workspace: options.WorkspaceOption = "",
) -> None:
    """It replays without the lab. Before it is written here, by its own name unless --output says otherwise, it is replayed.

    Exit code 0, or 8 where what it claims does not come out.
    """
    found, catalogue = opening.place(workspace)
    kept = Store(root=found.results)
    done = kept.find(run)
    source = make.source(done, kept.folder(done.id), make.subject(done, trial), papers(lang))
    known = opening.known_of(found, done, source.trials[0])
    source = replace(source, private=private, file=make.called(output), known=known)
    make.refuse_unclean(source)
    screen = Screen(quiet=asked().json)
    preparer = opening.laboratory(found, catalogue, engine, screen).preparer
    context = ReplayContext(preparer=preparer, catalogue=catalogue, teller=teller(screen), times=repeat, foreign=False)
    source = make.with_sides(source, context)
    made = make.make(source, None if no_proof or list_ else context)
    told = {"name": made.name, "size": len(made.data), "files": made.files, "run": done.id}
    if list_:
        answer.plan(told, text=lambda: _list(made))
    target = make.target(output, made.name)
    make.write(made, target)
    make.remember(kept.folder(done.id), target, made, source)
    answer.give(
        {**told, "bundle": str(target), "proof": made.proof, "carried": made.carried},
        text=lambda: _tell(done, made, target, private=private),
    )


def _list(made: make.MadeBundle) -> None:
    say(f"{made.name}.repro.tgz, {len(made.data) / 1e6:.1f} MB, would hold:")
    for path in made.files:
        say(f"  {path}")
    say("attachments of public issues can be read by anyone, without an account")


def _tell(run: Run, made: make.MadeBundle, target: Path, *, private: bool) -> None:
    proof = made.proof
    say(f"bundle       {target} ({len(made.data) / 1e6:.2f} MB, {len(made.files)} files)")
    say(f"proof        replayed {proof.times}/{proof.times}, same signature" if proof else "proof        none")
    if not made.carried:
        say("weights      did not fit: the scenario's save makes them again, README.md says so")
    say(f"replay       lab replay {shell.quote(str(target))}{' --private' if private else ''}")
    say(
        f"issue text   {again.beside('issue', run.id)}, or ISSUE.md in it; anyone can read what is attached to a public issue"
    )
