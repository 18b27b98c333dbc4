"""The archive of a reduced model: its scenario is run as `lab repro` runs it, and what came out is bundled and replayed."""

from dataclasses import replace
from pathlib import Path

from lab import scenario, shell
from lab.bundle import make
from lab.bundle.replay import ReplayContext
from lab.cli.follow import follow
from lab.cli.screen import Screen, teller
from lab.environment import Catalogue
from lab.errors import BundleError
from lab.model import Verdict
from lab.model.bundle import Lang
from lab.report.bundle_readme import papers
from lab.run import plan, workflow
from lab.run.plan import Words
from lab.run.session import Laboratory, RunRequest
from lab.storage.workspace import Workspace

TIMES = 3


def refuse(wanted: str) -> None:
    """UsageError where the archive could not be written there: that is said before anything runs."""
    if wanted:
        make.target(wanted, "reduced")


def bundled(
    script: Path, wanted: str, found: Workspace, catalogue: Catalogue, laboratory: Laboratory, screen: Screen
) -> str:
    """The path of the archive, written only where it replayed each time; BundleError where the scenario does not reproduce."""
    read = scenario.runnable(scenario.find(found.scenarios, str(script)))
    command = shell.join(["lab", "repro", str(script)])
    request = RunRequest(
        name=read.name, command=command, planned=plan.from_header(read, catalogue, Words()), scenario_sha256=read.sha256,
        rounds=0,
    )  # fmt: skip
    run = follow(workflow.perform(request, laboratory), screen)
    if run.verdict is not Verdict.REPRODUCED:
        raise BundleError(
            f"{script} does not do what it says: {run.verdict or 'no verdict'}, {'; '.join(run.reasons)}",
            f"look at it: lab runs show {run.id}",
        )
    source = make.source(run, laboratory.store.folder(run.id), make.subject(run), papers(Lang.BOTH))
    context = ReplayContext(
        preparer=laboratory.preparer, catalogue=catalogue, teller=teller(screen), times=TIMES, foreign=False
    )
    source = replace(source, file=make.called(wanted))
    made = make.make(make.with_sides(source, context), context)
    target = make.target(wanted, made.name)
    make.write(made, target)
    return str(target)
