import functools
import json
import re
import shlex
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pyperf
import pytest

from lab.bench import BlockSettings
from lab.bench.block_files import blocks as stored
from tests.cli.benches import SAME, SLOWER, SPIN, home, quick, report, row, run, write  # noqa: F401 - a fixture
from tests.cli.scenario_text import OLD_READER_FAILS, text
from tests.conftest import ROOT, Cli, press

LEAKING = """KEPT = globals().setdefault("KEPT", [])
    if os.environ["TOY_PADDLE_VERSION"] == "3.3.1": KEPT.append(b"x" * (2 << 20))"""

DIES_LATE = """COUNT = globals().setdefault("COUNT", []); COUNT.append(1)
    if os.environ["TOY_PADDLE_VERSION"] == "3.3.1" and len(COUNT) > 8: os.abort()
    time.sleep(0.002)"""


pytestmark = pytest.mark.usefixtures("quick")


def test_a_slower_release_is_found_by_two_sessions_and_a_flag_that_cures_it_is_a_side_of_its_own(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text(infer=SLOWER))
    cure = "3.3.1+FLAGS_enable_pir_api=0"
    answer = run(cli, "--blocks", "6", "--metric", "infer", releases=f"3.0.0,3.3.1,{cure}")
    assert answer.code == 0, answer.err
    found = json.loads((home(bench) / "report.json").read_text())
    one, cured = row(found, "infer"), row(found, "infer", "3.3.1-cpu-py311 FLAGS_enable_pir_api=0")
    assert one["change"] == "SLOWER"
    assert 4 < one["cpu"]["ratio"] < 12
    assert one["wall"]["ratio"] > 4
    assert one["wall"]["blocks"] == 12
    assert "the second session saw" in one["confirmed"]
    assert cured["change"] != "SLOWER"
    assert found["control_blocks"] == 1
    assert {block.session for block in stored(home(bench))} == {1, 2}
    interval = f"[x{one['wall']['low']:.3g}, x{one['wall']['high']:.3g}]"
    for words in ("infer", "SLOWER", interval, "every side against 3.0.0-cpu-py311", "pyperf stats"):
        assert words in answer.out
    assert "block 6" in answer.err
    assert "added 2 of 2" in cli("track", "add").out
    assert "added 0 of 2" in cli("track", "add").out
    assert "SLOWER" in cli("track", "list", "--scenario", "toy").out
    gate = cli("track", "check")
    assert gate.code == 12
    assert "SLOWER toy by its own route: infer of 3.3.1-cpu-py311" in gate.out
    assert "newly worse: 1 of 2 tracked rows" in gate.out
    assert cli("track", "list", "--scenario", "other").code == 2


@pytest.fixture
def equal(cli: Cli, toy: Any, bench: Path) -> dict[str, Any]:
    """The report of two equal sides in every metric."""
    write(bench, text(infer=SAME))
    answer = run(cli, "--blocks", "6", "--json")
    assert answer.code == 0, answer.err
    return report(answer)


def test_equal_sides_differ_in_nothing_and_every_value_is_kept_for_pyperf(equal: dict[str, Any], bench: Path) -> None:
    assert [one["metric"] for one in equal["rows"]] == ["infer", "load", "first", "import", "memory"]
    assert row(equal, "infer")["change"] not in {"SLOWER", "FASTER"}
    suite = pyperf.BenchmarkSuite.load(str(home(bench) / "pyperf" / "3.0.0-cpu-py311.json"))
    infer = suite.get_benchmark("infer")
    first = infer.get_runs()[0].get_metadata()
    assert {"bench_block", "bench_order", "bench_seed", "bench_session", "image_digest"} <= set(first)
    assert first["bench_seed"] == 7
    assert len({one.get_metadata()["loops"] for one in infer.get_runs()}) == 1
    assert suite.get_benchmark("infer_cpu").get_nvalue() == infer.get_nvalue()
    first_session = [one for one in stored(home(bench)) if one.session == 1]
    starts = len([side for one in first_session for side in one.sides if side.side == "3.0.0-cpu-py311"])
    assert starts == 7  # six blocks, and once more in the one where the reference ran against itself
    assert suite.get_benchmark("import").get_nvalue() >= starts
    assert len({one.order for one in first_session}) > 1
    assert {s.order for one in first_session for side in one.sides for s in side.samples} >= {0, 1}


def test_a_side_that_crashes_late_keeps_what_it_measured_and_is_named(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=DIES_LATE))
    answer = run(cli, "--blocks", "6", "--metric", "infer", "--json")
    assert answer.code == 0, answer.err
    side = next(one for one in report(answer)["sides"] if one["side"] == "3.3.1-cpu-py311")
    assert len(side["stopped"]) == 6
    assert "block 1: ended in round" in side["stopped"][0]
    assert "SIGABRT" in side["stopped"][0]
    kept = [one for one in stored(home(bench))[0].sides if one.side == "3.3.1-cpu-py311"]
    assert kept[0].samples


def test_a_side_that_hangs_is_ended_and_the_others_go_on(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "lab.cli.bench.BlockSettings", functools.partial(BlockSettings, pairs=4, value_s=0.004, within_s=2.0)
    )
    write(bench, text(infer=DIES_LATE.replace("os.abort()", "time.sleep(600)")))
    answer = run(cli, "--blocks", "6", "--metric", "infer", "--json")
    sides = {one["side"]: one for one in report(answer)["sides"]}
    assert "hung (no value within" in sides["3.3.1-cpu-py311"]["stopped"][0]
    assert sides["3.0.0-cpu-py311"]["stopped"] == []


def test_a_release_that_cannot_load_is_not_timed_and_said_so(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS, infer=SAME))
    answer = run(cli, "--blocks", "6", "--metric", "infer", "--json", releases="3.0.0,3.3.1,2.6.2")
    assert answer.code == 1
    found = report(answer)
    assert "not timed" in found["notes"][0]
    assert "ValueError" in found["notes"][0]
    assert {one["side"] for one in found["rows"]} == {"3.3.1-cpu-py311"}


def test_a_reference_that_cannot_load_ends_in_one_sentence(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS))
    answer = run(cli, releases="2.6.2,3.0.0")
    assert answer.code == 2
    assert "the reference 2.6.2-cpu-py311 cannot be timed" in answer.err
    assert "--against" in answer.err


def test_a_budget_too_small_for_any_verdict_says_how_much_it_takes(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=SAME))
    answer = run(cli, "--budget", "0.1s", "--metric", "infer")
    assert answer.code == 2
    assert "too small for any verdict" in answer.err
    assert "--budget" in answer.err
    assert len(stored(home(bench))) == 1


def test_resume_goes_on_with_the_blocks_of_the_newest_such_run(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=SAME))
    assert run(cli, "--blocks", "6", "--metric", "import").code == 0
    answer = run(cli, "--resume", "last", "--metric", "import", "--json")
    assert answer.code == 0, answer.err
    assert report(answer)["blocks"] == 12
    folder = bench / "results" / "runs" / report(answer)["run"] / "bench"
    first = [one for one in stored(folder) if one.session == 1]
    assert [one.number for one in first] == list(range(1, 13))


def test_a_benchmark_that_ends_behind_its_last_block_comes_to_its_answer_without_another(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, text(infer=SAME))
    words = ("--blocks", "6", "--metric", "infer")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as late:
        late.setattr("lab.bench.benchmark.report", interrupted)
        assert run(cli, *words).code == 130
    started = len(toy.jobs)
    answer = run(cli, *words, "--resume", "last", "--json")
    assert answer.code == 0, answer.err
    assert len(stored(home(bench))) == 6
    assert len(toy.jobs) == started
    assert "no later look" in run(cli, *words, "--resume", "last").err


def test_a_benchmark_that_was_killed_before_its_first_block_begins_anew(cli: Cli, toy: Any, bench: Path) -> None:
    """After kill -9 its run names no trials yet, and nothing has changed for all that."""
    write(bench, text(infer=SAME))
    words = ("--blocks", "6", "--metric", "infer")
    toy.dies_after = 0
    assert run(cli, *words).code == 7
    (kept,) = (bench / "results" / "runs").glob("*/run.json")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "status": "running", "trials": []}))
    toy.dies_after = 10**6
    assert run(cli, *words, "--resume", "last").code == 0


def test_resume_without_an_earlier_run_is_refused(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    assert "there is no run of: lab bench toy" in run(cli, "--resume", "last").err


def test_memory_that_grows_with_each_call_is_called_a_leak(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=LEAKING))
    answer = run(cli, "--blocks", "6", "--metric", "infer,memory", "--json")
    sides = {one["side"]: one for one in report(answer)["sides"]}
    assert sides["3.3.1-cpu-py311"]["leak"] == "LEAKS"
    assert sides["3.3.1-cpu-py311"]["growth"] > 1 << 20
    assert sides["3.0.0-cpu-py311"]["leak"] == "STEADY"


def test_a_leak_stops_at_the_memory_cap_and_says_so(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.cli.bench.memory_cap", lambda *_: 120 << 20)
    write(bench, text(infer=LEAKING.replace("2 << 20", "16 << 20")))
    answer = run(cli, "--blocks", "6", "--metric", "infer", "--json")
    sides = {one["side"]: one for one in report(answer)["sides"]}
    assert "memory cap" in sides["3.3.1-cpu-py311"]["stopped"][0]
    assert sides["3.0.0-cpu-py311"]["stopped"] == []


def test_a_first_look_gives_ratios_and_no_verdict_and_goes_on_to_one_by_the_command_it_prints(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, text(infer=SLOWER))
    answer = run(cli, "--quick", "--metric", "infer")
    assert answer.code == 0, answer.err
    assert "a first look of 2 blocks without a verdict" in answer.out
    found = json.loads((home(bench) / "report.json").read_text())
    assert (found["blocks"], row(found, "infer")["change"]) == (2, "UNDECIDED")
    assert 4 < row(found, "infer")["cpu"]["ratio"] < 12
    for word in ("FASTER", "SLOWER", "SAME"):
        assert word not in answer.out
    assert "added 0 of 0" in cli("track", "add").out
    more = re.search(r"more blocks +lab (.*)", answer.out)
    assert more is not None
    answer = cli(*shlex.split(more[1]))
    assert answer.code == 0, answer.err
    found = json.loads((home(bench) / "report.json").read_text())
    assert (found["blocks"], row(found, "infer")["change"]) == (6, "SLOWER")


def test_more_blocks_than_were_asked_for_come_by_the_command_it_prints(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer="import random; " + SPIN.format(seconds="random.choice([0.0005, 0.02])")))
    answer = run(cli, "--blocks", "6", "--metric", "infer")
    more = re.search(r"more blocks +lab (.*)", answer.out)
    assert more is not None, answer.out
    answer = cli(*shlex.split(more[1]))
    assert answer.code == 0, answer.err
    assert json.loads((home(bench) / "report.json").read_text())["blocks"] == 12


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--releases", "3.0.0,3.3.1", "--quick", "--blocks", "6"],
            "--quick takes 2 blocks, and --blocks says another",
        ),
        (
            ["--releases", "3.0.0,3.3.1", "--quick", "--budget", "1h"],
            "--quick takes 2 blocks, and --budget says another",
        ),
        (["--releases", "3.0.0"], "needs two sides"),
        (["--releases", "3.0.0,3.0.0"], "named twice"),
        (["--releases", "3.0.0,newest", "--metric", "speed"], "no metric 'speed'"),
        (["--releases", "3.0.0,3.3.1", "--budget", "soon"], "'soon' is not a time"),
        (["--releases", "3.0.0,3.3.1", "--blocks", "7"], "7 blocks is not a look"),
        (["--releases", "3.0.0,3.3.1+FLAGS_x"], "'3.3.1\\+FLAGS_x' is not a side"),
        (["--releases", "3.0.0,9.9.9"], "9.9.9"),
    ],
)
def test_wrong_words_are_refused_in_one_sentence(cli: Cli, toy: Any, bench: Path, words: list[str], said: str) -> None:
    write(bench, text())
    answer = cli("bench", "toy", *words)
    assert answer.code == 2
    assert re.search(said, answer.err), answer.err
    assert "try:" in answer.err


def test_ctrl_c_keeps_the_finished_blocks_and_leaves_nothing_running(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=SAME))

    def later() -> None:
        while not list((bench / "results").glob("runs/*/bench/blocks.jsonl")):
            time.sleep(0.05)
        press()

    threading.Thread(target=later, daemon=True).start()
    answer = run(cli, "--blocks", "24", "--metric", "infer")
    assert answer.code == 130
    assert "finished blocks are kept" in answer.err
    assert stored(home(bench))
    state = json.loads((home(bench).parent / "run.json").read_text())
    assert state["status"] == "interrupted"
    assert not list(home(bench).rglob("tokens"))


def test_ctrl_c_while_a_side_is_let_go_ends_the_other_sides_too(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bench, text(infer=SAME))

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.bench.block.BlockWorker.end", interrupted)
    answer = run(cli, "--blocks", "6", "--metric", "infer")
    assert answer.code == 130
    assert not list(home(bench).rglob("tokens"))


def test_the_doctor_scores_this_machine_and_names_every_question(cli: Cli, bench: Path) -> None:
    answer = cli("doctor", "--noise")
    assert answer.code == 0, answer.err
    for words in ("noise score", "steal", "jitter", "cores", "disk", "24 blocks"):
        assert words in answer.out
    assert 0 <= json.loads(cli("doctor", "--noise", "--json").out)["score"] <= 100


def test_a_standard_route_can_be_timed_and_history_keeps_it_apart_from_the_scenarios_own(
    cli: Cli, toy: Any, bench: Path
) -> None:
    shutil.copy(ROOT / "scenarios" / "jit_load_pir.py", bench / "scenarios")
    words = ("bench", "jit_load_pir", "--releases", "3.0.0,3.3.1", "--blocks", "6", "--metric", "infer", "--json")
    for route in ("own", "predictor"):
        answer = cli(*words, "--seed", "7", "--route", route)
        assert answer.code == 0, answer.err
        assert report(answer)["route"] == route
        assert "added 1 of 1" in cli("track", "add", report(answer)["run"]).out
    kept = json.loads(cli("track", "list", "--json").out)["rows"]
    assert {one["route"] for one in kept} == {"own", "predictor"}
    assert len({one["key"] for one in kept}) == 2


def test_a_route_that_nobody_knows_is_refused_with_those_there_are(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer=SAME))
    answer = run(cli, "--route", "express")
    assert answer.code == 2
    assert "toy has no route 'express'" in answer.err
    assert "own, jit" in answer.err
