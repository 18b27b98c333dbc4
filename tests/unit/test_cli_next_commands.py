"""Commands that are named at the end of an answer: each on lines that a shell takes as they stand."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import shell
from lab.cli import next_commands

LONG = [
    "lab",
    "runs",
    "show",
    "20261130-221153-check-net-bff0",
    "--workspace",
    "/some/where/my models/of today",
    "--json",
]


def taken(lines: list[str]) -> list[str]:
    """The words as a shell takes them: a backslash before a line's end joins it with the next one."""
    *folded, last = lines
    assert all(line.endswith(" \\") for line in folded)
    return shell.split(" ".join([*(line.removesuffix(" \\") for line in folded), last]))


@pytest.mark.parametrize("columns", [20, 48, 60, 80])
def test_a_long_command_is_folded_between_words_and_a_shell_reads_it_as_one(columns: int) -> None:
    lines = list(next_commands.folded(shell.join(LONG), columns))
    assert len(lines) > 1
    assert taken(lines) == LONG
    assert all(len(line) <= columns or len(shell.split(line.removesuffix(" \\"))) == 1 for line in lines)


def test_a_command_that_fits_is_one_line() -> None:
    assert list(next_commands.folded("lab runs show last", 80)) == ["lab runs show last"]


@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda word: word.isprintable()), min_size=1, max_size=6))
def test_any_printable_words_come_back(words: list[str]) -> None:
    words = [unicodedata.normalize("NFC", word) for word in words]
    assert taken(list(next_commands.folded(shell.join(words), 24))) == words


def test_commands_stand_under_each_other_behind_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    next_commands.tell(("every trial", "lab runs show last"), ("which operator", "lab locate last"))
    assert capsys.readouterr().out == "every trial     lab runs show last\nwhich operator  lab locate last\n"
