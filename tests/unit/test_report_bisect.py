"""How a bisection is told: strip, sentence, link, block."""

from dataclasses import replace

from lab.knowledge import upstream
from lab.model.search import Axis, Bisected, BisectedAxis, Probed, ProbeVerdict, Reading, Symptom
from lab.report import bisect

ROW = (
    Probed(release="2.6.2", sort=ProbeVerdict.GOOD),
    Probed(release="3.0.0b1", sort=ProbeVerdict.SKIP, why="no wheel"),
    Probed(release="3.0.0b2", sort=ProbeVerdict.BAD),
    Probed(release="3.1.0"),
    Probed(release="3.3.1", sort=ProbeVerdict.BAD),
)
SET = BisectedAxis(
    axis=Axis.LOADER, fixed="2.6.2", row=ROW, last="2.6.2", suspects=("3.0.0b1", "3.0.0b2"), probes=3, budget=9
)


def test_the_chart_has_a_bar_where_it_turns_and_a_question_mark_where_nobody_looked() -> None:
    assert bisect.chart(SET) == "2.6.2 good | 3.0.0b1 SKIP . 3.0.0b2 bad . 3.1.0 ? . 3.3.1 bad"


def test_a_set_names_its_holes_and_what_was_really_seen() -> None:
    said = bisect.answer(SET)
    assert "one of {3.0.0b1, 3.0.0b2}: 3.0.0b2 is the first one seen bad (last good 2.6.2)" in said
    assert "3.0.0b1 could not be tested." in said


def test_upstream_tags_spell_pre_releases_out() -> None:
    assert upstream.tag("3.0.0b2") == "v3.0.0-beta2"
    assert upstream.tag("3.0.0rc1-gpu-cu118") == "v3.0.0-rc1"
    assert bisect.compare_url(SET).endswith("/v2.6.2...v3.0.0-beta2")


def test_a_wrong_end_has_no_link_and_no_first_release() -> None:
    wrong = BisectedAxis(axis=Axis.LOADER, fixed="2.6.2", row=ROW, wrong=("3.3.1",))
    assert (bisect.compare_url(wrong), wrong.first, wrong.certain) == ("", "", False)
    assert "no answer, because 3.3.1 bad" in bisect.answer(wrong)


def test_the_block_for_an_issue_keeps_hostile_text_inside_its_fence() -> None:
    found = Bisected(
        schema=1, run="r", command="lab bisect x", scenario="x", issue="a/b#1", good="2.6.2", bad="3.3.1", signature="s",
        message="```\n</details> @everyone", strips=(SET,),
    )  # fmt: skip
    block = bisect.markdown(found)
    assert "````text" in block
    assert "@everyone" not in block
    assert block.index("first bad is one of") < block.index("<details>")


SLOWER = Symptom(metric="infer", share=0.1)


def beside(release: str, sort: ProbeVerdict, ratio: float, *, purpose: str = "search") -> Probed:
    reading = Reading(metric="infer", against="2.6.2", ratio=ratio, reference=0.0004, value=0.0004 * ratio, blocks=12)
    return Probed(release=release, sort=sort, why=f"infer x{ratio:g}", purpose=purpose, reading=reading)


MEASURED = BisectedAxis(
    axis=Axis.LOADER, fixed="", last="2.6.2", suspects=("3.0.0b1", "3.0.0b2"), probes=4, budget=9, symptom=SLOWER,
    row=(
        beside("2.6.2", ProbeVerdict.GOOD, 1.01), Probed(release="3.0.0b1", sort=ProbeVerdict.UNDECIDED, why="infer x1.09"),
        beside("3.0.0b2", ProbeVerdict.BAD, 9.9), Probed(release="3.0.0"), beside("3.1.0", ProbeVerdict.BAD, 14.2),
    ),
    edge=beside("3.0.0b2", ProbeVerdict.BAD, 9.8, purpose="edge"),
)  # fmt: skip


def test_a_measured_row_shows_ratios_and_the_times_behind_them() -> None:
    chart = bisect.chart(MEASURED)
    assert chart == "2.6.2 good x1.01 | 3.0.0b1 UNDECIDED . 3.0.0b2 bad x9.9 . 3.0.0 ? . 3.1.0 bad x14.2"
    assert "3.0.0b2 bad: infer x9.9; 400 us -> 3.96 ms" in bisect.measured(MEASURED)
    assert bisect.measured(MEASURED)[-1] == "the neighbours: 3.0.0b2 bad: infer x9.8; 400 us -> 3.92 ms"
    said = bisect.answer(MEASURED)
    assert said.startswith(
        "infer slower by more than 10%, each release loading what it saved itself: first bad is one of"
    )
    assert "3.0.0b1 could not be decided." in said


def test_neighbours_that_do_not_show_the_turn_make_it_gradual_and_uncertain() -> None:
    one = replace(MEASURED, suspects=("3.0.0b2",))
    assert one.certain
    gradual = replace(one, edge=beside("3.0.0b2", ProbeVerdict.GOOD, 1.06, purpose="edge"))
    assert not gradual.certain
    assert "GRADUAL: measured against each other, the two neighbours do not show it (infer x1.06)." in bisect.answer(
        gradual
    )


def test_a_leak_is_charted_by_what_each_call_keeps() -> None:
    grown = Reading(metric="leak", growth=1025 * 1024.0, grew=3, processes=3, blocks=3)
    assert bisect.mark(Probed(release="3.0.0", sort=ProbeVerdict.BAD, reading=grown)) == "3.0.0 bad +1025 KiB a call"
