"""One run of a plan, from its request to its answer: what `lab repro` and `lab run` have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from lab import shell
from lab.cli import again, answer, dry, opening
from lab.cli.command import asked
from lab.cli.follow import follow
from lab.cli.screen import Screen, from_here, labelled, say, show
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.model import Run, TrialResult
from lab.model.cases import AnswerCases
from lab.outcome.exits import Ending
from lab.outcome.verdict import ending
from lab.report import markdown
from lab.run import plan, workflow
from lab.run.session import Laboratory, RunRequest
from lab.storage.store import Store
from lab.storage.workspace import Workspace
from lab.text import counted


def performed(
    request: RunRequest,
    found: Workspace,
    catalogue: Catalogue,
    engine: EngineChoice,
    *,
    dry_run: bool,
    code: Callable[[Sequence[TrialResult]], int] | None = None,
) -> NoReturn:
    """Run the request and answer with its run, or with the plan where only that was asked for; `code` overrides the exit."""
    screen = Screen(total=len(request.planned), quiet=asked().json)
    laboratory = opening.laboratory(found, catalogue, engine, screen, request.resume)
    if dry_run:
        planned = _planned(request, laboratory)
        answer.plan(planned, text=lambda: say(_dry(planned)))
    done = follow(workflow.perform(request, laboratory), screen)
    notes = opening.known_notes(found, done)
    answer.give(
        done,
        ending(done.verdict, done.trials) or Ending.HEALTHY,
        text=lambda: _tell(done, notes, found),
        markdown=lambda: markdown.render(done, notes),
        code=None if code is None else code(done.trials),
        cases=lambda: _cases(done),
    )


def _cases(run: Run) -> AnswerCases:
    from lab.report import cases, run_terminal  # noqa: PLC0415 - only where a machine reads the end

    return cases.of_run(run, run_terminal.sentence(run))


def _tell(run: Run, notes: Sequence[str], found: Workspace) -> None:
    from lab.report import run_terminal  # noqa: PLC0415 - tables are needed only at the end

    show(run_terminal.render(run))
    for note in notes:
        labelled(f"known  {note}")
    folder = Store(root=found.results).folder(run.id)
    say(f"\nrun folder   {from_here(folder)}")
    say(f"show again   {again.beside('runs', 'show', run.id)}")
    say(f"for an issue {again.beside('runs', 'show', run.id, '--format', 'markdown')}")
    timed = [one for one in run.trials if one.measurements]
    if timed:
        times = from_here(folder / timed[0].folder / "timings" / "timings.json")
        say(f"raw times    python -m pyperf stats {shell.quote(times)}")


def _planned(request: RunRequest, laboratory: Laboratory) -> dict[str, Any]:
    """What would be done: the pairs with what is expected of them, and the images with their Dockerfiles."""
    recipes = [laboratory.preparer.recipe(one) for one in plan.environments(request.planned).values()]
    return {
        "command": request.command,
        "engine": laboratory.engine.name,
        "trials": [dry.pair(one) for one in request.planned],
        "images": [
            {"tag": one.tag, "ready": laboratory.engine.image(one) is not None, "dockerfile": one.dockerfile}
            for one in recipes
        ],
    }


def _dry(planned: Mapping[str, Any]) -> str:
    lines = [f"# {planned['command']}: {counted(len(planned['trials']), 'trial')} on engine {planned['engine']}"]
    lines += [dry.line(one) for one in planned["trials"]]
    for one in planned["images"]:
        ready = "ready" if one["ready"] else "to be built"
        lines += ["", f"# image {one['tag']} ({ready})", one["dockerfile"].rstrip()]
    return "\n".join(lines)
