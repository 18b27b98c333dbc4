"""`lab scenarios`: what there is, what one says, and a skeleton for a new one."""

from pathlib import Path
from typing import Annotated

import typer

from lab import scenario
from lab.cli import opening, options
from lab.cli.screen import say, show
from lab.errors import UsageError
from lab.model import Expectation
from lab.report import scenario_list
from lab.storage import store

app = typer.Typer(help="The problems the lab knows.", no_args_is_help=True, rich_markup_mode=None)

SKELETON = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
# [tool.lab]
# summary = "{summary}"
# issue = "{issue}"
#
# [[tool.lab.expect]]
# saver = "newest"
# loader = "newest"
# outcome = "ok"
# grade = "exact"
# ///
"""{summary}"""

import numpy as np
import paddle


def build():
    """The net: replace it with the smallest one that shows the problem."""
    paddle.seed(0)
    return paddle.nn.Linear(4, 2)


def inputs(rng):
    """Named inputs; `rng` is a seeded numpy RandomState, so that every saver sees the same."""
    return {{"x": rng.rand(3, 4).astype("float32")}}


def save(prefix, inputs):
    """Write the model below `prefix` and return the outputs every loader must give."""
    net = build()
    net.eval()
    outputs = net(paddle.to_tensor(inputs["x"])).numpy()
    paddle.jit.save(net, prefix, input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    return {{"y": outputs}}


def load(prefix):
    """Open the model; what is returned goes to `infer`."""
    return paddle.jit.load(prefix)


def infer(handle, inputs):
    """Run the model once and return plain numpy arrays."""
    return {{"y": np.asarray(handle(paddle.to_tensor(inputs["x"])).numpy())}}
'''


@app.command("list")
def list_(json: options.JsonOption = False, workspace: options.WorkspaceOption = "") -> None:
    """Every scenario with its issue and summary."""
    found, _ = opening.place(workspace)
    read = scenario.list_all(found.scenarios)
    if json:
        say(store.pretty(read).decode())
        return
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("scenario", "issue", "pairs", "summary"):
        table.add_column(heading)
    for one in read:
        table.add_row(one.name, one.issue, str(len(one.expectations)), one.summary)
    show(table)


@app.command("show")
def show_(name: str, json: options.JsonOption = False, workspace: options.WorkspaceOption = "") -> None:
    """What one scenario is about and what it expects of which pair."""
    found, _ = opening.place(workspace)
    read = scenario.read(scenario.find(found.scenarios, name))
    if json:
        say(store.pretty(read).decode())
        return
    say(f"{read.name}: {read.summary}\nissue  {read.issue or 'none'}\nfile   {read.path}\nsha256 {read.sha256}\n")
    for one in read.expectations:
        say(_expectation(one))


def _expectation(one: Expectation) -> str:
    env = "".join(f" {name}={value}" for name, value in one.loader_env.items())
    saved = "".join(f" {name}={value}" for name, value in one.saver_env.items())
    parts = [one.outcome.value, one.phase.value if one.phase else "", one.type, one.grade.value if one.grade else ""]
    words = " ".join(part for part in parts if part) + (f" /{one.message}/" if one.message else "")
    by = "" if one.route == "own" else f" by {one.route}"
    return f"  {one.saver}{saved} -> {one.loader}{env}{by}: {words}{' (full)' if one.full else ''}"


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="A Python name, such as lstm_wrong_numbers.")],
    summary: Annotated[str, typer.Option(help="One sentence.")] = "What fails, in one sentence.",
    issue: Annotated[str, typer.Option(help="Where it was reported, such as PaddlePaddle/Paddle#71996.")] = "",
    workspace: options.WorkspaceOption = "",
) -> None:
    """Write a small scenario that runs as it is, to be changed into your problem."""
    found, _ = opening.place(workspace)
    if not name.isidentifier() or not name.isascii() or name.startswith("_"):
        raise UsageError(f"{name!r} cannot be a scenario's name", "letters, digits and _ only, such as lstm_numbers")
    if any(letter in summary + issue for letter in '"\\\n'):
        raise UsageError("summary and issue cannot hold quotes, backslashes or line ends", "use plain words")
    target = found.scenarios / f"{name}.py"
    if target.exists():
        raise UsageError(f"{target} exists already", "choose another name, or edit that file")
    target.write_text(SKELETON.format(summary=summary, issue=issue), encoding="utf-8")
    scenario.read(target)
    say(f"{_shown(target)}\nnext: lab repro {name}")


@app.command()
def docs(workspace: options.WorkspaceOption = "") -> None:
    """Renew the table of the library in docs/scenarios.md and docs/zh/scenarios.md from the headers."""
    found, _ = opening.place(workspace)
    read = scenario.list_all(found.scenarios)
    for language, name in (("en", "docs/scenarios.md"), ("zh", "docs/zh/scenarios.md")):
        page = found.root / name
        if not page.is_file():
            raise UsageError(f"{page} is not there", "this is for a clone of the project, which has the pages")
        text = page.read_text(encoding="utf-8")
        store.write(page, scenario_list.written(text, read, language).encode())
        say(_shown(page))


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
