"""Timings as pyperf reads them."""

import importlib.util
import json
import types
from pathlib import Path

import pyperf
from hypothesis import given
from hypothesis import strategies as st

SPEC = importlib.util.spec_from_file_location("measure", Path(__file__).parents[2] / "lab" / "guest" / "measure.py")
measure = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(measure)
SLOW = """
import time
import numpy as np

def load(prefix):
    time.sleep(0.05)
    return []

def infer(calls, inputs):
    calls.append(1)
    time.sleep(0.03 if len(calls) == 1 else 0.002)
    return {"y": np.ones(2)}
"""


def timed(guest, source=SLOW, **plan):
    said, out = guest.run(source, mode="measure", measure=plan)
    assert said["status"] == "ok", said
    return said["measure"], pyperf.BenchmarkSuite.load(str(out / "timings.json")), said


def test_load_first_and_steady_are_three_benchmarks_in_seconds(guest):
    summary, suite, said = timed(guest, values=5, warmups=2, value_s=0.02, max_calls=100)
    assert suite.get_benchmark_names() == ["load", "first", "infer"]
    load, first, infer = (suite.get_benchmark(name).get_values() for name in ("load", "first", "infer"))
    assert load[0] >= 0.05
    assert first[0] >= 0.03
    assert len(infer) == 5
    assert min(infer) >= 0.002
    assert max(infer) < first[0]
    assert summary["loops"] > 1
    assert {"import", "load", "infer"} <= set(said["phases"])


def test_a_worker_of_pyperf_takes_as_many_values_of_as_many_calls(guest):
    ours, _, _ = timed(guest, values=4, warmups=2, value_s=0.02, max_calls=100)
    summary, suite, _ = timed(guest, values=4, warmups=2, value_s=0.02, max_calls=100, timer="pyperf")
    infer = suite.get_benchmark("infer")
    assert len(infer.get_values()) == 4
    assert min(infer.get_values()) >= 0.002
    assert summary["values"] == ours["values"]
    assert summary["calls"] == 1 + summary["warmups"] + summary["values"] * summary["loops"]
    assert suite.get_metadata()["timed_by"] == f"pyperf {pyperf.__version__}"


def test_a_worker_of_pyperf_is_refused_where_there_is_none(guest):
    gone = "import importlib.util\nimportlib.util.find_spec = lambda name, *_: None\n"
    said, out = guest.run(gone + SLOW, mode="measure", measure={"timer": "pyperf"})
    assert said["status"] == "unsupported"
    assert "no pyperf in this environment" in said["reason"]
    assert not (out / "timings.json").exists()


def test_times_are_written_where_there_is_no_pyperf(guest):
    _, suite, _ = timed(guest, 'import sys\nsys.modules["pyperf"] = None\n' + SLOW, values=2, warmups=1, max_calls=20)
    assert suite.get_benchmark_names() == ["load", "first", "infer"]


SECONDS = st.floats(1e-9, 1e3)


@given(values=st.lists(SECONDS, min_size=1), warmups=st.lists(SECONDS), loops=st.integers(1, 99))
def test_pyperf_reads_every_value_that_was_measured(values, warmups, loops, tmp_path_factory):
    one = measure.Timed(None, None)
    one.load_s, one.first_s, one.loops, one.values, one.warmups = 0.5, 0.25, loops, values, warmups
    path = tmp_path_factory.getbasetemp() / "timings.json"
    measure.write(str(path), one, types.SimpleNamespace(__version__="3.0.0"))
    suite = pyperf.BenchmarkSuite.load(str(path))
    (infer,) = suite.get_benchmark("infer").get_runs()
    assert (infer.values, infer.get_loops()) == (tuple(values), loops)
    assert [value for _, value in infer.warmups or ()] == warmups
    assert [suite.get_benchmark(name).get_values() for name in ("load", "first")] == [(0.5,), (0.25,)]
    assert suite.get_metadata()["paddle_version"] == "3.0.0"


def test_many_processes_merge_into_one_suite(guest):
    summary, suite, _ = timed(guest, values=2, warmups=1, value_s=0.01, max_calls=100)
    _, other, _ = timed(guest, values=2, warmups=1, loops=summary["loops"], max_calls=100)
    suite.add_runs(other)
    infer = suite.get_benchmark("infer")
    assert [run.get_loops() for run in infer.get_runs()] == [summary["loops"]] * 2
    assert infer.get_unit() == "second"


@given(
    values=st.integers(1, 20),
    warmups=st.integers(0, 20),
    loops=st.none() | st.integers(1, 50),
    max_calls=st.integers(3, 100),
    value_s=st.sampled_from([0.0, 1e-6, 10.0]),
)
def test_calls_never_exceed_the_cap_and_given_loops_are_kept_below_it(values, warmups, loops, max_calls, value_s):
    calls = []
    timed = measure.Timed(lambda: "handle", calls.append)
    timed.load()
    timed.first()
    timed.steady({"values": values, "warmups": warmups, "loops": loops, "max_calls": max_calls, "value_s": value_s})
    made = timed.summary()
    assert calls == ["handle"] * made["calls"]
    assert made["calls"] == 1 + made["warmups"] + made["values"] * made["loops"] <= max_calls
    if loops and 1 + warmups + values * loops <= max_calls:
        assert (made["loops"], made["values"], made["warmups"]) == (loops, values, warmups)


def test_bad_output_is_found_before_it_is_timed(guest):
    said, out = guest.run(SLOW.replace('{"y": np.ones(2)}', "{}"), mode="measure")
    assert said["status"] == "bad_output"
    assert not (out / "timings.json").exists()


def test_metadata_names_the_release_and_no_machine(guest):
    guest.run(SLOW, mode="measure", measure={"values": 1, "warmups": 1})
    kept = json.loads((guest.home / "out_1" / "timings.json").read_text(encoding="utf-8"))
    text = json.dumps(kept)
    assert "paddle_version" in text
    assert "hostname" not in text
