"""Benchmarks that something spoils while they run: each ends in a report that says so, never in a wrong figure."""

from pathlib import Path
from typing import Any

import pytest

from lab.bench.block_files import blocks as stored
from tests.cli.benches import SAME, home, quick, report, row, run, write  # noqa: F401 - a fixture
from tests.cli.scenario_text import text
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("quick")
SIX = ("--blocks", "6", "--metric", "infer", "--json")
# Counts the processes of 3.3.1 that call infer: one that loads before anything is timed, then one in each block.
CRASHES_IN_BLOCK_7 = """if os.environ["TOY_PADDLE_VERSION"] == "3.3.1":
        if "COUNTED" not in globals():
            globals()["COUNTED"] = open({path!r}, "ab").write(b"x") and os.path.getsize({path!r})
        if COUNTED > 7: os.abort()
    time.sleep(0.002)"""
# In the third value: counted by how often its process waits for a word of the lab, however many calls a value is made of today.
LATER = """COUNT = globals().setdefault("COUNT", []); COUNT.append(1)
    if len(COUNT) == 1:
        import select; waits = select.select; globals()["WAITED"] = []
        select.select = lambda *words: WAITED.append(1) or waits(*words)
    time.sleep(0.001)
    if os.environ["TOY_PADDLE_VERSION"] == "3.3.1" and len(WAITED) > 2: {what}"""
CLOCK_BACK = LATER.format(what="time.perf_counter = lambda: -float(len(COUNT))")
KILLED = LATER.format(what="os.kill(os.getppid(), 9); os.kill(os.getpid(), 9)")


def side(found: dict[str, Any], name: str = "3.3.1-cpu-py311") -> dict[str, Any]:
    return next(one for one in found["sides"] if one["side"] == name)


def test_a_side_that_crashes_in_block_7_keeps_six_blocks_and_is_measured_no_more(
    cli: Cli, toy: Any, bench: Path, tmp_path: Path
) -> None:
    write(bench, text(infer=CRASHES_IN_BLOCK_7.format(path=str(tmp_path / "count"))))
    answer = run(cli, "--blocks", "12", "--metric", "infer", "--json")
    assert answer.code == 0, answer.err
    found = report(answer)
    assert row(found, "infer")["wall"]["blocks"] == 6
    assert [one.split(":")[0] for one in side(found)["stopped"]] == ["session 1, block 7", "session 1, block 8"]
    assert "SIGABRT" in side(found)["stopped"][0]
    assert len(stored(home(bench))) == 8


def test_a_clock_that_goes_back_ends_the_side_and_gives_no_value(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=CLOCK_BACK))
    found = report(run(cli, *SIX))
    assert "its clock went back" in side(found)["stopped"][0]
    assert all(one.wall > 0 for block in stored(home(bench)) for part in block.sides for one in part.samples)


def test_a_container_killed_while_it_measures_ends_only_its_own_side(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=KILLED))
    answer = run(cli, *SIX)
    assert answer.code == 0, answer.err
    found = report(answer)
    assert len(side(found)["stopped"]) == 6
    assert "ended in round" in side(found)["stopped"][0]
    assert side(found, "3.0.0-cpu-py311")["stopped"] == []


def sleeps(monkeypatch: pytest.MonkeyPatch, *, always: bool = False) -> None:
    """The machine sleeps two minutes during the first block, or during every one."""
    told: list[float] = []

    def asleep() -> float:
        told.append(120.0 * (len(told) if always else min(len(told), 1)))
        return told[-1]

    monkeypatch.setattr("lab.machine.noise.asleep", asleep)


def test_a_block_that_the_machine_slept_through_is_measured_again_and_said_so(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, text(infer=SAME))
    sleeps(monkeypatch)
    answer = run(cli, "--blocks", "6", "--metric", "infer")
    assert answer.code == 0, answer.err
    assert "slept for 120 s in block 1: it was thrown away and measured again" in answer.out
    assert [one.number for one in stored(home(bench)) if one.session == 1] == [1, 2, 3, 4, 5, 6]


def test_a_machine_that_always_falls_asleep_ends_in_one_sentence(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, text(infer=SAME))
    sleeps(monkeypatch, always=True)
    answer = run(cli, "--blocks", "6", "--metric", "infer")
    assert answer.code == 7
    assert "fell asleep in 3 tries" in answer.err
    assert "systemd-inhibit" in answer.err


def test_a_metric_that_a_side_never_gives_is_named(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=LATER.format(what="os.abort()")))
    found = report(run(cli, "--blocks", "6", "--metric", "infer,memory", "--json"))
    assert {one["metric"] for one in found["rows"]} == {"infer"}
    assert "3.3.1-cpu-py311 gave no memory that could be compared" in found["notes"]


def test_a_scenario_with_nothing_to_time_is_refused(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=SAME, limits=" timed = false"))
    answer = run(cli)
    assert answer.code == 2
    assert "nothing to time" in answer.err
    assert "lab run" in answer.err
    assert not toy.jobs
