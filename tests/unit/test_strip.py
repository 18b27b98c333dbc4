"""How a bisection is told: strip, sentence, link, block."""

from lab.model.search import Bisected, Probed, Strip
from lab.report import strip

ROW = (
    Probed(release="2.6.2", sort="good"),
    Probed(release="3.0.0b1", sort="skip", why="no wheel"),
    Probed(release="3.0.0b2", sort="bad"),
    Probed(release="3.1.0"),
    Probed(release="3.3.1", sort="bad"),
)
SET = Strip(axis="loader", fixed="2.6.2", row=ROW, last="2.6.2", suspects=("3.0.0b1", "3.0.0b2"), probes=3, budget=9)


def test_the_chart_has_a_bar_where_it_turns_and_a_question_mark_where_nobody_looked() -> None:
    assert strip.chart(SET) == "2.6.2 good | 3.0.0b1 SKIP . 3.0.0b2 bad . 3.1.0 ? . 3.3.1 bad"


def test_a_set_names_its_holes_and_what_was_really_seen() -> None:
    said = strip.answer(SET)
    assert "one of {3.0.0b1, 3.0.0b2}: 3.0.0b2 is the first one seen bad (last good 2.6.2)" in said
    assert "3.0.0b1 could not be tested." in said


def test_upstream_tags_spell_pre_releases_out() -> None:
    assert strip.tag("3.0.0b2") == "v3.0.0-beta2"
    assert strip.tag("3.0.0rc1-gpu-cu118") == "v3.0.0-rc1"
    assert strip.compare_url(SET).endswith("/v2.6.2...v3.0.0-beta2")


def test_a_wrong_end_has_no_link_and_no_first_release() -> None:
    wrong = Strip(axis="loader", fixed="2.6.2", row=ROW, wrong=("3.3.1",))
    assert (strip.compare_url(wrong), wrong.first, wrong.certain) == ("", "", False)
    assert "no answer, because 3.3.1 bad" in strip.answer(wrong)


def test_the_block_for_an_issue_keeps_hostile_text_inside_its_fence() -> None:
    found = Bisected(
        schema=1, run="r", command="lab bisect x", scenario="x", issue="a/b#1", good="2.6.2", bad="3.3.1", signature="s",
        message="```\n</details> @everyone", strips=(SET,),
    )  # fmt: skip
    block = strip.markdown(found)
    assert "````text" in block
    assert "@everyone" not in block
    assert block.index("first bad is one of") < block.index("<details>")
