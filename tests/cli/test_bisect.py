"""`lab bisect` over toy releases: what it finds, what it refuses, and what it says of rows that have no single answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab import scenario
from lab.cli import gitbisect, opening
from lab.cli.screen import Screen
from lab.engine.choose import EngineChoice
from lab.search import bisect
from lab.search.row import BisectRequest
from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

ENDS = ("--good", "2.6.2", "--bad", "3.3.1")
ROW = ("2.6.2", "3.0.0b0", "3.0.0b1", "3.0.0b2", "3.0.0rc0", "3.0.0rc1", "3.0.0", "3.1.0", "3.1.1", "3.2.0", "3.2.1",
       "3.2.2", "3.3.0", "3.3.1")  # fmt: skip
# 3.0.0b0 and b1 have wheels only on Paddle's own index, and their checked-in locks say so: they cannot be built here.


def fails(*releases: str, how: str = 'raise ValueError("no such model")') -> str:
    return f'if os.environ["TOY_PADDLE_VERSION"] in {releases!r}: {how}'


def from_(release: str) -> tuple[str, ...]:
    return ROW[ROW.index(release) :]


def write(bench: Path, **words: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(**words), encoding="utf-8")


def document(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """No index answers: a lock that is not complete cannot be made complete."""
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)


def test_the_first_bad_release_is_found_within_the_budget(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    found = document(answer := cli("bisect", "toy", *ENDS, "--json"))
    (strip,) = found["strips"]
    assert (strip["suspects"], strip["last"]) == (["3.1.1"], "3.1.0")
    assert strip["probes"] <= strip["budget"] == 10
    assert len([job for job in toy.jobs if job.saved]) == strip["probes"]
    assert answer.code == 0


def test_the_answer_comes_with_strip_sentence_link_and_a_block_for_the_issue(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    said = cli("bisect", "toy", *ENDS).out
    assert "3.1.0 good | 3.1.1 bad" in said
    assert "first bad is 3.1.1 (last good 3.1.0)" in said
    assert "https://github.com/PaddlePaddle/Paddle/compare/v3.1.0...v3.1.1" in said
    assert "<details>" in said


def test_releases_that_cannot_be_built_make_the_answer_a_set_and_the_exit_code_3(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, load=fails(*from_("3.0.0b0")))
    answer = cli("bisect", "toy", *ENDS)
    assert "3.0.0b0 SKIP" in answer.out
    assert "first bad is one of {3.0.0b0, 3.0.0b1, 3.0.0b2}: 3.0.0b2 is the first one seen bad" in answer.out
    assert "3.0.0b0 and 3.0.0b1 could not be tested" in answer.out
    assert "v2.6.2...v3.0.0-beta2" in answer.out
    assert answer.code == 3


def test_a_broken_build_in_the_middle_is_a_hole_and_not_a_failure_of_paddle(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    toy.unbuildable = ("3.1.1-cpu-py311",)
    found = document(answer := cli("bisect", "toy", *ENDS, "--json"))
    assert found["strips"][0]["suspects"] == ["3.1.1", "3.2.0"]
    assert answer.code == 3


def test_where_nothing_between_the_ends_can_be_tested_the_answer_is_everything_between(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, load=fails(*from_("3.1.0")))
    toy.unbuildable = tuple(f"{release}-cpu-py311" for release in ROW[1:-1])
    found = document(answer := cli("bisect", "toy", *ENDS, "--json"))
    (strip,) = found["strips"]
    assert (strip["last"], strip["suspects"], strip["probes"]) == ("2.6.2", list(ROW[1:]), 2)
    assert answer.code == 3


def test_two_searches_at_once_find_the_same_and_share_what_they_try(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    place, catalogue = opening.place("")
    read = scenario.read(scenario.find(place.scenarios, "toy"))
    question = BisectRequest(scenario=read, catalogue=catalogue, command="lab bisect", good="2.6.2", bad="3.3.1")
    laboratory = opening.laboratory(place, catalogue, EngineChoice.AUTO, Screen(quiet=True))
    searches = [bisect.perform(question, laboratory) for _ in range(2)]
    found: list[Any] = []
    while searches:
        for one in list(searches):
            try:
                next(one)
            except StopIteration as ended:
                found.append(ended.value)
                searches.remove(one)
    assert [one.strips[0].suspects for one in found] == [("3.1.1",)] * 2
    assert found[0].run != found[1].run
    assert all(run.status == "finished" for run in (laboratory.store.load(one.run) for one in found))


def test_a_row_that_turns_back_is_said_to_be_not_monotonic(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*(one for one in from_("3.1.0") if one not in ("3.2.0", "3.2.1"))))
    answer = cli("bisect", "toy", *ENDS, "--every")
    assert "NOT MONOTONIC" in answer.out
    assert answer.code == 3


def test_a_release_that_fails_in_another_way_is_neither_good_nor_bad(cli: Cli, toy: Any, bench: Path) -> None:
    other = fails("3.1.0", "3.1.1", how='raise KeyError("weights")')
    write(bench, load=f"{other}\n    {fails(*from_('3.2.0'))}")
    found = document(answer := cli("bisect", "toy", *ENDS, "--json"))
    (strip,) = found["strips"]
    assert strip["suspects"] == ["3.1.0", "3.1.1", "3.2.0"]
    assert [one["sort"] for one in strip["row"] if one["release"] in ("3.1.0", "3.1.1")] == ["other", "other"]
    assert answer.code == 3
    assert document(cli("bisect", "toy", *ENDS, "--signature", "any", "--json"))["strips"][0]["suspects"] == ["3.1.0"]
    only = document(cli("bisect", "toy", *ENDS, "--signature", "no such model", "--json"))
    assert only["strips"][0]["suspects"] == ["3.1.0", "3.1.1", "3.2.0"]


def test_a_failure_in_slightly_other_words_is_the_same_failure(cli: Cli, toy: Any, bench: Path) -> None:
    words = "The path to load the model does not exist. Please make sure that the {} is there before it is loaded."
    old = fails("3.1.0", "3.1.1", how=f'raise ValueError("{words.format("*.pdmodel")}")')
    new = fails(*from_("3.2.0"), how=f'raise ValueError("{words.format("*.pdmodel(json)")}")')
    write(bench, load=f"{old}\n    {new}")
    (strip,) = document(cli("bisect", "toy", *ENDS, "--json"))["strips"]
    assert strip["suspects"] == ["3.1.0"]
    assert "other words" in next(one["why"] for one in strip["row"] if one["release"] == "3.1.0")


def test_a_release_whose_repeats_disagree_is_flaky_and_the_exit_code_3(
    cli: Cli, toy: Any, bench: Path, tmp_path: Path
) -> None:
    once = f'mark = "{tmp_path}/seen"; again = os.path.exists(mark); open(mark, "w").close(); '
    flaky = fails("3.1.0", how=f"{once}exec(\"if again: raise ValueError('no such model')\")")
    write(bench, load=f"{flaky}\n    {fails(*from_('3.1.1'))}")
    answer = cli("bisect", "toy", *ENDS, "--repeat", "2")
    assert "FLAKY: 3.1.0 (failed 1 of 2 times)" in answer.out
    assert "first bad is one of {3.1.0, 3.1.1}" in answer.out
    assert answer.code == 3


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ("pass", "3.3.1 does not fail as the loader"),
        ('raise ValueError("always")', "2.6.2 does not work as the loader"),
        (fails("2.6.2"), "2.6.2 does not work as the loader"),
    ],
)
def test_ends_that_are_not_good_and_bad_are_named_with_what_was_seen(
    cli: Cli, toy: Any, bench: Path, load: str, said: str
) -> None:
    write(bench, load=load)
    answer = cli("bisect", "toy", *ENDS)
    assert answer.code == 4
    assert said in answer.err
    assert len([job for job in toy.jobs if job.saved]) <= 2, "the search goes on although its ends are wrong"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--good", "3.0.0", "--bad", "3.0.0"), "same release"),
        (("--good", "3.3.1", "--bad", "2.6.2"), "--find-fix"),
        (("--good", "2.6.3", "--bad", "3.0.0"), "2.6.2"),
        (("--good", "2.6.1", "--bad", "3.0.0"), "2.6.1-gpu"),
        ((*ENDS, "--signature", "("), "regular expression"),
        ((*ENDS, "--flag", "x"), "NAME=VALUE"),
        ((*ENDS, "--axis", "lodaer"), "loader"),
        ((*ENDS, "--python", "3.99"), "3.99"),
    ],
)
def test_bad_words_get_one_sentence_and_start_nothing(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    write(bench)
    answer = cli("bisect", "toy", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert toy.jobs == []


def test_neighbours_with_no_release_between_need_only_the_ends(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    found = document(cli("bisect", "toy", "--good", "3.1.0", "--bad", "3.1.1", "--json"))
    assert (found["strips"][0]["suspects"], found["strips"][0]["probes"]) == (["3.1.1"], 2)


def test_a_fix_is_found_from_the_bad_release_on(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails("3.0.0", "3.1.0"))
    answer = cli("bisect", "toy", "--good", "2.6.2", "--bad", "3.0.0", "--find-fix")
    assert "works again in 3.1.1 (last seen to fail 3.1.0)" in answer.out
    assert answer.code == 0


def test_a_failure_that_is_still_there_in_the_newest_release_is_not_fixed(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.0.0")))
    answer = cli("bisect", "toy", *ENDS, "--find-fix")
    assert "not fixed: 3.3.1" in answer.out
    assert answer.code == 1


def test_the_saving_side_is_searched_with_the_loader_fixed(cli: Cli, toy: Any, bench: Path) -> None:
    version = 'np.save(prefix + ".npy", np.array([os.environ["TOY_PADDLE_VERSION"] >= "3.2"]))'
    source = text(load='if np.load(prefix + ".npy").any(): raise ValueError("broken file")')
    source = source.replace('np.save(prefix + ".npy", np.ones(3, "float32"))', version)
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    found = document(cli("bisect", "toy", *ENDS, "--axis", "saver", "--json"))
    assert (found["strips"][0]["suspects"], found["strips"][0]["fixed"]) == (["3.2.0"], "3.3.1")
    both = document(cli("bisect", "toy", *ENDS, "--axis", "both", "--json"))
    assert both["side"] == "written wrong"
    assert {strip["axis"] for strip in both["strips"]} == {"saver"}


def test_what_is_only_read_wrong_is_told_from_what_is_written_wrong(cli: Cli, toy: Any, bench: Path) -> None:
    source = text(load=f'old = np.load(prefix + ".npy").any()\n    if old: {fails(*from_("3.1.0"))[:-1]})')
    source = source.replace("if old: if ", "if old and ")
    source = source.replace('np.ones(3, "float32")', 'np.array([os.environ["TOY_PADDLE_VERSION"] < "3"])')
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    found = document(answer := cli("bisect", "toy", *ENDS, "--axis", "both", "--json"))
    assert found["side"] == "read wrong"
    assert [(strip["axis"], strip["suspects"]) for strip in found["strips"]] == [("loader", ["3.1.0"])]
    assert answer.code == 0


def test_the_same_question_again_runs_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    cli("bisect", "toy", *ENDS)
    started = len(toy.jobs)
    assert "known from earlier runs" in cli("bisect", "toy", *ENDS).out
    assert len(toy.jobs) == started


def test_an_engine_that_dies_loses_nothing_and_the_same_command_goes_on(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    toy.dies_after = 3
    answer = cli("bisect", "toy", *ENDS)
    assert answer.code == 7
    toy.dies_after = 10**6
    done = len(toy.jobs)
    found = document(cli("bisect", "toy", *ENDS, "--json"))
    assert found["strips"][0]["suspects"] == ["3.1.1"]
    assert len(toy.jobs) - done == found["strips"][0]["probes"] - 2


def test_ctrl_c_says_how_to_go_on(cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    monkeypatch.setattr("lab.search.bisect_failing.told_of", interrupt)
    answer = cli("bisect", "toy", *ENDS)
    assert answer.code == 130
    assert "try: lab bisect toy --good 2.6.2 --bad 3.3.1 --resume last\n" in answer.err


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_dry_run_lists_the_row_and_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = cli("bisect", "toy", *ENDS, "--dry-run", "--axis", "both")
    assert "14 releases, at most 10 trials" in answer.out
    assert (answer.code, toy.jobs) == (0, [])
    rows = document(cli("bisect", "toy", *ENDS, "--dry-run", "--axis", "both", "--json"))["rows"]
    assert [(one["axis"], one["releases"], len(one["trials"])) for one in rows] == [
        ("loader", 14, 14),
        ("saver", 14, 14),
    ]


def test_a_search_of_every_release_says_that_it_takes_as_many_trials(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    assert "14 releases, at most 14 trials" in cli("bisect", "toy", *ENDS, "--dry-run", "--every").out


@pytest.mark.parametrize(
    ("load", "unbuildable", "code"),
    [("pass", (), gitbisect.GOOD), ('raise ValueError("x")', (), gitbisect.BAD), ("pass", ("3.0.0-cpu-py311",), 125)],
)
def test_git_bisect_gets_its_three_codes(
    cli: Cli, toy: Any, bench: Path, load: str, unbuildable: tuple[str, ...], code: int
) -> None:
    write(bench, load=load)
    toy.unbuildable = unbuildable
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--git-bisect-exit").code == code


def test_git_bisect_is_stopped_by_wrong_words_and_skips_when_the_engine_fails(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "9.9", "--git-bisect-exit").code == 128
    toy.dies_after = 0
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--git-bisect-exit").code == 125


def test_a_bad_end_that_fails_in_another_way_than_asked_for_is_a_wrong_end(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails(*from_("3.1.1")))
    answer = cli("bisect", "toy", *ENDS, "--signature", "Segmentation")
    assert answer.code == 4
    assert "3.3.1 does not fail in this way" in answer.err
    assert "no such model" in answer.err


def test_a_bad_release_that_works_has_no_fix_to_find(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench)
    answer = cli("bisect", "toy", *ENDS, "--find-fix")
    assert answer.code == 4
    assert "3.3.1 does not fail" in answer.err


def test_a_bad_end_that_is_flaky_is_a_wrong_end(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    once = f'mark = "{tmp_path}/seen"; again = os.path.exists(mark); open(mark, "w").close(); '
    write(bench, load=fails("3.3.1", how=f'{once}exec("if again: raise ValueError(1)")'))
    answer = cli("bisect", "toy", *ENDS, "--repeat", "2")
    assert answer.code == 4
    assert "failed 1 of 2 times" in answer.err


def test_the_command_in_the_answer_does_not_say_where_the_workspace_lies(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, load=fails("3.1.1"))
    found = document(cli("bisect", "toy", "--good", "3.1.0", "--bad", "3.1.1", "-w", str(bench), "--json"))
    assert found["command"] == "lab bisect toy --good 3.1.0 --bad 3.1.1"
