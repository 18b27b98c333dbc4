from pathlib import Path

import pytest

from lab import environment, scenario
from lab.knowledge import problems
from lab.model import Kind, Phase, Scenario
from lab.report import scenario_list

ROOT = Path(__file__).parents[2]
SCENARIOS = scenario.list_all(ROOT / "scenarios")
CATALOGUE = environment.load(ROOT / "images")
BY_NAME = {one.name: one for one in SCENARIOS}
PROBLEMS = [one for one in SCENARIOS if any(pair.outcome is not Kind.OK for pair in one.expectations)]


@pytest.fixture(params=SCENARIOS, ids=lambda one: one.name)
def one(request: pytest.FixtureRequest) -> Scenario:
    found = request.param
    assert isinstance(found, Scenario)
    return found


def test_the_library_holds_at_least_twenty_scenarios() -> None:
    assert len(SCENARIOS) >= 20


def test_an_issue_is_a_repository_and_a_number_or_is_left_out(one: Scenario) -> None:
    repository, mark, number = one.issue.partition("#")
    assert one.issue == "" or (mark and number.isdigit() and repository.count("/") == 1), one.issue


def test_every_scenario_says_what_it_shows_in_both_languages(one: Scenario) -> None:
    assert one.summary
    assert any("\u4e00" <= letter <= "\u9fff" for letter in one.summary_zh)


def test_every_expected_release_is_in_the_catalogue_and_has_an_environment(one: Scenario) -> None:
    assert one.expectations
    for pair in one.expectations:
        for selector in (pair.saver, pair.loader):
            assert CATALOGUE.environment(selector, arch="x86_64").release.version


def test_every_failure_that_is_expected_is_told_apart_from_others(one: Scenario) -> None:
    for pair in one.expectations:
        if pair.outcome is not Kind.OK:
            assert pair.phase is not None, pair
            assert pair.type or pair.outcome in (Kind.NUMERIC_MISMATCH, Kind.LEAK), pair


def test_a_problem_comes_with_a_control_that_works_or_fails_everywhere() -> None:
    never_works = {one.name for one in PROBLEMS if all(pair.outcome is not Kind.OK for pair in one.expectations)}
    assert never_works == {"loop_with_break", "mixed_precision_on_cpu"}


def test_every_known_problem_is_proved_by_a_scenario_that_expects_it() -> None:
    for entry in problems.read(ROOT / "scenarios" / problems.FILE):
        pairs = BY_NAME[entry.proof].expectations
        failing = [pair for pair in pairs if pair.outcome is not Kind.OK]
        assert any(entry.type in ("", pair.type) and entry.phase in ("", pair.phase) for pair in failing), entry


def test_the_pages_hold_the_table_that_the_headers_make() -> None:
    for language, name in (("en", "scenarios.md"), ("zh", "zh/scenarios.md")):
        page = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert scenario_list.written(page, SCENARIOS, language) == page, "renew the pages: lab scenarios docs"
        assert scenario_list.table(SCENARIOS, language) in page


def test_a_page_without_marks_stays_as_it_is() -> None:
    assert scenario_list.written("# title\n", SCENARIOS, "en") == "# title\n"


def test_what_is_expected_is_counted_by_kind() -> None:
    assert scenario_list.expected(BY_NAME["loop_with_list"]) == "4 pairs: 3 ok, 1 TypeError in save"
    assert scenario_list.expected(BY_NAME["big_weights"]).endswith("(`--full`)")
    assert scenario_list.expected(BY_NAME["loop_with_list"], "zh").startswith("4 组")


def test_a_save_that_fails_is_spoken_of_in_the_phase_save() -> None:
    failing = {pair.phase for pair in BY_NAME["loop_with_break"].expectations}
    assert failing == {Phase.SAVE}
