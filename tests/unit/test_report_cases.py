"""What machines are told of an answer is neither better nor worse than what people are told."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lab.model import Kind, TrialResult, Verdict
from lab.model.cases import AnswerCase, AnswerCases, CaseEnd
from lab.model.check import StampedFile
from lab.model.check_grid import Checked, CheckGrid, Safety
from lab.outcome import upgrade
from lab.outcome.exits import EXITS, Ending
from lab.outcome.verdict import exit_code
from lab.report import cases, github, junit
from tests.unit.check_grids import grids
from tests.unit.test_report_run_terminal import FLAG, run, trial

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KINDS = st.sampled_from(list(Kind))
TRIALS = st.builds(trial, KINDS, KINDS, st.sampled_from([{}, FLAG]))


@CALM
@given(results=st.lists(TRIALS, min_size=1, max_size=5))
def test_all_pairs_of_a_run_pass_just_where_it_ends_with_0(results: list[TrialResult]) -> None:
    found = run(*results)
    ends = {one.end for one in cases.of_run(found, "").cases}
    if found.verdict is not Verdict.VOID:  # no pair that shows the problem was tried: the rest may be well
        assert (ends == {CaseEnd.PASSED}) == (exit_code(found.verdict, found.trials) == 0)
    assert len(cases.of_run(found, "").cases) == len(results)


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (Kind.OK, CaseEnd.PASSED),
        (Kind.PY_EXCEPTION, CaseEnd.FAILED),
        (Kind.UNSUPPORTED, CaseEnd.SKIPPED),
        (Kind.BUILD_FAILURE, CaseEnd.ERROR),
    ],
)
def test_a_pair_of_which_nothing_was_expected_passes_where_it_works(seen: Kind, end: CaseEnd) -> None:
    one = replace(trial(Kind.OK, seen), expected=None, verdict="")
    assert [case.end for case in cases.of_run(run(one), "").cases] == [end]


def checked(grid: CheckGrid) -> Checked:
    files = (StampedFile(name="net.json", size=1, sha256="0"),)
    return Checked(
        schema=1, run="r", command="c", format="json", files=files, chosen="", feeds=(), rounds=0, grid=grid,
        answers=upgrade.answers(grid),
    )  # fmt: skip


@CALM
@given(grid=grids(), accepted=st.booleans())
def test_all_releases_of_a_check_pass_just_where_it_ends_with_0(grid: CheckGrid, *, accepted: bool) -> None:
    found = checked(grid)
    ends = {one.end for one in cases.of_check(found, accepted=accepted).cases}
    ending = upgrade.ending(grid, found.answers)
    well = EXITS[ending] == 0 or (accepted and upgrade.overall(found.answers) is Safety.OTHERWISE)
    assert (ends == {CaseEnd.PASSED}) == well, ending


def made(*ends: CaseEnd, text: str = "it is so") -> AnswerCases:
    found = tuple(
        AnswerCase(name=f"{number} {text}", end=end, message=text, detail=text) for number, end in enumerate(ends)
    )
    return AnswerCases(subject="net", said=text, cases=found)


ANY = st.text(st.sampled_from("\r\n:,%|<>`&\x00") | st.characters(codec="utf-8"))


@CALM
@given(text=ANY, ends=st.lists(st.sampled_from(CaseEnd), max_size=4))
def test_whatever_paddle_says_the_file_is_xml_with_every_case_in_it(text: str, ends: list[CaseEnd]) -> None:
    whole = ET.fromstring(  # noqa: S314 - it is our own
        junit.render("check", made(*ends, text=text))
    )
    assert [next((part.tag for part in one), "passed") for one in whole.iter("testcase")] == [
        junit.TAGS.get(end, "passed") for end in ends
    ]
    assert whole.get("failures") == str(ends.count(CaseEnd.FAILED))


@CALM
@example(text="a\nb\r::error::%0A", ends=[CaseEnd.FAILED])
@given(text=ANY, ends=st.lists(st.sampled_from(CaseEnd), max_size=25))
def test_no_message_ends_its_annotation_or_begins_another(text: str, ends: list[CaseEnd]) -> None:
    lines = list(github.annotations("check", made(*ends, text=text)))
    assert len(lines) <= github.SHOWN
    for line in lines:
        assert re.fullmatch(r"::(error|warning) title=[^:,\r\n]*::[^\r\n]*", line)
    told = sum(end in github.LEVELS for end in ends)
    if told > github.SHOWN:
        assert f"{told - github.SHOWN + 1} more are in the job summary" in lines[-1]


def test_errors_come_before_warnings_so_that_none_of_them_is_dropped() -> None:
    lines = list(github.annotations("run", made(*[CaseEnd.SKIPPED] * 12, CaseEnd.ERROR)))
    assert lines[0].startswith("::error title=run%3A 12 ")


@pytest.mark.parametrize("end", [CaseEnd.FAILED, CaseEnd.PASSED])
def test_the_summary_names_every_case_and_gives_the_detail_of_what_is_not_well(end: CaseEnd) -> None:
    text = github.summary("check", Ending.UNSAFE, 1, made(end, text="a|b `x`"))
    assert text.startswith("## lab check net: NOT SAFE\n")
    assert f"| 0 a\\|b 'x' | {end} |" in text
    assert ("<details>" in text) == (end is CaseEnd.FAILED)


def test_a_change_that_is_accepted_passes_and_a_way_that_is_lost_is_told() -> None:
    from tests.captures import checked as another_way  # noqa: PLC0415 - it needs the stored matrices too

    found = another_way()
    (one, _) = cases.of_check(found, accepted=False).cases
    assert one.end is CaseEnd.FAILED
    assert one.message == "SAFE ANOTHER WAY"
    assert "jit.load" in one.detail
    assert {case.end for case in cases.of_check(found, accepted=True).cases} == {CaseEnd.PASSED}


def test_an_annotation_says_why_because_nothing_stands_beside_it() -> None:
    case = AnswerCase(
        name="net: 2.6.2 -> 3.0.0", end=CaseEnd.FAILED, message="NOT SAFE", detail="no way opens it\nmore"
    )
    (line,) = github.annotations("check", AnswerCases(subject="net", said="", cases=(case,)))
    assert line == "::error title=check%3A net%3A 2.6.2 -> 3.0.0::NOT SAFE: no way opens it"
