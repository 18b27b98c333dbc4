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
