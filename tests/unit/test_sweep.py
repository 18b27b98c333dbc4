"""What a sweep makes of the files that containers leave behind, whatever is in them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import documents
from lab.compare.planted import write_outputs
from lab.model import Kind, Outcome, Phase, Run
from lab.run import net_records
from lab.sweep.numbers import OK, Witnesses, weigh
from lab.sweep.sweep import _seconds

NONCE = "n1"
Y = np.arange(4, dtype=np.float32)


def step(folder: Path, *lines: bytes | dict[str, Any]) -> Path:
    (folder / "in").mkdir(parents=True, exist_ok=True)
    (folder / "out").mkdir(exist_ok=True)
    (folder / "in" / "request.json").write_text(json.dumps({"nonce": NONCE}))
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (folder / "out" / "nets.jsonl").write_bytes(b"\n".join(raw))
    return folder


def record(net: str, status: str = "ok", **more: Any) -> dict[str, Any]:
    return {
        "protocol": 1,
        "nonce": NONCE,
        "mode": "load",
        "phase": "infer",
        "status": status,
        "net": net,
        "route": "jit",
    } | more


def found(folder: Path, *nets: str) -> dict[str, Outcome]:
    return net_records.outcomes(folder, {"jit": nets})["jit"]


def test_each_net_has_the_outcome_of_its_own_record(tmp_path: Path) -> None:
    error = {"type": "ValueError", "message": "no"}
    crash = record("b", "signal", signal="SIGSEGV", faulthandler="Fatal Python error")
    folder = step(tmp_path, record("a"), crash, record("c", "exception", exception=error, phase="load"))
    kinds = {net: (one.kind, one.phase) for net, one in found(folder, "a", "b", "c").items()}
    assert kinds == {
        "a": (Kind.OK, Phase.INFER),
        "b": (Kind.NATIVE_CRASH, Phase.INFER),
        "c": (Kind.PY_EXCEPTION, Phase.LOAD),
    }


GIB = 1 << 30


def test_a_net_that_the_kernel_killed_for_memory_is_out_of_memory_and_says_by_which_signs(tmp_path: Path) -> None:
    killed = record("a", "signal", signal="SIGKILL", oom_kills=1, peak_memory=3 * GIB)
    one = net_records.outcomes(step(tmp_path, killed), {"jit": ["a"]}, 4 * GIB)["jit"]["a"]
    assert (one.kind, one.reason) == (Kind.OOM, "host")
    assert "limit 4.00 GiB; at most 3.00 GiB seen in its process; 1 kill(s) for memory" in one.message


@pytest.mark.parametrize(
    ("peak", "memory", "kind"), [(39, 40, Kind.OOM), (2, 40, Kind.PY_EXCEPTION), (39, 0, Kind.PY_EXCEPTION)]
)
def test_a_failed_allocation_is_out_of_memory_only_near_the_limit_of_the_container(
    tmp_path: Path, peak: int, memory: int, kind: Kind
) -> None:
    error = {"type": "MemoryError", "message": "std::bad_alloc"}
    folder = step(tmp_path, record("a", "exception", exception=error, peak_memory=peak * GIB // 10))
    one = net_records.outcomes(folder, {"jit": ["a"]}, memory * GIB // 10)["jit"]["a"]
    assert one.kind is kind
    assert ("GiB" in one.message) == (kind is Kind.OOM)


def test_a_kill_without_a_sign_of_memory_is_no_lack_of_memory(tmp_path: Path) -> None:
    folder = step(tmp_path, record("a", "signal", signal="SIGKILL", peak_memory=GIB))
    assert net_records.outcomes(folder, {"jit": ["a"]}, 4 * GIB)["jit"]["a"].kind is Kind.NATIVE_CRASH


def test_only_the_first_record_of_a_net_that_was_asked_for_counts(tmp_path: Path) -> None:
    folder = step(
        tmp_path, record("a"), record("a", "signal", signal="SIGSEGV"), record("x"), record("a", route="static")
    )
    assert {net: one.kind for net, one in found(folder, "a", "b").items()} == {"a": Kind.OK}


def test_a_record_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    folder = step(tmp_path, record("a", nonce="guessed"))
    assert found(folder, "a")["a"].kind is Kind.INFRA_ERROR


@given(st.lists(st.one_of(st.binary(max_size=60), st.from_type(dict).map(lambda _: b"{}")), max_size=6))
def test_whatever_the_lines_are_nothing_breaks(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    folder = step(tmp_path_factory.mktemp("step"), *lines, record("a"))
    assert set(found(folder, "a")) <= {"a"}


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda one: st.lists(one, max_size=3))
)
def test_a_field_of_any_type_is_an_outcome_and_no_exception(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    folder = step(
        tmp_path_factory.mktemp("step"), *(record("a") | {name: value} for name in ("net", "route", "status"))
    )
    assert all(isinstance(one, Outcome) for one in found(folder, "a").values())
    folder = step(folder, record("a", phase=value, exception=value, signal=value))
    assert all(isinstance(one, Outcome) for one in found(folder, "a").values())


def test_a_file_of_records_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    folder = step(tmp_path / "step", record("a"))
    real = folder / "out" / "nets.jsonl"
    other = tmp_path / "other"
    real.rename(other)
    real.symlink_to(other)
    assert found(folder, "a") == {}


def test_arrays_behind_a_link_are_not_read(tmp_path: Path) -> None:
    outputs = tmp_path / "out" / "outputs"
    outputs.mkdir(parents=True)
    write_outputs(outputs / "good.npz", {"out0": Y})
    (outputs / "bad.npz").symlink_to(outputs / "good.npz")
    (outputs / "bad.json").write_text("{}")
    (tmp_path / "out" / "outputs-jit").symlink_to(outputs)
    assert net_records.arrays(tmp_path, "outputs", "good") is not None
    assert net_records.arrays(tmp_path, "outputs", "bad") is None
    assert net_records.arrays(tmp_path, "outputs-jit", "good") is None
    assert net_records.arrays(tmp_path, "outputs", "absent") is None


def test_a_net_that_says_it_is_fine_and_left_nothing_is_no_success(tmp_path: Path) -> None:
    assert weigh("a", OK, None, None).outcome.kind is Kind.INFRA_ERROR


def test_damaged_arrays_are_the_labs_failure_and_not_a_difference(tmp_path: Path) -> None:
    good = write_outputs(tmp_path / "good.npz", {"out0": Y})
    bad = write_outputs(tmp_path / "bad.npz", {"out0": Y})
    bad.write_bytes(bad.read_bytes()[:50])
    assert weigh("a", OK, good, bad).outcome.kind is Kind.INFRA_ERROR


@pytest.fixture
def answers(tmp_path: Path) -> dict[str, Path]:
    return {
        name: write_outputs(tmp_path / f"{name}.npz", {"out0": values})
        for name, values in {"right": Y, "wrong": Y + 1, "other": Y + 2}.items()
    }


@pytest.mark.parametrize(
    ("numpy", "own", "loader", "others", "opened", "blame"),
    [
        ("right", "right", "right", ["right"], "wrong", ("opened", "numpy")),
        ("right", "wrong", "", [], "right", ("saved", "numpy")),
        ("right", "wrong", "", [], "other", ("unclear", "numpy")),
        ("", "right", "right", ["right", "right"], "wrong", ("opened", "3")),
        ("", "right", "", ["right", "wrong"], "other", ("unclear", "3")),
        ("", "right", "wrong", ["wrong"], "wrong", ("release", "")),
        ("right", "wrong", "right", ["right"], "right", ("release", "loader")),
        ("right", "right", "wrong", ["right"], "wrong", ("release", "saver")),
        ("", "right", "", [], "wrong", ("", "")),
    ],
)
def test_who_is_wrong_is_said_by_whoever_can_know(
    answers: dict[str, Path], numpy: str, own: str, loader: str, others: list[str], opened: str, blame: tuple[str, str]
) -> None:
    witnesses = Witnesses(
        numpy=answers.get(numpy), own=answers[own], loader=answers.get(loader),
        others=tuple(answers[one] for one in others),
    )  # fmt: skip
    assert witnesses.blame(answers[opened]) == blame


@pytest.mark.parametrize(
    ("candidate", "plain"), [(np.zeros(4, np.float32), True), (np.full(4, 1e-9, np.float32), False)]
)
def test_a_net_that_answers_nothing_but_zeros_is_no_finding_unless_they_differ(
    tmp_path: Path, candidate: Any, *, plain: bool
) -> None:
    zeros = write_outputs(tmp_path / "a.npz", {"y": np.zeros(4, np.float32)})
    one = weigh("floor", OK, zeros, write_outputs(tmp_path / "b.npz", {"y": candidate}))
    assert (one.plain, one.outcome.kind) == (plain, Kind.UNDECIDED)


def test_a_sweep_takes_from_its_first_start_to_its_end() -> None:
    path = Path(__file__).parents[1] / "golden" / "issue" / "jit_load_pir.run.json"
    run = documents.json(path.read_bytes(), Run)
    went_on = replace(run, started="2026-01-01T10:00:00+00:00", finished="2026-01-01T10:20:30+00:00")
    assert _seconds(went_on) == 20 * 60 + 30
