"""History at the door: what is known is not measured again, machines stay apart, and the gate's exit codes."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.bench.block_files import blocks as stored
from lab.machine import host
from lab.model.bench import Change, HistoryLine
from lab.storage import history
from lab.storage.history import History
from tests.cli.benches import SAME, home, quick, report, row, run, write  # noqa: F401 - a fixture
from tests.cli.scenario_text import text
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("quick")
SIX = ("--blocks", "6", "--metric", "infer")


@pytest.fixture
def tracked(cli: Cli, toy: Any, bench: Path) -> Path:
    """One benchmark of two releases, measured and added to the history."""
    write(bench, text(infer=SAME))
    assert run(cli, *SIX).code == 0
    assert "added 1 of 1" in cli("track", "add").out
    return next((bench / "results" / "history").glob("*/toy.jsonl"))


def test_a_benchmark_that_history_knows_starts_no_container_until_something_is_new(
    cli: Cli, toy: Any, bench: Path, tracked: Path
) -> None:
    started, kept = len(toy.jobs), tracked.read_bytes()
    before = json.loads((home(bench) / "report.json").read_text())
    answer = run(cli, *SIX)
    assert answer.code == 0, answer.err
    for words in ("all from history", "known since", "not measured now", "--fresh measures anew"):
        assert words in answer.out
    again = report(run(cli, *SIX, "--json"))
    assert row(again, "infer")["wall"]["ratio"] == pytest.approx(row(before, "infer")["wall"]["ratio"])
    assert row(again, "infer")["change"] == row(before, "infer")["change"]
    assert again["sides"][0]["digest"]
    assert len(toy.jobs) == started
    assert tracked.read_bytes() == kept
    for more in (["--threads", "2"], ["--fresh"]):
        assert "too small for any verdict" in run(cli, "--budget", "0.1s", "--metric", "infer", *more).err
    write(bench, text(infer=SAME) + "\n")
    assert "too small for any verdict" in run(cli, "--budget", "0.1s", "--metric", "infer").err
    with tracked.open("a") as sink:
        sink.write("{\n")
    write(bench, text(infer=SAME))
    answer = run(cli, *SIX)
    assert answer.code == 0, answer.err
    assert "all from history" in answer.out
    assert re.search(r"left out of what is known: \S*toy\.jsonl is damaged in line 2", answer.err), answer.err


def test_a_gate_whose_history_cannot_be_read_is_not_green(cli: Cli, bench: Path) -> None:
    kept, here = History(root=bench / "results" / "history"), history.machine(host.facts())
    kept.add([line(here, Change.SAME)])
    with kept.path(here, "s").open("a") as sink:
        sink.write("{\n")
    answer = cli("track", "check", "--json")
    assert (answer.code, json.loads(answer.out)["verdict"]) == (3, "NOT KNOWN")
    assert "damaged in line 2" in json.loads(answer.out)["left_out"][0]
    kept.add([line(here, Change.SLOWER, key="other")])
    assert cli("track", "check").code == 12


def test_a_run_of_whose_blocks_one_is_damaged_adds_nothing_that_cannot_be_computed_again(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text(infer=SAME))
    assert run(cli, *SIX).code == 0
    path = home(bench) / "blocks.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"session"', b'{"sess', 1))
    answer = cli("track", "add")
    assert answer.code == 0, answer.err
    assert "blocks.jsonl is damaged in line 1" in answer.err
    assert "added 0 of 0" in answer.out
    assert "blocks.jsonl is damaged in line 1" in cli("report").err


def test_one_release_more_costs_only_its_own_blocks_and_the_anchors_and_several_runs_are_added_at_once_or_none(
    cli: Cli, toy: Any, bench: Path, tracked: Path
) -> None:
    first, kept = home(bench).parent.name, tracked.read_bytes()
    answer = run(cli, *SIX, "--json", releases="3.0.0,3.3.1,2.6.2")
    assert answer.code == 0, answer.err
    found, second = report(answer), home(bench).parent.name
    measured = {side.side for block in stored(home(bench)) for side in block.sides}
    assert measured == {"3.0.0-cpu-py311", "2.6.2-cpu-py311"}
    assert [one["side"] for one in found["rows"]] == ["3.3.1-cpu-py311", "2.6.2-cpu-py311"]
    assert row(found, "infer")["known"].startswith("known since")
    assert row(found, "infer", "2.6.2-cpu-py311")["known"] == ""
    assert cli("track", "add", second, "no-such-run").code == 2
    assert tracked.read_bytes() == kept
    added = cli("track", "add", first, second).out
    assert f"added 0 of 1 row(s) of {first}" in added
    assert f"added 1 of 1 row(s) of {second}" in added


def test_the_gate_is_green_red_or_an_error_and_looks_at_this_machine_only(cli: Cli, bench: Path) -> None:
    kept = History(root=bench / "results" / "history")
    answer = cli("track", "check")
    assert answer.code == 2
    assert "nothing to check" in answer.err
    kept.add([line("elsewhere-2c-0", Change.SLOWER)])
    answer = cli("track", "check")
    assert answer.code == 2
    assert "of this machine; it knows 1 other" in answer.err
    here = history.machine(host.facts())
    kept.add([line(here, Change.SAME)])
    assert cli("track", "check").code == 0
    kept.add([line(here, Change.SLOWER, key="other")])
    answer = cli("track", "check")
    assert answer.code == 12
    assert "1 of 2 tracked" in answer.out


def test_a_red_gate_is_green_again_once_it_is_accepted_and_the_reason_is_kept(cli: Cli, bench: Path) -> None:
    kept, here = History(root=bench / "results" / "history"), history.machine(host.facts())
    kept.add([line(here, Change.SLOWER)])
    told = json.loads(cli("track", "check", "--json").out)
    assert (told["verdict"], told["exit_code"], len(told["worse"])) == ("NEWLY WORSE", 12, 1)
    answer = cli("track", "check", "--accept", "mended in the next one")
    assert answer.code == 0, answer.out
    assert "mended in the next one" in answer.out
    assert "by its own route" in answer.out
    (stored,) = (bench / "results" / "history" / "accepted.jsonl").read_text().splitlines()
    assert json.loads(stored)["reason"] == "mended in the next one"
    again = cli("track", "check")
    assert again.code == 0
    assert "newly worse: 0 of 1 tracked row; worse as accepted: 1" in again.out
    kept.add([replace(line(here, Change.SLOWER, key="other"), ratio=3.0, low=2.9, high=3.1)])
    assert cli("track", "check").code == 12


def test_an_accepted_change_that_cannot_be_read_leaves_the_gate_red(cli: Cli, bench: Path) -> None:
    kept, here = History(root=bench / "results" / "history"), history.machine(host.facts())
    kept.add([line(here, Change.SLOWER)])
    (kept.root / "accepted.jsonl").write_text('{"schema": 9}\n')
    answer = cli("track", "check")
    assert answer.code == 12
    assert "accepted.jsonl is damaged in line 1" in answer.err


def test_a_gate_that_looks_at_no_row_is_an_error(cli: Cli, bench: Path) -> None:
    kept, here = History(root=bench / "results" / "history"), history.machine(host.facts())
    kept.add([line(here, Change.SAME)])
    assert cli("track", "check", "--since", "2025-12-31").code == 0
    answer = cli("track", "check", "--since", "2026-12-31")
    assert answer.code == 2
    assert "no tracked row is left to check" in answer.err


def test_the_gate_tells_machines_each_row(cli: Cli, bench: Path, tmp_path: Path) -> None:
    kept, here = History(root=bench / "results" / "history"), history.machine(host.facts())
    kept.add([line(here, Change.SAME), line(here, Change.SLOWER, key="other")])
    assert cli("track", "check", "--junit", str(tmp_path / "j.xml")).code == 12
    text = (tmp_path / "j.xml").read_text()
    assert 'tests="2" failures="1"' in text


def line(where: str, change: Change, key: str = "k") -> HistoryLine:
    return HistoryLine(
        schema=history.SCHEMA, key=key, date="2026-01-01", run="r", scenario="s", scenario_sha256="0", machine=where,
        anchor="A", anchor_digest="a", side="B", digest="b", metric="infer", change=change, ratio=1.5, low=1.4,
        high=1.6, p=0.0005, delta=0.05, reference=0.1, value=0.15, unit="s", seed=1, pairs=((0.4, 0.4), (0.41,)),
    )  # fmt: skip


def test_a_line_is_dated_by_its_measurement_and_not_by_when_it_was_added(cli: Cli, bench: Path, tracked: Path) -> None:
    finished = json.loads((home(bench).parent / "run.json").read_text())["finished"]
    assert json.loads(tracked.read_text())["date"] == finished
