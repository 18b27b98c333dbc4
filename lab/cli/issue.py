"""`lab issue`: a run as text for Paddle's tracker."""

import webbrowser

from lab.bundle import gather, make
from lab.cli import answer, opening, options
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import Screen, verbatim
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
    """The text is Markdown, in the order of Paddle's bug template, ready to paste."""
    found, _ = opening.place(workspace)
    kept = Store(root=found.results)
    done = kept.find(run)
    source = make.source(done, kept.folder(done.id), make.subject(done, trial), papers(lang))
    report = gather.report_of(source, None, attached=False)
    body, address = door.handed(text.render(report, lang)), door.handed(text.address(report))
    if browser and not webbrowser.open(address):
        Screen().tell(f"no browser could be opened; the page is {address}")
    answer.give({"body": body, "address": address}, text=lambda: verbatim(body), markdown=lambda: body)
