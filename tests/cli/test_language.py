"""The command line in Chinese: help, failures and answers, and what stays as it is."""

import json
import re

import pytest
from rich.cells import cell_len

from tests.conftest import Cli


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_LANG", "zh")


def test_the_first_page_of_help_is_chinese_and_names_every_verb(cli: Cli) -> None:
    said = cli("--help").out
    assert "用法：" in said
    assert "升级是否安全" in said
    assert all(f"\n  {verb} " in said for verb in ("check", "repro", "bisect", "bundle", "doctor"))


@pytest.mark.parametrize("verb", [("check",), ("images",), ("images", "add"), ("runs", "show"), ("track", "check")])
def test_no_line_of_a_verbs_help_is_left_in_english(cli: Cli, verb: tuple[str, ...]) -> None:
    said = cli(*verb, "--help").out
    prose = [line.split("  ")[-1] for line in said.splitlines() if line.startswith("  ")]
    assert not [one for one in prose if re.search(r"\b(the|and|with|of|is|a)\b", one)]


def test_help_is_no_wider_than_the_terminal_though_each_chinese_character_takes_two_columns(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(cell_len(line) for line in cli("check", "--help").out.splitlines()) <= 80


def test_a_failure_and_its_remedy_are_chinese_and_keep_what_was_typed(lab: Cli) -> None:
    ended = lab("check", "/no/such model")
    assert ended.code == 2
    assert "没有文件、目录或前缀 /no/such model" in ended.err
    assert "可以试试：" in ended.err


def test_what_programs_read_is_not_translated(lab: Cli) -> None:
    said = json.loads(lab("check", "/no/such", "--json").out)
    assert said["error"]["what"].startswith("there is no file")


def test_a_language_that_the_lab_does_not_speak_is_refused_in_one_sentence(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_LANG", "fr")
    ended = cli("doctor")
    assert ended.code == 2
    assert "LAB_LANG=fr" in ended.err
