"""What is said in another language says what the English says, and loses nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.language import check, chosen
from lab.language.template import HOLE, holes, wrong
from lab.language.translate import Translator, entries
from lab.model.bundle import Lang
from tests import sentences

CATALOGUE = entries(Lang.ZH)
CHINESE = Translator(CATALOGUE)
WORDS = st.text(alphabet="abcxyz0189._-/\\\"'^$.*+?()[]{}|模型é", min_size=1, max_size=12)


@pytest.mark.parametrize("kind", sentences.KINDS)
def test_every_sentence_of_the_lab_has_its_chinese(kind: str) -> None:
    missing = {
        said: place
        for said, place in sentences.KINDS[kind]()
        if said not in CATALOGUE and said not in sentences.not_translated()
    }
    assert not missing, "\n".join(f"{place}: {said!r}" for said, place in missing.items())


def test_no_entry_of_the_catalogue_loses_or_invents_what_stands_in_a_hole() -> None:
    assert not [said for english, other in CATALOGUE.items() if (said := wrong(english, other))]


def test_a_file_of_the_catalogue_says_no_sentence_that_another_one_says_otherwise() -> None:
    assert not list(sentences.said_twice())


def test_what_nobody_says_any_more_leaves_the_catalogue() -> None:
    said = {one for kind in sentences.KINDS.values() for one, _ in kind()}
    assert not sorted(set(CATALOGUE) - said - sentences.fragments())


@given(st.data())
def test_a_sentence_with_anything_in_its_holes_keeps_it_to_the_letter(data: st.DataObject) -> None:
    english = data.draw(st.sampled_from(sorted(one for one in CATALOGUE if HOLE.search(one))))
    dropped = {number for number, mark in holes(CATALOGUE[english]) if mark == "-"}
    values = ["s" if number in dropped else data.draw(WORDS) for number, _ in holes(english)]
    found = CHINESE.text(HOLE.sub(lambda one: values[int(one[1])], english))
    words = [
        one for at, one in enumerate(values) if at not in dropped and one != "."
    ]  # a stop may be the sentence's own
    closed = found.replace("（", "(").replace("）", ")")  # and so may a bracket at the end of a hole
    assert all(one in found or one in closed or CHINESE.text(one) in found for one in words)


PADDLE_SAYS = st.sampled_from(
    (
        "ValueError: The ``path`` to load model not exists",
        "RuntimeError: json.exception.parse_error.101, attempting to parse an empty input",
        "FileNotFoundError: it looks for a .pdmodel of 3.0.0, or of 3.1",
        "ValueError: (InvalidArgument) Type of attribute ... is not pir::FloatAttribute, or is not right",
        "paddle.base.core.NotFoundError: there is no kernel of conv2d in CPU  and none in GPU. Try again.  run 3 pairs (at line 3)",
    )
) | st.builds(
    "{}: {}".format,
    st.sampled_from(("ValueError", "RuntimeError", "UserWarning", "KeyError")),
    st.lists(
        st.sampled_from(
            [
                "a",
                "of",
                "to",
                "and",
                "in",
                "with",
                "no",
                "or",
                "is",
                "for",
                "not",
                "3.0.0",
                "pairs,",
                "fails;",
                "x:",
                "(y)",
                "run.",
                "3",
            ]
        ),
        min_size=1,
    ).map(" ".join),
)


@given(st.data(), PADDLE_SAYS)
def test_a_message_of_somebody_else_in_any_hole_comes_out_as_it_went_in(data: st.DataObject, message: str) -> None:
    english = data.draw(st.sampled_from(sorted(one for one in CATALOGUE if HOLE.search(one))))
    dropped = {number for number, mark in holes(CATALOGUE[english]) if mark == "-"}
    held = data.draw(st.sampled_from([one for one, _ in holes(english) if one not in dropped]))
    values = ["s" if one in dropped else message if one == held else "3.0.0" for one, _ in holes(english)]
    sentence = HOLE.sub(lambda one: values[int(one[1])], english)
    assert all(message in CHINESE.text(sentence, own=own) for own in (True, False))


def test_what_stands_before_a_message_and_around_it_is_translated() -> None:
    made = Translator(
        {"it fails ({0}) in {1}": "在 {1} 中失败（{0}）", "{0} to {1}": "{0} 至 {1}", "no: {0}": "不：{0~}"}
    )
    assert made.text("it fails (OSError: a (b) to c) in 3.0.0", own=True) == "在 3.0.0 中失败（OSError: a (b) to c）"
    assert made.text("no: ValueError: a to b", own=True) == "不：ValueError: a to b"
    assert made.text("3.0 to 3.1", own=True) == "3.0 至 3.1"


@given(st.text(max_size=200))
def test_what_the_catalogue_does_not_know_comes_out_as_it_went_in(text: str) -> None:
    assert Translator({"there is no {0}": "没有 {0}"}).text(f"%{text}") == f"%{text}"


def test_the_sentence_that_says_more_is_meant() -> None:
    both = Translator({"no {0}": "没有 {0}", "no release {0}": "没有版本 {0}"})
    assert both.text("no release 3.0.0") == "没有版本 3.0.0"


def test_words_in_a_hole_are_translated_only_where_the_catalogue_says_so() -> None:
    made = Translator({"it fails": "它失败", "what was seen: {0}; {1}": "看到：{0~}；{1}"})
    assert made.text("what was seen: it fails; it fails") == "看到：它失败；it fails"


def test_a_list_of_known_words_in_a_hole_is_a_list() -> None:
    made = Translator({"engine": "引擎", "disk": "磁盘", "not looked at: {0}": "未检查：{0~}"})
    assert made.text("not looked at: engine, disk and CUDA") == "未检查：引擎、磁盘和 CUDA"


def test_several_sentences_are_translated_one_by_one() -> None:
    made = Translator({"It fails.": "它失败。", "Ask again.": "请再问一次。"})
    assert made.text("  It fails. Ask again.\n") == "  它失败。请再问一次。\n"
    assert made.text("It fails. Who knows.") == "它失败。Who knows."


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, Lang.EN),
        ({"LANG": "zh_CN.UTF-8"}, Lang.ZH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, Lang.EN),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "zh_TW"}, Lang.ZH),
        ({"LANG": "zh_CN.UTF-8", "LAB_LANG": "en"}, Lang.EN),
        ({"LAB_LANG": "zh-Hans"}, Lang.ZH),
        ({"LAB_LANG": "zhuang"}, Lang.EN),
    ],
)
def test_the_language_is_the_one_that_is_named_first(environ: dict[str, str], language: Lang) -> None:
    assert chosen(environ) is language


@pytest.mark.parametrize("named", ["fr", "both", "zhuang", "中文"])
def test_a_language_that_the_lab_does_not_speak_is_named(named: str) -> None:
    with pytest.raises(UsageError, match=named):
        check({"LAB_LANG": named})
