import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import environment
from lab.outcome.exits import worst
from lab.run import plan
from lab.run.session import RunRequest
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Cli

KNOWN = """[[known]]
issue = "PaddlePaddle/Paddle#1"
releases = "2.x"
cure = "upgrade"
proof = "toy"
en = "The reader is too old."
zh = "读取方版本过旧。"
phase = "load"
type = "ValueError"
message = "does not exist"
"""
SAVE_FAILS = """# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.0.0"
# outcome = "py_exception"
# phase = "save"
# type = "RuntimeError"
# message = "on fire"
"""
FIRE = 'if os.environ["TOY_PADDLE_VERSION"].startswith("2."): raise RuntimeError("disk on fire")\n    np.save(prefix'


def write(bench: Path, source: str, name: str = "toy") -> None:
    (bench / "scenarios" / f"{name}.py").write_text(source, encoding="utf-8")


def document(answer: Any) -> Any:
    return json.loads(answer.out)


def test_every_saver_meets_every_loader_and_a_failing_square_is_an_answer(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS))
    answer = cli("matrix", "toy", "--savers", "2.6.2,3.0.0", "--loaders", "2.6.2,3.0.0", "--json")
    assert answer.code == 0, answer.err
    found = document(answer)
    assert found["runs"][0]["command"] == "lab matrix toy --savers 2.6.2,3.0.0 --loaders 2.6.2,3.0.0"
    assert found["runs"][0]["machine"]
    (grid,) = found["grids"]
    words = {saver: [square["words"] for square in row.values()] for saver, row in grid["squares"].items()}
    assert words == {
        "2.6.2-cpu-py311": ["ValueError in load", "exact"],
        "3.0.0-cpu-py311": ["ValueError in load", "exact"],
    }


def test_one_save_serves_a_whole_row(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("matrix", "toy", "--savers", "2.6.2,3.0.0", "--loaders", "2.6.2,3.0.0,3.3.1")
    assert len(toy.jobs) == 2 + 6


def test_a_matrix_that_was_asked_before_starts_nothing_and_one_that_grew_only_the_rest(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text())
    cli("matrix", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0")
    started = len(toy.jobs)
    cli("matrix", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0")
    assert len(toy.jobs) == started
    grown = ("matrix", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0,3.3.1")
    assert "3 ✓, 2 taken from earlier runs (*)   run" in (shown := cli(*grown).out)
    assert shown.count("✓ exact *") == 2
    assert len(toy.jobs) == started + 1
    for form in ("markdown", "html"):
        shown = cli(*grown, "--format", form).out
        assert "3 ✓, 3 taken from earlier runs (*)" in shown
        assert "✓ exact *" in shown


def test_a_table_that_asks_for_no_times_shows_none_of_an_earlier_run(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    assert "raw times" in cli("repro", "toy", "--rounds", "1").out
    untimed = cli("repro", "toy", "--rounds", "0").out
    assert "taken from earlier runs (*)" in untimed
    assert "raw times" not in untimed
    assert "infer" not in untimed
    started = len(toy.jobs)
    assert "raw times" in cli("repro", "toy", "--rounds", "1").out
    assert len(toy.jobs) == started


def test_a_dry_run_lists_every_square_and_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = cli("matrix", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0", "--dry-run")
    assert answer.out.splitlines() == [
        "toy: 2.6.2-cpu-py311 -> 2.6.2-cpu-py311",
        "toy: 2.6.2-cpu-py311 -> 3.0.0-cpu-py311",
    ]
    assert (answer.code, toy.jobs) == (0, [])


def test_an_interrupted_matrix_goes_on_where_it_stopped(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    toy.dies_after = 3
    words = ("matrix", "toy", "--savers", "2.6.2", "--loaders", "2.6.2,3.0.0,3.3.1")
    assert cli(*words).code == 7
    toy.dies_after = 10**6
    before = len(toy.jobs)
    assert cli(*words).code == 0
    assert len(toy.jobs) - before < 4


def test_the_table_shows_releases_words_and_the_known_problem(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS))
    (bench / "scenarios" / "known.toml").write_text(KNOWN, encoding="utf-8")
    answer = cli("matrix", "toy", "--savers", "3.0.0", "--loaders", "2.6.2,3.0.0")
    assert "✗ ValueError in load ★" in answer.out
    assert "✓ exact" in answer.out
    assert "1 ✓, 1 ✗, ★ is a known problem   run" in answer.out
    assert "earlier runs" not in answer.out
    assert "known  1 pair: this is PaddlePaddle/Paddle#1: The reader is too old. cure: upgrade" in answer.out


def test_repro_and_the_pasted_issue_tell_the_known_problem_too(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, text(load=OLD_READER_FAILS, more=FAILING))
    (bench / "scenarios" / "known.toml").write_text(KNOWN, encoding="utf-8")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "1 个组合：即 PaddlePaddle/Paddle#1：读取方版本过旧。" in cli("repro", "toy", "--rounds", "0").out
    monkeypatch.setenv("LC_ALL", "C")
    assert "- 1 pair: this is PaddlePaddle/Paddle#1" in cli("runs", "show", "--format", "markdown").out


def test_a_release_without_an_environment_keeps_its_place_grey(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = cli("matrix", "toy", "--savers", "2.6.1,2.6.2", "--loaders", "2.6.2", "--json")
    assert answer.code == 0, answer.err
    squares = document(answer)["grids"][0]["squares"]
    assert [row["2.6.2" if saver == "2.6.1" else "2.6.2-cpu-py311"]["tone"] for saver, row in squares.items()] == [
        "grey",
        "good",
    ]


def test_also_doubles_rows_and_columns_with_the_flag_set(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = cli("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--also", "FLAGS_a=0", "--json")
    (grid,) = document(answer)["grids"]
    assert grid["savers"] == ["3.0.0-cpu-py311", "3.0.0-cpu-py311 FLAGS_a=0"]
    assert grid["loaders"] == grid["savers"]


def test_flags_reach_only_their_side(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--flag", "A=1", "--save-flag", "B=2")
    saver, loader = toy.jobs
    assert ("A" in saver.env, saver.env["B"], loader.env["A"], "B" in loader.env) == (False, "2", "1", False)


def test_markdown_and_html_are_written_whole(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    write(bench, text(load='print("seen in the log", file=sys.stderr)'))
    page, table = tmp_path / "m.html", tmp_path / "m.md"
    cli("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "-o", str(page), "-o", str(table))
    assert "seen in the log" in page.read_text(encoding="utf-8")
    assert "| **3.0.0** | ✓ exact |" in table.read_text(encoding="utf-8")


def test_a_log_that_is_a_link_out_of_the_run_is_not_followed(cli: Cli, toy: Any, bench: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret of the host", encoding="utf-8")
    write(bench, text())
    words = ("matrix", "toy", "--savers", "3.0.0", "--loaders", "3.0.0")
    cli(*words)
    for log in (bench / "results" / "runs").rglob("trials/*/out/stderr.log"):
        log.unlink()
        log.symlink_to(secret)
    page = tmp_path / "m.html"
    cli(*words, "-o", str(page))
    assert "a secret" not in page.read_text(encoding="utf-8")


def test_a_square_that_differs_from_the_header_ends_with_1(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(more=FAILING))
    assert cli("matrix", "toy", "--savers", "3.0.0", "--loaders", "2.6.2").code == 1


def test_a_save_that_fails_marks_its_whole_row(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text().replace("np.save(prefix", FIRE))
    answer = cli("matrix", "toy", "--savers", "2.6.2,3.0.0", "--loaders", "3.0.0,3.3.1")
    assert answer.out.count("⊘ RuntimeError in save") == 2
    assert answer.out.count("✓ exact") == 2


def test_a_save_that_is_expected_to_fail_is_judged_by_its_own_failure(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(more=SAVE_FAILS).replace("np.save(prefix", FIRE))
    found = document(answer := cli("repro", "toy", "--rounds", "1", "--json"))
    assert answer.code == 0, found["reasons"]
    outcome = found["trials"][2]["outcome"]
    assert (outcome["kind"], outcome["phase"], outcome["type"]) == ("py_exception", "save", "RuntimeError")


def test_a_save_that_was_expected_to_fail_and_works_is_no_longer_reproduced(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(more=SAVE_FAILS))
    answer = cli("repro", "toy", "--rounds", "0")
    assert "NOT REPRODUCED" in answer.out
    assert answer.code == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tou",), "toy"),
        (("toy", "--savers", "2.7..3.0.0"), "2.7"),
        (("toy", "--savers", "3.0.0..2.6.2"), "runs backwards"),
        (("toy", "--loaders", "2.6.1-gqu"), "no device"),
        (("toy", "--route", "jit"), "no route 'jit'"),
        (("toy", "--also", "x"), "NAME=VALUE"),
        (("toy", "-o", "no/such/folder/m.html"), "cannot be written"),
    ],
)
def test_bad_words_start_nothing(cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str) -> None:
    write(bench, text())
    answer = cli("matrix", *words)
    assert answer.code == 2, answer
    assert said in answer.err
    assert toy.jobs == []


def test_the_check_says_one_line_a_scenario_and_the_worst_code(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(), "good")
    write(bench, text(more=FAILING), "gone")
    answer = cli("repro", "--all")
    assert answer.code == 4
    lines = [line.split()[:3] for line in answer.out.splitlines() if not line.startswith(" ")]
    assert lines == [["NOT", "REPRODUCED", "gone"], ["REPRODUCED", "good", "2"]]
    assert "differs  3.0.0-cpu-py311 -> 2.6.2-cpu-py311" in answer.out


def test_the_check_says_what_changed_since_the_last_time(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS, more=FAILING))
    (first,) = document(cli("repro", "--all", "toy", "--json"))["scenarios"]
    assert (first["verdict"], first["changed"]) == ("REPRODUCED", [])
    write(bench, text(more=FAILING))
    (second,) = document(cli("repro", "--all", "toy", "--json"))["scenarios"]
    assert second["changed"] == ["3.0.0-cpu-py311 -> 2.6.2-cpu-py311: fixed"]


def test_ctrl_c_ends_the_whole_check(cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(bench, text(), "first")
    write(bench, text(), "second")
    begun: list[str] = []

    def interrupted(request: RunRequest, _: object) -> Iterator[None]:
        yield from ()
        begun.append(request.name)
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.run.workflow.perform", interrupted)
    answer = cli("repro", "--all")
    assert (answer.code, begun, answer.out) == (130, ["first"], "")
    assert "interrupted" in answer.err


def test_a_broken_engine_costs_a_scenario_and_not_the_check(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(), "first")
    write(bench, text(load="pass  # other"), "second")
    toy.dies_after = 0
    answer = cli("repro", "--all")
    assert answer.code == 7
    assert answer.out.count("not run") == 2


def test_without_names_the_scenarios_that_need_full_are_left_out(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(), "cheap")
    write(bench, text().replace('# grade = "exact"', '# grade = "exact"\n# full = true'), "costly")
    names = {one["scenario"] for one in document(cli("repro", "--all", "--json"))["scenarios"]}
    assert names == {"cheap"}
    names = {one["scenario"] for one in document(cli("repro", "--all", "--full", "--json"))["scenarios"]}
    assert names == {"cheap", "costly"}


def test_the_savers_and_loaders_by_default_are_the_last_patch_of_each_stable_minor() -> None:
    found = plan.newest_patches(environment.load(ROOT / "images"))
    minors = [one.rpartition(".")[0] for one in found]
    assert minors == sorted(set(minors))
    assert {"2.6.2", "3.0.0", "3.3.1"} <= set(found)


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 0], 0), ([0, 4], 4), ([1, 4], 1), ([1, 5, 0], 5), ([5, 7], 7), ([3, 0], 3)]
)
def test_the_worst_code_speaks_for_all(codes: list[int], code: int) -> None:
    assert worst(codes) == code
