"""What follows from a kind of outcome stands in one table, and so does the exit code of each word an answer ends in."""

import ast
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.model import Grade, Kind, Progress, Verdict
from lab.model.outcome import KINDS
from lab.outcome.exits import EXITS, FAILURES, SEVERITY, UNTESTED, Ending, untested

LAB = Path(__file__).parents[2] / "lab"
TABLE = LAB / "model" / "outcome.py"


def test_every_kind_has_a_row() -> None:
    assert set(KINDS) == set(Kind)


def test_what_is_not_decided_has_an_exit_code_and_nothing_else_has() -> None:
    assert [kind for kind in Kind if kind.decided == bool(kind.exit_code)] == []


def test_each_step_of_how_far_paddle_came_holds_the_ones_before_it() -> None:
    steps = {kind: (kind.tested, kind.decided, kind.answered, kind.works) for kind in Kind}
    assert {kind: sum(found) for kind, found in steps.items()} == {kind: int(KINDS[kind].progress) for kind in Kind}
    assert all(list(found) == sorted(found, reverse=True) for found in steps.values())


def test_only_a_drift_or_a_mismatch_is_about_numbers() -> None:
    assert [kind for kind in Kind if kind.differs] == [Kind.DRIFT, Kind.NUMERIC_MISMATCH]


def test_nothing_that_was_never_tried_is_kept_but_that_there_is_no_wheel() -> None:
    untried = [kind for kind in Kind if KINDS[kind].progress is Progress.UNTRIED]
    assert [kind for kind in untried if kind.kept] == [Kind.UNSUPPORTED]


def test_arrays_agree_up_to_close() -> None:
    assert [grade for grade in Grade if grade.agrees] == [Grade.EXACT, Grade.CLOSE]


def test_every_word_an_answer_ends_in_has_an_exit_code() -> None:
    assert set(EXITS) == {*Verdict, *Ending}
    assert set(EXITS.values()) <= {*SEVERITY, *FAILURES}


def test_every_class_of_error_has_a_word_with_its_code() -> None:
    assert {one.exit_code for one in LabError.__subclasses__()} == set(FAILURES)
    assert all(EXITS[word] == code for code, word in FAILURES.items())


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.decided])
def test_a_kind_that_keeps_an_answer_from_being_found_leads_to_the_code_of_its_word(kind: Kind) -> None:
    word = untested({Kind.OK, kind})
    assert word is not None
    assert EXITS[word] == kind.exit_code


def test_decided_kinds_keep_nobody_from_an_answer() -> None:
    assert untested([kind for kind in Kind if kind.decided]) is None
    assert all(EXITS[word] == code for code, word in UNTESTED.items())


def written(node: ast.AST, enum: str) -> int:
    """How many members of an enum a group writes out, each by itself or beside something else."""
    parts = getattr(node, "elts", None) or getattr(node, "patterns", None) or []
    inner = [one for part in parts for one in (part, *getattr(part, "elts", ()), getattr(part, "value", None))]
    names = [one.value.id for one in inner if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    return names.count(enum)


@pytest.mark.parametrize("enum", ["Kind", "Grade"])
def test_no_set_of_kinds_or_grades_is_written_outside_the_table(enum: str) -> None:
    groups = (ast.Tuple, ast.List, ast.Set, ast.MatchOr)
    seen = [
        f"{path.relative_to(LAB)}:{node.lineno}"
        for path in sorted(LAB.rglob("*.py"))
        if path != TABLE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, groups) and written(node, enum) > 1
    ]
    assert seen == []


def literal(node: ast.AST) -> bool:
    """Whether a node is a text, or a group with a text in it."""
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node))


def test_no_verdict_or_status_is_compared_with_a_typed_word() -> None:
    rooms = ("search", "report", "site", "bundle")
    words = {"sort", "status", "tone", "change"}
    seen = [
        f"{path.relative_to(LAB)}:{node.lineno}"
        for room in rooms
        for path in sorted((LAB / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr in words
        and any(literal(other) for other in node.comparators)
    ]
    assert seen == []
