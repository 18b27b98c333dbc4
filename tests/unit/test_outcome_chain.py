"""A chain of exceptions as one text: the root first, and what was raised found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcome.chain import raised, told
from lab.outcome.signature import Link

LIMIT = 2_000
WORDS = st.text("abc xyz\n:", max_size=40).map(str.strip)
LINKS = st.lists(st.builds(Link, type=st.sampled_from(["KeyError", "ValueError"]), message=WORDS), max_size=9)


def test_without_causes_it_is_the_message_alone() -> None:
    assert told("ValueError", " no\x1b[2J ", (), LIMIT) == "no"


def test_the_root_comes_first_and_what_was_raised_last() -> None:
    causes = [Link(type="KeyError", message="'x'"), Link(type="OSError", message="gone")]
    text = told("ValueError", "no such model", causes, LIMIT)
    assert text.splitlines() == [
        "OSError: gone",
        "which led to KeyError: 'x'",
        "which led to ValueError: no such model",
    ]


@given(kind=st.sampled_from(["ValueError", "E"]), message=WORDS, causes=LINKS)
def test_what_was_raised_is_found_again(kind: str, message: str, causes: list[Link]) -> None:
    assert raised(kind, told(kind, message, causes, LIMIT)) == message


@pytest.mark.parametrize("text", ["", "no", "which led to ValueError: no", "a which led to ValueError: b"])
def test_a_text_without_causes_is_what_was_raised(text: str) -> None:
    assert raised("ValueError", text) == text


def test_a_long_chain_shows_its_roots_and_counts_the_rest() -> None:
    causes = [Link(type="E", message=f"number {number}" + "x" * 9_000) for number in range(9)]
    text = told("ValueError", "the end", causes, LIMIT)
    assert text.startswith("E: number 8")
    assert "(3 more in the traceback)" in text
    assert text.endswith("which led to ValueError: the end")
    assert len(text) < 2 * LIMIT


@pytest.mark.parametrize(
    ("number", "more"),
    [(6, ""), (7, "which led to (1 more in the traceback)"), (8, "which led to (2 more in the traceback)")],
)
def test_what_is_left_out_is_counted_from_the_first_on(number: int, more: str) -> None:
    text = told("ValueError", "the end", [Link(type="E", message="a")] * number, LIMIT)
    assert [line for line in text.splitlines() if " more " in line] == ([more] if more else [])
    assert text.count("which led to E: a") == 5


def test_each_part_of_a_chain_is_cut_to_its_own_length() -> None:
    assert len(told("ValueError", "x" * 9_000, (), LIMIT)) == LIMIT
    root, last = told("ValueError", "x" * 9_000, [Link(type="E" * 999, message="y" * 999)], LIMIT).split(
        "\nwhich led to "
    )
    assert (len(root), len(last)) == (200 + len(": ") + 400, len("ValueError: ") + LIMIT)


def test_a_cause_that_says_nothing_is_its_class_alone() -> None:
    assert told("ValueError", "", [Link(type="KeyError", message="")], LIMIT) == "KeyError:\nwhich led to ValueError:"


def test_a_text_that_tells_no_causes_stays_as_it_is_to_the_letter() -> None:
    assert raised("ValueError", " no ") == " no "
    assert raised("ValueError", "\nwhich led to ValueError: no") == "\nwhich led to ValueError: no"
