"""A message in one line: nothing of the container's folders, and an end between two words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcome.words import brief


@given(words=st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=30), most=st.integers(12, 90))
def test_a_message_ends_between_two_words_and_with_a_sign_where_it_is_cut(words: list[str], most: int) -> None:
    said = brief("  \n".join(words), most)
    whole = " ".join(words)
    assert len(said) <= most
    assert (said == whole) == (len(whole) <= most)
    if said != whole:
        assert said.endswith("…")
        assert whole.startswith(f"{said[:-1]} ")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("bad (at /paddle/paddle/fluid/framework/instruction.cc:116)", "bad (at instruction.cc:116)"),
        ("cannot open '/lab/saved/model/net.json'", "cannot open 'net.json'"),
        ("in /data/lab/net.json and /lab2/x", "in /data/lab/net.json and /lab2/x"),
        ("not supported " + "x" * 40 + "  (at /elsewhere/file.cc:1)", "not supported " + "x" * 40 + "…"),
        ("y" * 90, "y" * 59 + "…"),
    ],
)
def test_of_a_path_in_a_container_the_file_is_told(message: str, said: str) -> None:
    assert brief(message, 60) == said
