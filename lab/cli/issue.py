"""`lab issue`: a run as text for Paddle's tracker."""

import os
import webbrowser
from typing import Annotated

import typer

from lab.bundle import gather, make, redact
from lab.cli import opening, options
from lab.cli.bundle import LangOption, RunArgument, TrialOption
from lab.cli.screen import Screen, say
from lab.model.bundle import Lang
from lab.report import issue as text
from lab.report.bundle_readme import papers
from lab.storage.store import Store


def issue(
    run: RunArgument = "last",
    trial: TrialOption = [],  # noqa: B006 - typer copies it
    lang: LangOption = Lang.BOTH,
    browser: Annotated[
        bool, typer.Option("--browser", help="Open the tracker's new-issue page, title filled in.")
    ] = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Print a run as an issue in the order of Paddle's bug template, ready to paste."""
    found, _ = opening.place(workspace)
    kept = Store(root=found.results)
    done = kept.find(run)
    hidden = redact.hidden(os.environ)
    source = make.source(done, kept.folder(done.id), make.subject(done, trial), hidden, papers(lang))
    report = gather.report_of(source, None, attached=False)
    say(redact.redact(text.render(report, lang), hidden))
    if browser:
        address = text.address(report)
        if not webbrowser.open(address):
            Screen().tell(f"no browser could be opened; the page is {address}")
