"""`lab scenarios`: what there is, and what one says."""

from collections.abc import Sequence

import typer

from lab import scenario
from lab.cli import answer, opening, options, speak
from lab.cli.command import answers
from lab.cli.options import Format
from lab.cli.screen import from_here, say, show
from lab.errors import UsageError
from lab.model import Expectation, Scenario
from lab.report import scenario_list
from lab.storage import handover

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@answers(Format.TEXT)
def list_(workspace: options.WorkspaceOption = "") -> None:
    """Every scenario with its issue and summary."""
    found, _ = opening.place(workspace)
    read = scenario.list_all(found.scenarios)
    answer.give({"scenarios": read}, text=lambda: _table(read))


def _table(read: Sequence[Scenario]) -> None:
    from lab.report import listings  # noqa: PLC0415 - tables are needed only at the end

    show(listings.scenarios(read))


@app.command("show")
@answers(Format.TEXT)
def show_(name: options.ScenarioArgument, workspace: options.WorkspaceOption = "") -> None:
    """What one scenario is about and what it expects of which pair."""
    found, _ = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    answer.give(read, text=lambda: _tell(read))


def _tell(read: Scenario) -> None:
    say(
        f"{read.name}: {speak.either(read.summary, read.summary_zh)}\nissue  {read.issue or 'none'}\nfile   {read.path}\nsha256 {read.sha256}\n"
    )
    for one in read.expectations:
        say(_expectation(one))


def _expectation(one: Expectation) -> str:
    env = "".join(f" {name}={value}" for name, value in one.loader_env.items())
    saved = "".join(f" {name}={value}" for name, value in one.saver_env.items())
    parts = [one.outcome.value, one.phase or "", one.type, one.reason or "", one.grade or ""]
    words = " ".join(part for part in parts if part) + (f" /{one.message}/" if one.message else "")
    by = "" if one.route == "own" else f" by {one.route}"
    below = "".join(f" {name}={value}" for name, value in one.over_env.items())
    over = f" over {one.over}{below}" if one.over else ""
    return f"  {one.saver}{saved}{over} -> {one.loader}{env}{by}: {words}{' (full)' if one.full else ''}"


@app.command()
@answers(Format.TEXT)
def docs(workspace: options.WorkspaceOption = "") -> None:
    """Renew the table of the library in docs/scenarios.md and docs/zh/scenarios.md from the headers."""
    found, _ = opening.place(workspace)
    read = scenario.list_all(found.scenarios)
    pages = []
    for language, name in (("en", "docs/scenarios.md"), ("zh", "docs/zh/scenarios.md")):
        page = found.root / name
        if not page.is_file():
            raise UsageError(f"{page} is not there", "this is for a clone of the project, which has the pages")
        text = page.read_text(encoding="utf-8")
        handover.write(page, scenario_list.written(text, read, language))
        pages.append(from_here(page))
    answer.give({"pages": pages}, text=lambda: say("\n".join(pages)))
