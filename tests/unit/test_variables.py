"""Which variables may be set for a guest: the same rule for a user's flag, a header and a bundle from elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import variables
from lab.cli import words
from lab.errors import LabError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/tmp"), ("LD_PRELOAD", "/lab/in/evil.so"), ("LD_PRELOAD", "../libevil.so"), ("LD_PRELOAD", "libz.so.1 /x"),
        ("LD_LIBRARY_PATH", "/lab/in"), ("LD_AUDIT", "libz.so.1"), ("PYTHONPATH", "/lab/in"), ("HOME", "/lab/in"),
        ("GLIBC_TUNABLES", "x"), ("A B", "x"), ("", "x"),
    ],
)  # fmt: skip
def test_what_decides_which_code_runs_cannot_be_set(name: str, value: str) -> None:
    assert not variables.settable(name, value)


@given(st.from_regex(r"FLAGS_[a-z_]{1,20}", fullmatch=True), st.text())
def test_every_flag_of_paddle_can_be_set(name: str, value: str) -> None:
    assert variables.settable(name, value)


def test_a_library_of_the_system_can_be_loaded_first_because_that_is_a_known_cure() -> None:
    assert variables.settable("LD_PRELOAD", "libz.so.1")


@pytest.mark.parametrize("word", ["PATH=/tmp", "LD_PRELOAD=/tmp/evil.so", "PYTHONSTARTUP=x"])
def test_a_flag_that_the_guest_owns_is_refused_in_one_sentence(word: str) -> None:
    with pytest.raises(LabError, match="cannot be set for a guest"):
        words.pairs([word])
