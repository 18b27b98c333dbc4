"""The code that a bundle carries is the lab's own program, without what explains it."""

import ast
from pathlib import Path

import pytest

from lab.bundle import gather
from lab.bundle.short_code import short

FILES = (gather.REPRO, gather.CLOSENESS, gather.ROUTES)


def bare(text: bytes) -> str:
    """A program as Python sees it, without the docstrings of its functions and classes."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and len(node.body) > 1
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_the_same_program_in_less_room(path: Path) -> None:
    whole = path.read_bytes()
    found = short(whole)
    assert bare(found) == bare(whole)
    assert ast.get_docstring(ast.parse(found)) == ast.get_docstring(ast.parse(whole))
    assert len(found) < 0.9 * len(whole)
    assert found.splitlines()[0] == whole.splitlines()[0], "a first line that says which Python stays"


def test_a_string_that_looks_like_a_comment_and_a_body_of_words_alone_stay() -> None:
    text = b'def one():\n    """Why."""\n\n\nTEXT = """\n# no comment\n"""\nsaid = "#"  # one\n# another\n'
    assert short(text) == b'def one():\n    """Why."""\n\n\nTEXT = """\n# no comment\n"""\nsaid = "#"\n'
