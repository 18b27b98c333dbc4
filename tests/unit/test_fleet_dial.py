"""What is said of a connection that ended says what is known of it, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.fleet.dial import LineEnd, sentence

ENDS = st.builds(LineEnd, code=st.integers(-64, 255), said=st.sampled_from(["", "ssh: no route to host"]))


@given(end=ENDS, wait=st.integers(1, 30))
def test_a_host_is_dialled_again_exactly_where_that_is_said(end: LineEnd, wait: int) -> None:
    said = sentence("gpu1", end, wait)
    assert said.startswith("gpu1 ")
    assert (f"dialled again in {wait} s" in said) == (not end.final)
    assert end.said in said


@pytest.mark.parametrize(
    ("code", "words"),
    [(127, "--program PATH"), (126, "--program PATH"), (2, "does not join"), (0, "has left"), (255, "is gone")],
)
def test_each_end_has_words_of_its_own(code: int, words: str) -> None:
    assert words in sentence("gpu1", LineEnd(code=code, said=""), 1)
