"""What the lab prints for a person to type, looked for in its own source: every command and option is one it takes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cli.app import VERBS
from tests import commands

ROOT = Path(__file__).parents[2]
OF_OTHERS = {"--network"}
"""Options of other programs that a sentence of the lab names."""


def strings(tree: ast.Module) -> Iterator[str]:
    """Every text of a module but its docstrings; what a text takes from a name stands as 3."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in prose:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "3" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def test_every_command_in_the_source_is_taken_as_it_stands() -> None:
    found = [
        (path.relative_to(ROOT), text)
        for path in sorted((ROOT / "lab").rglob("*.py"))
        for text in strings(ast.parse(path.read_text()))
        if commands.COMMAND.search(text)
    ]
    assert len(found) > 30
    bad = [
        f"{path}: {text}" for path, text in found if all(commands.wrong(text.replace("3", one)) for one in ("3", "en"))
    ]
    assert bad == []


def test_every_command_in_the_pages_of_the_report_is_taken_as_it_stands() -> None:
    texts = [path.read_text() for path in (ROOT / "lab" / "site" / "templates").glob("*.j2")]
    found = [re.split("['<]", one)[0] for text in texts for one in commands.COMMAND.findall(text)]
    assert len(found) > 5
    assert [one for one in found if not commands.parses([*one.split(), *filled(one)])] == []


def filled(command: str) -> list[str]:
    """The value that a template puts after a text which ends in the middle of a command."""
    missing = {"cure ": ["toy", "--at", "3.0.0"], "bench ": ["toy", "--releases", "2.6.2,3.0.0"]}
    return missing.get(command, ["3"] if command.endswith(" ") else [])


def remedies(tree: ast.Module) -> Iterator[str]:
    """The second text of every error, as far as it stands in the source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 2 and getattr(node.func, "id", "").endswith("Error"):
            yield from strings(ast.Module(body=[ast.Assign(targets=[], value=node.args[1])], type_ignores=[]))


def test_every_option_a_remedy_names_exists_in_some_verb() -> None:
    known = set().union(*(commands.options_of(verb) for verb in every_verb()))
    found = {
        one
        for path in sorted((ROOT / "lab").rglob("*.py"))
        for text in remedies(ast.parse(path.read_text()))
        for one in commands.lone_options(text)
    }
    assert {"--good", "--resume"} <= found
    assert found - known - OF_OTHERS == set()


def every_verb() -> Iterator[str]:
    for one in VERBS:
        below = getattr(one.load(), "commands", None)
        yield from (f"{one.name} {name}" for name in below) if below else (one.name,)


DOCUMENTS = [path for path in sorted(ROOT.glob("docs/**/*.md")) if path.name != "architecture.md"]


@pytest.mark.parametrize(
    "path",
    [*DOCUMENTS, ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md"],
    ids=lambda path: path.name,
)
def test_every_command_in_an_example_of_the_documents_is_taken_as_it_stands(path: Path) -> None:
    lines = [line.strip().removeprefix("$ ") for line in path.read_text().splitlines()]
    typed = [line.partition("  #")[0].rstrip(" \\") for line in lines if line.startswith("lab ") and "[" not in line]
    assert [one for one in typed if "|" not in one and commands.wrong(one)] == []


@pytest.mark.parametrize(
    "text",
    [
        "try: lab matrix toy --resum last",
        "lab repro toy --save 2.6.2",
        "lab matrix-check",
        "run it: lab runs show last --formal json",
    ],
)
def test_a_command_that_does_not_exist_is_found(text: str) -> None:
    assert commands.wrong(text.replace("matrix-check", "scenarios new x")) != []
