import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import Cli


def make(cli: Cli, bench: Path, **spoiled: str) -> str:
    (bench / "scenarios" / "toy.py").write_text(text(**spoiled), encoding="utf-8")
    found = json.loads(cli("repro", "toy", "--rounds", "0", "--json").out)
    return str(found["id"])


def test_a_run_can_be_shown_again_in_every_format(cli: Cli, toy: Any, bench: Path) -> None:
    run = make(cli, bench, load=OLD_READER_FAILS, more=FAILING)
    assert "REPRODUCED" in cli("runs", "show", "last").out
    markdown = cli("runs", "show", run, "--format", "markdown").out
    assert "| 3.0.0-cpu-py311 | 2.6.2-cpu-py311 |" in markdown
    assert "path does not exist" in markdown
    assert json.loads(cli("runs", "show", run, "--json").out)["id"] == run


def test_the_list_has_the_newest_run_first(cli: Cli, toy: Any, bench: Path) -> None:
    make(cli, bench)
    newest = make(cli, bench, load="pass  # again")
    listed = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert len(listed) == 2
    assert newest in {one["id"] for one in listed}
    assert newest in cli("runs", "list").out


def test_a_pair_that_regressed_between_two_runs_is_named_with_exit_code_1(cli: Cli, toy: Any, bench: Path) -> None:
    old = make(cli, bench)
    new = make(cli, bench, load='if "3.3.1" in os.environ["TOY_PADDLE_VERSION"]: raise ValueError("gone")')
    answer = cli("runs", "diff", old, new)
    assert answer.code == 1
    assert "regressed        3.0.0-cpu-py311 -> 3.3.1-cpu-py311" in answer.out
    assert "same             3.0.0-cpu-py311 -> 3.0.0-cpu-py311" in answer.out
    back = cli("runs", "diff", new, old)
    assert back.code == 0
    assert "fixed" in back.out


def test_where_nothing_ran_the_list_is_empty_and_last_is_an_error(cli: Cli, bench: Path) -> None:
    assert json.loads(cli("runs", "list", "--json").out)["runs"] == []
    answer = cli("runs", "show", "last")
    assert answer.code == 2
    assert "there is no run" in answer.err


def test_text_from_a_container_cannot_break_out_of_the_markdown(cli: Cli, toy: Any, bench: Path) -> None:
    evil = 'raise ValueError("```\\n# Owned | @everyone <script> \\x1b[31m")'
    run = make(cli, bench, load=evil)
    markdown = cli("runs", "show", run, "--format", "markdown").out
    assert "\x1b" not in markdown
    assert "@everyone" not in markdown
    opened = [line for line in markdown.splitlines() if line.startswith("````text")]
    assert opened
    assert "\x1b" not in cli("runs", "show", run).out


def test_pairs_the_user_names_are_no_verdict_on_the_scenario(cli: Cli, toy: Any, bench: Path) -> None:
    make(cli, bench)
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0,3.1.1")
    assert answer.code == 0, answer.err
    assert "NO VERDICT" in answer.out
    assert "REPRODUCED" not in answer.out


def test_a_failing_pair_the_user_names_ends_with_1(cli: Cli, toy: Any, bench: Path) -> None:
    make(cli, bench, load=OLD_READER_FAILS)
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "2.6.2").code == 1


def test_a_damaged_run_stands_in_the_list_and_hides_no_other(cli: Cli, toy: Any, bench: Path) -> None:
    run = make(cli, bench)
    (bench / "results" / "runs" / "20990101-000000-x-ab").mkdir()
    (bench / "results" / "runs" / "20990101-000000-x-ab" / "run.json").write_bytes(b"{")
    listed = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert [(one["id"], one["status"]) for one in listed] == [("20990101-000000-x-ab", "damaged"), (run, "finished")]
    answer = cli("runs", "list")
    assert answer.code == 0
    assert "damaged" in answer.out
    assert run in answer.out
    assert cli("repro", "toy", "--rounds", "0", "--resume", "last").err.startswith("lab: there is no interrupted run")


def test_a_narrow_terminal_shows_the_whole_id_of_a_run(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(cli, bench)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    answer = cli("runs", "list")
    assert "toy" in answer.out
    assert "\u2026" not in answer.out


def test_the_list_counts_pairs_in_chinese_too(cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(cli, bench)
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "2.6.2").code in (0, 1)
    assert re.search(r"\bpairs?\b", cli("runs", "list").out)
    monkeypatch.setenv("LAB_LANG", "zh")
    said = cli("runs", "list").out
    assert "1 个组合" in said
    assert not re.search(r"\bpairs?\b", said)
