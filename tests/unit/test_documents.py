"""Documents that somebody else wrote are read or refused in a sentence, however they are nested."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import documents

ROOT = Path(__file__).parents[2]
DEEP = 100_000
TOMLS = {
    "arrays": "x = " + "[" * DEEP,
    "closed arrays": "x = " + "[" * DEEP + "]" * DEEP,
    "tables": "x = " + "{a=" * DEEP,
    "a key": "a." * DEEP + "a = 1",
    "a key of blanks": "a . " * DEEP + "a = 1",
    "a title": "[" + "a." * DEEP + "a]",
    "digits": "x = " + "9" * 5000,
    "long": "#" * (documents.MAX_TOML + 1),
}
JSONS = {
    "arrays": b"[" * DEEP,
    "closed arrays": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"a":' * DEEP,
    "an object in a schema": b'{"schema": 1, "a": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "not UTF-8": b'{"a": "\xff"}',
    "half": b'{"a"',
    "nothing": b"",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", TOMLS.values(), ids=TOMLS)
def test_toml_that_no_parser_survives_is_refused(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=r"\(at line \d+, column \d+\)$"):
        documents.toml(text)


@pytest.mark.parametrize("data", JSONS.values(), ids=JSONS)
@pytest.mark.parametrize("kind", [object, dict[str, object]])
def test_json_that_no_parser_survives_is_refused(data: bytes, kind: type) -> None:
    with pytest.raises(msgspec.DecodeError):
        documents.json(data, kind)


@given(text=st.text(max_size=40))
def test_any_text_is_a_document_or_refused(text: str) -> None:
    try:
        assert documents.toml(text) == tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        assert str(error)  # noqa: PT017 - either answer is right
    try:
        documents.json(text)
    except msgspec.DecodeError as error:
        assert str(error)  # noqa: PT017 - either answer is right


@given(found=st.one_of(st.none(), st.booleans(), st.text(), st.integers(-3, 9)), newest=st.integers(1, 4))
def test_only_numbers_from_1_to_the_newest_are_schemas(found: object, newest: int) -> None:
    good = type(found) is int and found in range(1, newest + 1)
    assert (documents.numbered(found, newest) == "") is good


PARSERS = {"json.loads", "json.load", "tomllib.loads", "tomllib.load", "msgspec.json.decode", "msgspec.toml.decode"}
OWN = {
    "lab/documents.py": "it is the door",
    "lab/bundle/repro.py": "it leaves the lab",
    "lab/formats/rules.py": "data of the package",
    "lab/check/conversions.py": "data of the package, and the text of a scenario",
    "lab/engine/docker/base.py": "data of the workspace and the word of the engine's own client",
    "lab/environment/locks.py": "what uv printed",
}
"""Who reads without the door, and what."""


def unguarded(tree: ast.Module) -> Iterator[int]:
    """Lines in which a parser is called where nobody catches what nests too deep."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any("RecursionError" in ast.unparse(one.type) for one in node.handlers if one.type)
        for body in node.body
        for inner in ast.walk(body)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PARSERS and id(node) not in guarded:
            yield node.lineno


def test_nobody_else_reads_documents() -> None:
    others = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "lab").rglob("*.py"))
        if "guest" not in path.parts and str(path.relative_to(ROOT)) not in OWN
        for line in unguarded(ast.parse(path.read_text()))
    ]
    assert others == []
