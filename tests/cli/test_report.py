import functools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.bench import BlockSettings
from lab.model.bench import Change, HistoryLine
from lab.storage.history import SCHEMA
from tests import report_data as data
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import ROOT, Cli

LINE = data.line(data.SIDES[0], Change.SLOWER)


def folder(bench: Path) -> Path:
    return bench / "results" / "report"


def test_a_report_is_made_of_the_history_alone(cli: Cli, bench: Path) -> None:
    data.keep(bench, *data.lines(), *data.lines("other"))
    answer = cli("report")
    assert answer.code == 0, answer.err
    assert "2 scenarios, " in answer.out
    assert f"open {folder(bench) / 'index.html'}" in answer.out
    page = (folder(bench) / "scenario" / "net.html").read_text()
    assert "lab bench net --releases" in page
    assert "SLOWER" in (folder(bench) / "speed.csv").read_text()


def test_a_report_is_made_of_a_stored_matrix_alone(cli: Cli, bench: Path) -> None:
    target = bench / "results" / "history" / "20261125-matrix-apis.json"
    target.parent.mkdir(parents=True)
    target.write_bytes((ROOT / "results" / "history" / target.name).read_bytes())
    answer = cli("report", "-o", str(bench / "out"), "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert "several_outputs" in told["scenarios"]
    page = (bench / "out" / "scenario" / "several_outputs.html").read_text()
    assert "ValueError in load" in page
    assert "lab matrix several_outputs --savers" in page


def test_a_report_is_made_of_runs_alone(cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.cli.bench.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004))
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")
    assert (
        cli("bench", "toy", "--releases", "3.0.0,3.3.1", "--seed", "7", "--blocks", "6", "--metric", "infer").code == 0
    )
    assert cli("repro", "toy", "--rounds", "0").code in {0, 1}
    for name in ("one", "two"):
        answer = cli("report", "-o", str(bench / name))
        assert answer.code == 0, answer.err
    page = (bench / "one" / "scenario" / "toy.html").read_text()
    assert page == (bench / "two" / "scenario" / "toy.html").read_text()
    for words in (
        "lab bench toy --releases 3.0.0-cpu-py311,3.3.1-cpu-py311 --metric infer --seed 7",
        "the reference against itself",
        "lab repro toy",
    ):
        assert words in page
    assert '<article class="failure" id="f1"' in page
    assert not (bench / "results" / "history").exists()


def test_the_same_data_gives_the_same_bytes(cli: Cli, bench: Path) -> None:
    data.keep(bench, *data.lines())
    for name in ("one", "two"):
        assert cli("report", "-o", str(bench / name)).code == 0
    files = sorted(path.relative_to(bench / "one") for path in (bench / "one").rglob("*") if path.is_file())
    assert len(files) > 10
    assert [(bench / "one" / name).read_bytes() for name in files] == [
        (bench / "two" / name).read_bytes() for name in files
    ]


def test_an_older_report_is_replaced_with_all_its_pages(cli: Cli, bench: Path) -> None:
    data.keep(bench, *data.lines())
    assert cli("report").code == 0
    (bench / "results" / "history" / data.HERE / "net.jsonl").unlink()
    data.keep(bench, *data.lines("other"))
    assert cli("report").code == 0
    assert [one.name for one in (folder(bench) / "scenario").iterdir()] == ["other.html"]
    assert sorted(one.name for one in folder(bench).parent.iterdir()) == ["history", "report"]


def test_nothing_but_an_older_report_is_ever_replaced(cli: Cli, bench: Path) -> None:
    target = bench / "mine"
    target.mkdir()
    (target / "letter.txt").write_text("dear", encoding="utf-8")
    answer = cli("report", "-o", str(target))
    assert answer.code == 2
    assert "holds something that is no report" in answer.err
    assert cli("report", "-o", str(target / "letter.txt")).code == 2
    assert [one.name for one in target.iterdir()] == ["letter.txt"]


def test_a_report_of_nothing_says_which_commands_change_that(cli: Cli, bench: Path) -> None:
    answer = cli("report")
    assert answer.code == 0, answer.err
    assert "nothing has been measured yet" in answer.out
    assert "lab bench jit_load_pir --releases" in (folder(bench) / "index.html").read_text()


@pytest.mark.parametrize(
    ("line", "raw", "said"),
    [
        (LINE, b'{"schema": 1, "key"', "damaged in line 2"),
        (replace(LINE, schema=SCHEMA + 1), b"", f"reads up to {SCHEMA}"),
        (replace(LINE, schema=0), b"", "has schema 0"),
        (replace(LINE, schema=-1), b"", "has schema -1"),
        (LINE, b'{"a":' * 100_000 + b"\n", "nested too deep"),
        (replace(LINE, machine=data.THERE), b"", "kept apart"),
        (replace(LINE, scenario="other"), b"", "kept apart"),
        (replace(LINE, ratio=0.0), b"", "not a positive number"),
    ],
)
def test_a_line_of_history_that_cannot_be_trusted_is_named_and_costs_only_itself(
    cli: Cli, bench: Path, line: HistoryLine, raw: bytes, said: str
) -> None:
    data.keep(bench, LINE)
    assert cli("report").code == 0
    before = (folder(bench) / "speed.csv").read_bytes()
    path = data.append(bench, line, raw)
    answer = cli("report")
    assert answer.code == 0, answer.err
    assert f"left out: {path} is damaged in line" in answer.err
    assert said in answer.err
    assert (folder(bench) / "speed.csv").read_bytes() == before
    assert path.name in (folder(bench) / "index.html").read_text()


@pytest.mark.parametrize("junk", ["folder", "pipe", "not UTF-8", "empty"])
def test_a_file_of_history_that_is_none_stops_neither_report_nor_track(cli: Cli, bench: Path, junk: str) -> None:
    data.keep(bench, LINE)
    path = bench / "results" / "history" / LINE.machine / "junk.jsonl"
    if junk == "folder":
        path.mkdir()
    elif junk == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(b"" if junk == "empty" else b"\xff\xfe{}\n")
    for words in (("report",), ("track", "list")):
        answer = cli(*words)
        assert answer.code == 0, answer.err
        assert (f"left out: {path}" in answer.err) == (junk != "empty")
    shown = cli("track", "list").out
    assert f"all end in -{LINE.side.partition('-')[2]}" in shown
    assert LINE.side.partition("-")[0] in shown


def test_a_damaged_stored_matrix_is_named_and_costs_only_itself(cli: Cli, bench: Path) -> None:
    path = bench / "results" / "history" / "x-matrix.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"grids": [{}]}', encoding="utf-8")
    answer = cli("report")
    assert answer.code == 0, answer.err
    assert "x-matrix.json is damaged" in answer.err


def test_a_damaged_run_is_left_out_and_the_report_says_so(cli: Cli, bench: Path) -> None:
    data.keep(bench, LINE)
    broken = bench / "results" / "runs" / "20260101-000000-net-0000"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{", encoding="utf-8")
    answer = cli("report")
    assert answer.code == 0
    assert "left out" in answer.err
    assert "20260101-000000-net-0000" in (folder(bench) / "index.html").read_text()


def test_an_address_that_is_none_is_refused(cli: Cli, bench: Path) -> None:
    assert cli("report", "--url", "example.org").code == 2
    assert cli("report", "--url", "https://example.org/lab").code == 0
    assert "https://example.org/lab/feed.xml" in (folder(bench) / "feed.xml").read_text()
