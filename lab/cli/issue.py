"""`lab issue`: a run as text for Paddle's tracker."""

import webbrowser
from dataclasses import replace
from pathlib import Path

from lab.bundle import gather, make
from lab.cli import again, answer, opening, options
from lab.cli.command import answers, asked
from lab.cli.options import Format
from lab.cli.screen import Screen, from_here, verbatim
from lab.model.bundle import Lang
from lab.redaction import door
from lab.report import issue as text
from lab.report.bundle_readme import papers
from lab.storage.store import Store


@answers(Format.TEXT, Format.MARKDOWN)
def issue(
    run: options.RunArgument = "last",
    trial: options.TrialOption = [],  # noqa: B006 - typer copies it
    lang: options.LangOption = Lang.BOTH,
    browser: options.BrowserOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """The text is Markdown, in the order of Paddle's bug template, ready to paste. A bundle that was made of the run is mentioned."""
    found, _ = opening.place(workspace)
    kept = Store(root=found.results)
    done = kept.find(run)
    source = make.source(done, kept.folder(done.id), make.subject(done, trial), papers(lang))
    source = replace(source, known=opening.known_of(found, done, source.trials[0]))
    bundle = make.handed(kept.folder(done.id), source.trials[0])
    report = gather.report_of(source, bundle.proof if bundle else None, attached=False)
    if bundle:
        report = replace(report, attachment=Path(bundle.path).name, unpacked=bundle.name)
    body, address = door.handed(text.render(report, lang)), door.handed(text.address(report))
    if browser and not webbrowser.open(address):
        Screen().tell(f"no browser could be opened; the page is {address}")
    if report.known and report.known != report.issue:
        Screen(quiet=asked().json).tell(
            f"known upstream as {report.known}: say there that it is seen here too, or file it where this is another one"
        )
    if bundle:
        Screen(quiet=asked().json).tell(f"attach {from_here(Path(bundle.path))}: the text mentions it")
    else:
        Screen(quiet=asked().json).tell(
            f"the text goes with no bundle yet: {again.beside('bundle', done.id)} makes one"
        )
    answer.give(
        {"body": body, "address": address, "bundle": bundle.path if bundle else ""},
        text=lambda: verbatim(body),
        markdown=lambda: body,
    )
