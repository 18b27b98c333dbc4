"""Commands that are printed can be typed, and taken apart again, whatever bytes their words have."""

import os
import re
import shlex
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from lab import shell

NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.binary(max_size=12).map(lambda data: os.fsdecode(data.replace(b"\0", b""))),
    st.lists(
        st.sampled_from(["$'", "'", '"', "\\", " ", "$", "x41", "模型", "\udcc4", "\x1b[31m", "\n"]), max_size=6
    ).map("".join),
)


@given(words=st.lists(NAMES, max_size=4))
def test_a_command_is_taken_apart_into_its_words(words: list[str]) -> None:
    joined = shell.join(words)
    assert shell.split(joined) == words
    assert joined.encode().isascii() or not re.search("[\ud800-\udfff]", joined)


@settings(max_examples=40, deadline=None)
@given(words=st.lists(NAMES, min_size=1, max_size=4))
def test_a_shell_takes_it_apart_the_same_way(words: list[str]) -> None:
    script = "printf '%s\\0' " + shell.join(words)
    said = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
    assert said == b"".join(os.fsencode(word) + b"\0" for word in words)


@given(words=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), max_size=4))
def test_words_without_anything_odd_are_quoted_as_always(words: list[str]) -> None:
    assert shell.join(words) == shlex.join(words)
    assert shell.split(shlex.join(words)) == words
