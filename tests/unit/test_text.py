"""Text from containers: what is dangerous goes, what is said stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.text import clean, readable, still


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("tab\tstays\nnewline stays", "tab\tstays\nnewline stays"),
        ("bell\x07 back\x08 null\x00", "bell back null"),
        ("\x9b31mc1", "c1"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("\ud800alone", "alone"),
        ("模型 é 😀", "模型 é 😀"),
        ("\x1b\x1b[31m[31mtwice", "[31mtwice"),
    ],
)
def test_escapes_and_control_characters_go_and_words_stay(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


@given(st.text())
def test_nothing_is_left_that_moves_a_cursor(text: str) -> None:
    left = {unicodedata.category(letter) for letter in clean(text) if letter not in "\n\t"}
    assert not left & {"Cc", "Cs"}


@given(text=st.text(min_size=0, max_size=400), limit=st.integers(1, 300))
def test_no_text_is_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


@given(st.text(st.characters(codec="ascii", categories=["L", "N"])))
def test_plain_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_what_is_too_long_keeps_both_ends_and_says_so() -> None:
    short = clean("begin " + "x" * 10_000 + " end", 200)
    assert short.startswith("begin ")
    assert short.endswith(" end")
    assert "characters cut" in short


def test_a_long_run_of_escapes_leaves_no_escape() -> None:
    assert "\x1b" not in clean("\x1b" * 50_000 + "[31m" * 50_000, 100)


GBK = "模型".encode("gbk").decode("utf-8", "surrogateescape")


def test_a_name_that_is_not_utf8_is_shown_by_its_bytes() -> None:
    """GBK of 模型 begins with two bytes that are a letter in UTF-8: they are shown as bytes too."""
    assert readable(f"/data/{GBK}/net") == r"/data/\xc4\xa3\xd0\xcd/net"
    assert clean(f"/data/{GBK} 模型") == r"/data/\xc4\xa3\xd0\xcd 模型"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_utf8_is_readable_as_it_is(text: str) -> None:
    assert readable(text) == text


@given(st.binary())
def test_every_name_of_a_file_becomes_text_that_can_be_written(data: bytes) -> None:
    assert bool(readable(data.decode("utf-8", "surrogateescape")).encode()) is bool(data)


@given(st.text())
def test_the_labs_own_lines_move_no_cursor(text: str) -> None:
    left = {unicodedata.category(letter) for letter in still(text) if letter not in "\n\t"}
    assert "Cc" not in left


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_the_labs_own_lines_lose_nothing_else(text: str) -> None:
    assert still(text) == text
