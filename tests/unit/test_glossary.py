"""docs/glossary.md: one word for one thing, in Chinese as in English."""

import re
from pathlib import Path

import pytest

from lab.language.translate import entries
from lab.model.bundle import Lang

ROOT = Path(__file__).parents[2]
GONE = {
    "治好": "解决", "治法": "解决办法", "惹的祸": "造成的", "计数阈值": "可计的最小变化", "本侧值": "被测方的值", "锚点": "基准版本", "路线": "加载方式",
    "打开方式": "加载方式", "保存端": "保存方", "加载端": "加载方", "一侧": "一方", "治愈": "解决", "锚定": "基准版本", "保存者": "保存方",
    "加载者": "加载方",
}  # fmt: skip
"""Words that are used no more, and what is said instead."""
TYPED = re.compile(r"`[^`]*`|lab [a-z]+|--[a-z-]+|\{\d+\}")
"""What is typed, and what stands in a hole: no words."""
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ · [^|]+ \|$", re.MULTILINE)


def chinese() -> dict[Path, str]:
    """Every text in Chinese, or with Chinese in it, that a user may read."""
    documents = [*ROOT.glob("*.zh-CN.md"), *(ROOT / "images").glob("*.md"), *(ROOT / "docs" / "zh").rglob("*.md")]
    documents += (ROOT / "scenarios").rglob("*.*")
    sources = [one for one in (ROOT / "lab").rglob("*") if one.suffix in {".py", ".j2", ".js", ".toml"}]
    return {
        one: one.read_text(encoding="utf-8") for one in (*documents, *sources) if one.suffix not in {".pyc", ".npz"}
    }


@pytest.mark.parametrize("word", GONE)
def test_words_that_are_gone_stay_gone(word: str) -> None:
    assert [f"{path.relative_to(ROOT)}: {GONE[word]}" for path, text in chinese().items() if word in text] == []


def test_every_word_of_the_glossary_is_used_in_both_languages() -> None:
    rows = ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert len(rows) > 20
    said = "\n".join(chinese().values())
    english = "\n".join(one.read_text(encoding="utf-8").lower() for one in (ROOT / "docs").glob("*.md"))
    for ours, theirs in rows[1:]:
        assert [one for one in ours.split(", ") if one not in english] == []
        assert [one for one in theirs.split("、") if one not in said] == []


def test_no_two_things_share_a_word() -> None:
    rows = ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    for words in zip(*rows, strict=True):
        single = [one for cell in words for one in re.split(", |、", cell)]
        assert sorted(set(single)) == sorted(single)


ONE_MEANING = (
    "saver", "loader", "route", "flag", "verdict", "signature", "grade", "replay", "session", "workspace", "anchor", "ticket",
)  # fmt: skip
"""Words that mean one thing wherever the lab says them; others are also plain English (a cut, a run of bytes)."""


@pytest.mark.parametrize("word", ONE_MEANING)
def test_a_word_of_the_glossary_is_the_same_word_in_every_sentence_of_the_catalogue(word: str) -> None:
    rows = ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    names = {
        one: other for ours, theirs in rows for one, other in zip(ours.split(", "), theirs.split("、"), strict=True)
    }
    meant = re.compile(rf"\b{word}s?\b")
    said = {english: chinese for english, chinese in entries(Lang.ZH).items() if meant.search(TYPED.sub(" ", english))}
    assert said
    assert {english: chinese for english, chinese in said.items() if names[word] not in chinese} == {}
