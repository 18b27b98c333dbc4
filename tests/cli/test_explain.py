"""`lab explain` over toy releases: one page, whatever the problem is, and a plain word where there is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.conftest import Answer, Cli

CURES = """
[[cure]]
name = "old-ir"
kind = "env"
layer = 1
env = { FLAGS_enable_pir_api = "0" }
does = "uses the old IR"
risk = "little"
source = "a test"

[[cure]]
name = "other"
kind = "env"
layer = 3
env = { FLAGS_use_mkldnn = "1" }
does = "nothing"
risk = "none"
source = "a test"
"""
KNOWN = """
[[known]]
issue = "PaddlePaddle/Paddle#1"
type = "ValueError"
message = "no such model"
releases = "all"
cure = "the old IR"
proof = "toy"
en = "it is known."
zh = "已知。"
"""
VERSION = 'os.environ["TOY_PADDLE_VERSION"]'
OFF = 'os.environ.get("FLAGS_enable_pir_api") == "0"'
BROKEN = 'raise ValueError("no such model")'
FAILS = '# [[tool.lab.expect]]\n# saver = "{}"\n# loader = "{}"\n# outcome = "{}"\n'
WORKS = '# [[tool.lab.expect]]\n# saver = "{}"\n# loader = "{}"\n'


def write(bench: Path, source: str) -> None:
    (bench / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    (bench / "scenarios" / "cures.toml").write_text(CURES, encoding="utf-8")
    (bench / "scenarios" / "known.toml").write_text(KNOWN, encoding="utf-8")


def regression(bench: Path) -> None:
    """Since 3.1.1 what 2.6.2 saved is not read unless the old IR is used."""
    header = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    header += WORKS.format("2.6.2", "3.3.1") + '# loader_env = { FLAGS_enable_pir_api = "0" }\n'
    write(bench, text(load=f'if {VERSION} >= "3.1.1" and not {OFF}: {BROKEN}', more=header))


def explain(cli: Cli, *words: str) -> Answer:
    return cli("explain", "toy", "--rounds", "0", *words)


def document(answer: Answer) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)


def test_a_regression_is_explained_on_one_page(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    regression(bench)
    answer = explain(cli, "-o", str(tmp_path / "page.md"))
    said = answer.out
    assert said.startswith("toy: it fails since 3.1.1; cured by old-ir\n")
    assert "first bad is 3.1.1 (last good 3.1.0)" in said
    assert "not fixed: 3.3.1 is the newest stable release" in said
    assert "release alone matters" in said
    assert "cpu (host -> avx2)" in said
    assert "export FLAGS_enable_pir_api=0" in said
    assert "with FLAGS_enable_pir_api=0 while loading: ok" in said
    assert "PaddlePaddle/Paddle#1: it is known." in said
    assert answer.code == 0
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.startswith("# toy: it fails since 3.1.1; cured by old-ir")
    (kept,) = (bench / "results" / "runs").glob("*/explain.md")
    assert kept.read_text(encoding="utf-8") == page


def test_the_same_question_again_runs_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    regression(bench)
    explain(cli)
    started = len(toy.jobs)
    assert document(explain(cli, "--json"))["status"] == "fails"
    assert len(toy.jobs) == started


def test_a_bundle_takes_the_page_along(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    regression(bench)
    explain(cli)
    assert "EXPLAIN.md" in cli("bundle", "last", "--list").out


def test_a_bundle_leaves_another_processor_out(cli: Cli, toy: Any, bench: Path) -> None:
    regression(bench)
    trials = document(explain(cli, "--json"))["trials"]
    capped = next(one["label"] for one in trials if one["cpu"])
    answer = cli("bundle", "last", "--list", "--trial", capped)
    assert answer.code == 2
    assert "cpu=avx2" in answer.err


def test_a_regression_that_a_later_release_mends_has_an_end(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("2.6.2", "3.1.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    write(bench, text(load=f'if "3.1.0" <= {VERSION} < "3.2.1": {BROKEN}', more=header))
    said = explain(cli).out
    assert "first bad is 3.1.0 (last good 3.0.0)" in said
    assert "works again in 3.2.1 (last seen to fail 3.2.0)" in said


def test_wrong_numbers_are_explained_like_an_error(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "numeric_mismatch") + WORKS.format("2.6.2", "2.6.2")
    wrong = f'if {VERSION} >= "3.2.0" and not {OFF}: return {{"y": inputs["x"] * 3}}'
    write(bench, text(infer=wrong, more=header))
    answer = explain(cli)
    assert "numeric_mismatch in compare" in answer.out
    assert "it gives wrong numbers and says nothing, since 3.2.0; cured by old-ir" in answer.out


def test_a_crash_is_explained_like_an_error(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "native_crash") + WORKS.format("2.6.2", "2.6.2")
    write(bench, text(load=f'if {VERSION} >= "3.2.0": os.kill(os.getpid(), 11)', more=header))
    answer = explain(cli)
    assert "native_crash in load" in answer.out
    assert "it fails since 3.2.0" in answer.out
    assert "none of 3 cures that could be tried helps" in answer.out, "two alone, and both together"


def test_a_save_that_fails_is_searched_release_by_release_and_cured_on_the_saving_side(
    cli: Cli, toy: Any, bench: Path
) -> None:
    header = FAILS.format("3.3.1", "3.3.1", "py_exception") + '# phase = "save"\n' + WORKS.format("2.6.2", "2.6.2")
    source = text(more=header).replace(
        "    np.save(", f'    if {VERSION} >= "3.1.1" and not {OFF}: {BROKEN}\n    np.save('
    )
    write(bench, source)
    answer = explain(cli)
    assert "saving and loading by itself: first bad is 3.1.1" in answer.out
    assert "saving: the save itself fails" in answer.out
    assert "cured by old-ir" in answer.out
    assert answer.code == 0


def test_files_that_an_older_release_cannot_read_are_searched_on_the_saving_side(
    cli: Cli, toy: Any, bench: Path
) -> None:
    header = FAILS.format("3.3.1", "3.0.0", "py_exception")
    mark = f'np.save(prefix + ".npy", np.array([{VERSION} >= "3.2.0" and not {OFF}]))'
    source = text(load=f'if np.load(prefix + ".npy").any() and {VERSION} < "3.1": {BROKEN}', more=header)
    write(bench, source.replace('np.save(prefix + ".npy", np.ones(3, "float32"))', mark))
    answer = explain(cli)
    assert "saving for 3.0.0 to load: first bad is 3.2.0" in answer.out
    assert "written so that the older release cannot read it" in answer.out
    assert "cure      old-ir: proved, 2 of 2 times (set while saving)" in answer.out


def test_what_never_worked_is_no_regression_and_says_so(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("3.3.1", "3.3.1", "py_exception") + WORKS.format("3.3.1", "3.3.1")
    write(
        bench,
        text(
            load=f'if not os.environ.get("TAKE_CARE"): {BROKEN}', more=header + '# loader_env = { TAKE_CARE = "yes" }\n'
        ),
    )
    answer = explain(cli)
    assert (
        "no release that was tried (3.3.1, 3.0.0, 2.6.2) does it right; it works with TAKE_CARE=yes while loading"
        in answer.out
    )
    assert "3.0.0 is no better" in answer.out
    assert "none of 3 cures that could be tried helps" in answer.out, "a cure needs no good release"
    assert answer.code == 0


LOUD, SILENT = FAILS.format("2.6.2", "3.3.1", "py_exception"), FAILS.format("2.6.2", "3.1.1", "numeric_mismatch")
BOTH = LOUD + SILENT + WORKS.format("2.6.2", "2.6.2")


def two_symptoms(bench: Path) -> None:
    """3.1.1 gives wrong numbers, and 3.3.1 says that it cannot."""
    wrong = f'if {VERSION} == "3.1.1": return {{"y": inputs["x"] * 3}}'
    write(bench, text(load=f'if {VERSION} >= "3.2": {BROKEN}', infer=wrong, more=BOTH))


def test_of_several_symptoms_the_silent_one_comes_first_and_each_has_a_line(cli: Cli, toy: Any, bench: Path) -> None:
    two_symptoms(bench)
    said = explain(cli).out
    assert said.startswith("toy: it gives wrong numbers and says nothing, since 3.1.1")
    assert (
        "also      2.6.2-cpu-py311 -> 3.3.1-cpu-py311: py_exception in load (ValueError) (explain it: --pair 2)" in said
    )


def test_another_symptom_is_chosen_by_its_number(cli: Cli, toy: Any, bench: Path) -> None:
    two_symptoms(bench)
    said = explain(cli, "--pair", "2").out
    assert said.startswith("toy: it fails since")
    assert "also      2.6.2-cpu-py311 -> 3.1.1-cpu-py311: numeric_mismatch in compare (values): wrong numbers" in said
    answer = explain(cli, "--pair", "3")
    assert answer.code == 2
    assert "there is no pair 3: the header of toy expects 2 to fail" in answer.err


def test_wrong_numbers_on_the_way_are_not_just_another_failure(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    wrong = f'if {VERSION} == "3.2.2": return {{"y": inputs["x"] * 3}}'
    write(bench, text(load=f'if {VERSION} >= "3.3": {BROKEN}', infer=wrong, more=header))
    assert "3.2.2 gave wrong numbers, and said nothing." in explain(cli).out


def test_what_is_held_against_a_release_that_fails_too_is_held_against_another_one(
    cli: Cli, toy: Any, bench: Path
) -> None:
    header = FAILS.format("2.6.2", "3.1.1", "py_exception") + WORKS.format("3.0.0", "2.6.2")
    write(bench, text(load=f'if {VERSION} < "3.2": {BROKEN}', more=header))
    said = explain(cli).out
    assert "no release that was tried" not in said
    assert "works again in 3.2.0 (last seen to fail 3.1.1)" in said


def test_a_healthy_scenario_has_nothing_to_explain(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = explain(cli)
    assert "there is nothing to explain: it works" in answer.out
    assert answer.code == 0
    assert len(toy.jobs) == 4, "more was run than a save and a load at either end"


def test_a_problem_that_does_not_show_is_said_with_exit_code_4(cli: Cli, toy: Any, bench: Path) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    write(bench, text(more=header))
    answer = explain(cli)
    assert "it works, though its header expects a failure" in answer.out
    assert answer.code == 4


def test_releases_that_cannot_be_tested_make_the_answer_a_set_and_the_exit_code_3(
    cli: Cli, toy: Any, bench: Path
) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    write(bench, text(load=f'if {VERSION} >= "3": {BROKEN}', more=header))
    answer = explain(cli)
    assert "since one of 3.0.0b0, 3.0.0b1, 3.0.0b2" in answer.out
    assert answer.code == 3


def test_a_question_without_an_answer_stays_open_and_the_others_are_answered(
    cli: Cli, toy: Any, bench: Path, tmp_path: Path
) -> None:
    header = FAILS.format("2.6.2", "3.3.1", "py_exception") + WORKS.format("2.6.2", "2.6.2")
    plain = 'os.environ["OMP_NUM_THREADS"] == "1" and "ONEDNN_MAX_CPU_ISA" not in os.environ'
    once = f'mark = "{tmp_path}/seen"; again = os.path.exists(mark) and {plain}; open(mark, "w").close()'
    write(bench, text(load=f'if {VERSION} == "3.3.1":\n        {once}\n        if not again: {BROKEN}', more=header))
    answer = explain(cli)
    assert "first bad is 3.3.1 (last good 3.3.0)" in answer.out
    assert "cure      none was looked for" in answer.out
    assert "what cures it: 3.3.1 failed 1 of 2 times" in answer.out


def test_at_and_good_move_the_ends_also_to_releases_the_header_does_not_name(cli: Cli, toy: Any, bench: Path) -> None:
    regression(bench)
    answer = explain(cli, "--at", "3.2.2", "--good", "3.0.0", "--dry-run")
    assert "fails? 2.6.2-cpu-py311 -> 3.2.2-cpu-py311" in answer.out
    assert "works? 2.6.2-cpu-py311 -> 3.0.0-cpu-py311" in answer.out
    assert (answer.code, toy.jobs) == (0, [])


def test_a_good_release_that_is_the_saver_of_the_failing_pair_moves_the_loading_side(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text(more=FAILS.format("3.0.0", "2.6.2", "py_exception")))
    answer = explain(cli, "--good", "3.0.0", "--at", "2.6.2", "--dry-run")
    assert "fails? 3.0.0-cpu-py311 -> 2.6.2-cpu-py311" in answer.out
    assert "works? 3.0.0-cpu-py311 -> 3.0.0-cpu-py311" in answer.out
    assert "what loads moves from 3.0.0 to 2.6.2" in answer.out


@pytest.mark.parametrize("words", [("--good", "3.3.1"), ("--at", "3.2.0", "--good", "3.2.0")])
def test_a_release_is_never_held_against_itself(cli: Cli, toy: Any, bench: Path, words: tuple[str, ...]) -> None:
    for more in (FAILS.format("2.6.2", "3.3.1", "py_exception"), ""):
        write(bench, text(more=more))
        answer = explain(cli, *words, "--dry-run")
        assert (answer.code, answer.out) == (2, "")
        assert f"{words[-1]} is held against itself" in answer.err


@pytest.mark.parametrize(("words", "said"), [(("--at", "9.9"), "9.9"), (("--good", "2.6.9"), "2.6.2")])
def test_bad_words_get_one_sentence_and_start_nothing(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    regression(bench)
    answer = explain(cli, *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert toy.jobs == []


def test_a_release_that_cannot_be_built_is_not_explained(cli: Cli, toy: Any, bench: Path) -> None:
    regression(bench)
    toy.unbuildable = ("3.3.1-cpu-py311",)
    answer = explain(cli)
    assert answer.code == 5
    assert "could not be tested" in answer.err
