import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import Cli


def write(bench: Path, source: str, name: str = "toy") -> None:
    (bench / "scenarios" / f"{name}.py").write_text(source, encoding="utf-8")


def document(answer: Any) -> dict[str, Any]:
    found = json.loads(answer.out)
    assert isinstance(found, dict)
    return found


def test_a_problem_that_shows_is_reproduced_and_the_exit_code_is_0(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(load=OLD_READER_FAILS, more=FAILING))
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 0, answer.err
    assert "REPRODUCED" in answer.out
    assert "3 of 3 pairs as expected" in answer.out
    assert "ValueError in load" in answer.out
    assert "lab runs show" in answer.out


def test_a_problem_that_is_gone_is_not_reproduced_and_the_exit_code_is_4(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(more=FAILING))
    answer = cli("repro", "toy", "--rounds", "0")
    assert "NOT REPRODUCED" in answer.out
    assert answer.code == 4


def test_a_planted_wrong_output_makes_the_verdict_changed_with_numeric_mismatch(
    cli: Cli, toy: Any, bench: Path
) -> None:
    wrong = 'if "3.3.1" in os.environ["TOY_PADDLE_VERSION"]: inputs["x"][0, 1] += 0.005'
    write(bench, text(infer=wrong))
    found = document(answer := cli("repro", "toy", "--rounds", "0", "--json"))
    assert found["verdict"] == "CHANGED"
    assert [one["outcome"]["kind"] for one in found["trials"]] == ["ok", "numeric_mismatch"]
    diff = found["trials"][1]["diffs"][0]
    assert diff["metrics"]["worst_abs"]["index"] == [0, 1]
    assert diff["metrics"]["max_abs"] == pytest.approx(1e-2, rel=1e-3)
    assert answer.code == 1


SMALL = text(infer='return {"y": inputs["x"] * 2e-6, "z": np.full(3, 0.5)}').replace(
    'return {"y": inputs["x"] * 2}\n\n\ndef load',
    'return {"y": inputs["x"] * 2e-6 + 6e-6, "z": np.arange(3.0)}\n\n\ndef load',
)
"""A constant is dropped from numbers far below every tolerance, and another output is wrong too."""

ZERO = text(infer='return {"y": np.zeros(3, "float32")}').replace(
    'return {"y": inputs["x"] * 2}', 'return {"y": np.zeros(3, "float32")}', 1
)


def test_small_numbers_that_lost_a_constant_are_a_mismatch_and_every_output_is_named(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, SMALL)
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 1, answer.out + answer.err
    said = [line.strip() for line in answer.out.splitlines() if line.strip().startswith("output ")]
    assert [line.partition(";")[0] for line in said] == ["output y: values", "output z: values"]
    assert all("worst at [" in line for line in said)


def test_outputs_that_are_all_zero_are_undecided_and_nothing_is_claimed_of_them(
    cli: Cli, toy: Any, bench: Path
) -> None:
    write(bench, ZERO)
    found = document(answer := cli("repro", "toy", "--rounds", "0", "--json"))
    assert {one["outcome"]["kind"] for one in found["trials"]} == {"undecided"}
    assert found["trials"][0]["outcome"]["message"] == "output y: every element is zero"
    assert answer.code == 3, answer.err
    shown = cli("repro", "toy", "--rounds", "0")
    assert shown.code == 3
    assert "exact (shows nothing)" in shown.out


def test_an_infinite_number_is_shown_as_one(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer='return {"y": inputs["x"] * np.where(np.arange(3), 2.001, np.inf).astype("float32")}'))
    answer = cli("repro", "toy", "--rounds", "0")
    assert "mismatch (Inf)" in answer.out
    assert "inf instead of" in answer.out


def test_nothing_runs_a_second_time_and_the_table_says_so(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("repro", "toy", "--rounds", "1")
    started = len(toy.jobs)
    answer = cli("repro", "toy", "--rounds", "1")
    assert len(toy.jobs) == started
    assert "2 taken from earlier runs (*)" in answer.out
    assert cli("repro", "toy", "--rounds", "1", "--fresh").code == 0
    assert len(toy.jobs) == 2 * started


def test_a_changed_scenario_runs_again(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("repro", "toy", "--rounds", "0")
    started = len(toy.jobs)
    write(bench, text(load="pass  # changed"))
    cli("repro", "toy", "--rounds", "0")
    assert len(toy.jobs) == 2 * started


def test_times_are_kept_as_pyperf_runs(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    found = document(cli("repro", "toy", "--rounds", "2", "--json"))
    metrics = {one["metric"]: one["values"] for one in found["trials"][0]["measurements"]}
    assert set(metrics) == {"load", "first", "infer"}
    assert len(metrics["infer"]) == 2
    folder = bench / "results" / "runs" / found["id"] / found["trials"][0]["folder"]
    pyperf = pytest.importorskip("pyperf")
    suite = pyperf.BenchmarkSuite.load(str(folder / "timings" / "timings.json"))
    assert sorted(suite.get_benchmark_names()) == ["first", "infer", "load"]


def test_an_engine_that_dies_in_the_middle_loses_nothing_and_resume_goes_on(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    toy.dies_after = 2
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 7
    assert "stopped answering" in answer.err
    toy.dies_after = 10**6
    before = len(toy.jobs)
    found = document(cli("repro", "toy", "--rounds", "0", "--resume", "last", "--json"))
    assert (found["status"], found["verdict"]) == ("finished", "REPRODUCED")
    assert len(toy.jobs) - before < 3
    assert len(list((bench / "results" / "runs").iterdir())) == 1


def test_an_environment_that_cannot_be_built_costs_only_its_own_pairs(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    toy.unbuildable = ("3.3.1-cpu-py311",)
    found = document(answer := cli("repro", "toy", "--rounds", "0", "--json"))
    assert [one["outcome"]["kind"] for one in found["trials"]] == ["ok", "build_failure"]
    assert answer.code == 5


def test_a_save_that_fails_is_named_by_its_loaders(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text().replace("np.save(prefix", "raise RuntimeError('disk on fire')\n    np.save(prefix"))
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert {one["outcome"]["kind"] for one in found["trials"]} == {"depends_on"}
    assert "disk on fire" in found["trials"][0]["outcome"]["message"]


@pytest.mark.parametrize(
    ("spoiled", "kind", "reason"),
    [
        ("import ctypes; ctypes.string_at(0)", "native_crash", "SIGSEGV"),
        ("os.abort()", "native_crash", "SIGABRT"),
        ("os.kill(os.getpid(), 9)", "native_crash", "SIGKILL"),
        ("sys.exit(0)", "py_exception", ""),
        ("raise MemoryError()", "py_exception", ""),
        ("while True: pass", "timeout", "wall"),
        ("time.sleep(60)", "timeout", "silent"),
    ],
)
def test_each_way_to_die_is_told_apart(cli: Cli, toy: Any, bench: Path, spoiled: str, kind: str, reason: str) -> None:
    write(bench, text(load=spoiled, limits="\n# [tool.lab.limits]\n# wall_s = 3\n# silent_s = 1\n#"))
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    outcome = found["trials"][0]["outcome"]
    assert (outcome["kind"], outcome["reason"], outcome["phase"]) == (kind, reason, "load")


@pytest.mark.parametrize(
    ("spoiled", "word"),
    [("return 3", "dict"), ('return {"y": [1, 2]}', "list"), ('return {"y": np.array([{}], dtype=object)}', "object")],
)
def test_outputs_that_are_not_arrays_break_the_contract(
    cli: Cli, toy: Any, bench: Path, spoiled: str, word: str
) -> None:
    write(bench, text(infer=spoiled))
    outcome = document(cli("repro", "toy", "--rounds", "0", "--json"))["trials"][0]["outcome"]
    assert (outcome["kind"], outcome["reason"]) == ("infra_error", "protocol")
    assert word in outcome["message"]


def test_nan_where_the_reference_has_a_number_is_a_mismatch(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text(infer='inputs["x"][0, 0] = np.nan'))
    outcome = document(cli("repro", "toy", "--rounds", "0", "--json"))["trials"][0]["outcome"]
    assert (outcome["kind"], outcome["reason"]) == ("numeric_mismatch", "nan")


def test_a_flood_of_output_is_capped_and_costs_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(
        bench, text(load='[print("x" * 1000) for _ in range(20000)]', limits="\n# [tool.lab.limits]\n# log = 100000\n#")
    )
    found = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert found["verdict"] == "REPRODUCED"
    logs = list((bench / "results" / "runs" / found["id"]).rglob("stdout.log"))
    assert logs
    assert all(path.stat().st_size < 200_000 for path in logs)


def test_a_dry_run_prints_plan_and_dockerfiles_and_starts_nothing(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = cli("repro", "toy", "--dry-run")
    assert answer.code == 0
    assert "3.0.0-cpu-py311 -> 3.3.1-cpu-py311" in answer.out
    assert "FROM ${BASE}" in answer.out
    assert toy.jobs == []
    assert not (bench / "results").exists()


def test_a_dry_run_is_one_json_document_where_that_is_asked_for(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    found = json.loads(cli("repro", "toy", "--dry-run", "--json").out)
    assert "3.0.0-cpu-py311 -> 3.3.1-cpu-py311" in [one["pair"] for one in found["trials"]]
    assert all("FROM ${BASE}" in one["dockerfile"] for one in found["images"])
    assert toy.jobs == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("repro", "tou"), "toy"),
        (("run", "toy", "--savers", "2.6.3", "--loaders", "3.0.0"), "2.6.2"),
        (("run", "toy", "--savers", "3.0.0-cqu", "--loaders", "3.0.0"), "cpu"),
        (("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--python", "3.99"), "3.99"),
        (("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--flag", "x"), "NAME=VALUE"),
        (("repro", "toy", "--resume", "nothing"), "there is no run"),
        (("repro", "toy", "--engine", "dokcer"), "docker"),
        (("no-such-verb",), "no-such-verb"),
    ],
)
def test_bad_words_get_one_sentence_and_exit_code_2(
    cli: Cli, toy: Any, bench: Path, words: tuple[str, ...], said: str
) -> None:
    write(bench, text())
    answer = cli(*words)
    assert answer.code == 2, answer
    assert said in answer.err
    assert answer.out == ""
    assert toy.jobs == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "script"),
        ("# /// script\n# [tool.lab\n# ///\n", "TOML"),
        (text().replace("def infer", "def inver"), "infer"),
        (text().replace('outcome = "ok"', 'outcome = "okay"'), "okay"),
        (text().replace("def load", "def load("), "toy.py"),
    ],
)
def test_a_broken_scenario_is_named_with_its_file(cli: Cli, toy: Any, bench: Path, source: str, said: str) -> None:
    write(bench, source)
    answer = cli("repro", "toy")
    assert answer.code == 2
    assert said in answer.err
    assert "toy.py" in answer.err


def test_two_runs_at_once_do_not_share_a_folder(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    first = document(cli("repro", "toy", "--rounds", "0", "--json"))
    second = document(cli("repro", "toy", "--rounds", "0", "--json"))
    assert first["id"] != second["id"]


def test_a_finished_run_cannot_be_resumed(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    run = document(cli("repro", "toy", "--rounds", "0", "--json"))["id"]
    answer = cli("repro", "toy", "--rounds", "0", "--resume", run)
    assert answer.code == 2
    assert "is finished" in answer.err
    assert "no interrupted run" in cli("repro", "toy", "--rounds", "0", "--resume", "last").err


def test_a_run_is_resumed_only_by_the_command_that_started_it(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    toy.dies_after = 1
    cli("repro", "toy", "--rounds", "0")
    answer = cli("repro", "toy", "--rounds", "1", "--resume", "last")
    assert answer.code == 2
    assert "lab repro toy --rounds 0 --resume" in answer.err


def test_the_run_keeps_the_whole_command(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    words = (
        "run",
        "toy",
        "--savers",
        "3.0.0",
        "--loaders",
        "3.3.1",
        "--flag",
        "FLAGS_enable_pir_api=0",
        "--threads",
        "2",
    )
    found = document(cli(*words, "--json", "--fresh", "--engine", "auto"))
    assert found["command"] == "lab " + " ".join(words)


def test_a_flag_the_build_does_not_know_is_warned_about(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.0.0", "--flag", "FLAGS_json_format_model=1")
    assert "this build does not know FLAGS_json_format_model: it changed nothing" in answer.out


def test_a_scenario_can_be_given_by_the_path_of_its_file(cli: Cli, toy: Any, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.py"
    path.write_text(text(), encoding="utf-8")
    assert cli("repro", str(path), "--rounds", "0").code == 0
    assert "no scenario file" in cli("repro", str(tmp_path / "gone.py")).err


def test_times_of_an_earlier_run_stay_as_they_were(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    found = document(cli("repro", "toy", "--rounds", "1", "--json"))
    times = bench / "results" / "runs" / found["id"] / found["trials"][0]["folder"] / "timings" / "timings.json"
    before = times.read_bytes()
    cli("repro", "toy", "--rounds", "2")
    assert times.read_bytes() == before


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="a small disk can only be mounted by root"
)
@pytest.mark.parametrize("size", ["64k", "128k"])
def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(cli: Cli, toy: Any, bench: Path, size: str) -> None:
    results = bench / "results"
    results.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "lab-test", str(results)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        write(bench, text())
        answer = cli("repro", "toy", "--rounds", "0")
        kept = [json.loads(path.read_bytes()) for path in results.rglob("run.json")]
    finally:
        subprocess.run(["umount", "--lazy", str(results)], check=True)
    assert answer.code == 7, answer
    assert "Traceback" not in answer.err
    assert "disk" in answer.err + answer.out
    assert all("status" in one for one in kept)


def test_fewer_rounds_than_before_never_mix_with_the_earlier_session(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, text())
    cli("repro", "toy", "--rounds", "3")
    found = document(cli("repro", "toy", "--rounds", "1", "--json"))
    assert {len(one["values"]) for trial in found["trials"] for one in trial["measurements"]} == {1}


def test_more_threads_than_cores_are_said_and_become_one_a_core(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.machine.host.cores", lambda: 2)
    write(bench, text())
    answer = cli("repro", "toy", "--rounds", "0", "--threads", "64")
    assert answer.code == 0, answer.err
    assert "--threads 64: this machine has 2 core(s), so it is 2\n" in answer.err
    assert {(job.env["OMP_NUM_THREADS"], job.limits.cpus) for job in toy.jobs} == {("2", 2.0)}
    assert "cores were asked for" not in answer.out
    assert "this machine has" not in cli("repro", "toy", "--rounds", "0", "--threads", "2").err


def test_a_header_that_asks_for_more_cores_than_there_are_runs_on_those_and_says_so(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.machine.host.cores", lambda: 2)
    write(bench, text(limits="\n# [tool.lab.limits]\n# cpus = 64\n#"))
    answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 0, answer.err
    assert "64 cores were asked for, and this machine has 2: it ran on those" in answer.out
