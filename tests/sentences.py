"""The sentences of the lab as they stand in its code, each as the catalogue of another language names it.

`python -m tests.sentences errors|words|help [--places]` prints them. A hole is
`{0}`, `{1}`, ... in the order of the sentence; holes that touch are one. tests/unit/test_language.py asks the same functions.
"""

import argparse
import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from lab.cli.app import VERBS, app
from lab.language.translate import ROOM

ROOT = Path(__file__).resolve().parent.parent

WORDED = ("report", "outcome", "cli", "search", "bench", "check", "run", "sweep", "bundle")
"""Rooms whose words people read."""
OWN_LANGUAGES = {"report/phrases.py", "report/bundle_readme.py", "report/sweep_words.py", "report/scenario_list.py"}
"""What says its sentences in each language itself: issues, read-me files, pages."""
ASKED_FOR = {
    "compile",
    "search",
    "fullmatch",
    "sub",
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "replace",
    "split",
}
"""Functions whose texts are looked for, and said to nobody."""
SEVERAL = re.compile(r"[A-Za-z,;:)}] +[A-Za-z{(\"]")
NAME = re.compile(r"PaddlePaddle/Paddle#\d+|[\w.]+\(\)")
MESSAGE = re.compile(r"\w+Error: (?!it looks|.*, where)")
"""What is Paddle's word for word from its first character, and the same in every language."""
CODE = re.compile(r"^\s*(import|from|def|class|print|FROM|RUN|COPY) |\\[dwsS]|</|::|=\"|\(\?|```")
NOT_ERRORS = {"ValueError", "TypeError", "OSError", "KeyError", "RuntimeError", "PatternError", "DamageError"}


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the lab that runs outside a container, or of some of its rooms."""
    for path in sorted((ROOT / "lab").rglob("*.py")):
        parts = path.relative_to(ROOT / "lab").parts
        if parts[0] != "guest" and (not rooms or parts[0] in rooms):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def templates(node: ast.expr) -> Iterator[str]:
    """The sentences an expression can be, without the spaces around them: a text, a text with holes, or either of two."""
    yield from (one.strip() for one in _templates(node))


def _templates(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr():
            yield from _joined(node)
        case ast.IfExp():
            yield from _templates(node.body)
            yield from _templates(node.orelse)
        case ast.BoolOp():
            for one in node.values:
                yield from _templates(one)


def _joined(node: ast.JoinedStr) -> Iterator[str]:
    said, number, after_hole = "", 0, False
    for part in node.values:
        if isinstance(part, ast.Constant):
            said, after_hole = said + str(part.value), False
        elif not after_hole:
            said, number, after_hole = said + f"{{{number}}}", number + 1, True
    yield said


def errors() -> Iterator[tuple[str, str]]:
    """What failures of the lab say, and what they say to do: sentence and place."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func).endswith("Error") and _name(node.func) not in NOT_ERRORS:
                for one in node.args[:2]:
                    yield from (
                        (said, f"{path.relative_to(ROOT)}:{node.lineno}") for said in templates(one) if worded(said)
                    )


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def worded(said: str) -> bool:
    """Whether there are words in it that a translation could change: no command, no name, no bare hole."""
    plain = re.sub(r"\{\d+\}", " ", said)
    return (
        bool(re.search(r"[A-Za-z]{2,}", plain))
        and not NAME.fullmatch(said)
        and not re.match(r"(lab|make|docker|python|pip|git) ", said)
    )


def words() -> Iterator[tuple[str, str]]:
    """What the rooms that speak say in a terminal: every text of several words that is no failure, pattern or documentation."""
    for path, tree in modules(*WORDED):
        if str(path.relative_to(ROOT / "lab")) in OWN_LANGUAGES:
            continue
        skipped = _documentation(tree) | _inside(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in skipped:
                for said in templates(node):
                    if several(said):
                        yield said, f"{path.relative_to(ROOT)}:{node.lineno}"


def several(said: str) -> bool:
    """Whether a text is words that people read: letters on both sides of a space, and no command, name or pattern."""
    return worded(said) and bool(SEVERAL.search(said)) and not CODE.search(said)


def _inside(tree: ast.Module) -> set[int]:
    """Texts that belong to something else: parts of a sentence with holes, what failures say, patterns, words looked for."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found |= {id(part) for part in node.values}
        elif isinstance(node, ast.Call) and (_name(node.func) in ASKED_FOR or _name(node.func).endswith("Error")):
            found |= {id(part) for one in node.args for part in ast.walk(one)}
        elif isinstance(node, ast.Call):
            found |= {id(part) for one in node.keywords if one.arg == "help" for part in ast.walk(one.value)}
        elif isinstance(node, ast.Compare):
            found |= {id(part) for part in (node.left, *node.comparators)}
    return found


def _documentation(tree: ast.Module) -> set[int]:
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def help_texts() -> Iterator[tuple[str, str]]:
    """Every text of the help of every verb."""
    for one in VERBS:
        yield one.part, one.name
        yield one.help, one.name
    yield from _command_texts(get_command(app), "lab")


def _command_texts(command: Any, path: str) -> Iterator[tuple[str, str]]:
    for paragraph in (command.help or "").split("\n\n"):
        if paragraph.strip():
            yield " ".join(paragraph.split()), path
    for one in command.params:
        if getattr(one, "help", None):
            yield " ".join(one.help.split()), f"{path} {one.name}"
    for name in getattr(command, "commands", {}):
        yield from _command_texts(command.commands[name], f"{path} {name}")


def knowledge() -> Iterator[tuple[str, str]]:
    """What the files of knowledge say: what a cure does and risks, where a known problem is seen and what helps, why wheels are gone."""
    for name, kind, fields in (("cures", "cure", ("does", "risk", "source")), ("known", "known", ("releases", "cure"))):
        for one in tomllib.loads((ROOT / "scenarios" / f"{name}.toml").read_text(encoding="utf-8"))[kind]:
            for field in fields:
                if worded(one.get(field, "")):
                    yield one[field], f"scenarios/{name}.toml"
    for one in tomllib.loads((ROOT / "lab" / "formats" / "readers.toml").read_text(encoding="utf-8"))["rule"]:
        if worded(one.get("why", "")) and not MESSAGE.match(one["why"]):
            yield one["why"], "lab/formats/readers.toml"
    gone = tomllib.loads((ROOT / "images" / "releases.toml").read_text(encoding="utf-8"))["missing"]
    yield from ((said, "images/releases.toml") for said in gone.values())


def not_translated() -> set[str]:
    """Texts that look like words and are said to nobody in a terminal, or are the same in every language."""
    path = ROOT / "tests" / "not_translated.txt"
    return set(map(ast.literal_eval, path.read_text(encoding="utf-8").splitlines())) if path.is_file() else set()


def fragments() -> set[str]:
    """Entries of the catalogue that are parts of sentences: single words, and what Typer says."""
    found: set[str] = set()
    for name in ("words.toml", "fragments.toml", "knowledge.toml"):
        path = ROOM / "zh" / name
        if path.is_file():
            found |= set(tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def said_twice() -> Iterator[str]:
    """Sentences that two files of the catalogue have."""
    seen: dict[str, str] = {}
    for path in sorted((ROOM / "zh").glob("*.toml")):
        for english in tomllib.loads(path.read_text(encoding="utf-8")):
            if english in seen:
                yield f"{english!r} stands in {seen[english]} and in {path.name}"
            seen[english] = path.name


KINDS: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {
    "errors": errors,
    "words": words,
    "help": help_texts,
    "knowledge": knowledge,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=list(KINDS))
    parser.add_argument("--places", action="store_true")
    asked = parser.parse_args()
    found = dict(KINDS[asked.kind]())
    for said, place in found.items():
        print(repr(said), *([place] if asked.places else []))
