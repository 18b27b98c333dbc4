"""A model with a fault, reduced in real containers to one operator that shows it, and proved by `lab repro`."""

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.formats import inspect
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers

GIVEN = ROOT / "tests" / "golden" / "given"


def test_a_wrong_resize_is_cut_to_one_operator_without_a_weight(
    real: Path, cli: Cli, engine: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("reduce", str(GIVEN / "bilinear_corners-3.0.0" / "net"), "--bad", "3.0.0", "-o", str(out))
    answer = cli(*words, "--engine", "docker", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["operators"] == ["bilinear_interp"]
    assert told["seen"]["kind"] == "numeric_mismatch"
    assert (told["confirmed"], told["asked"]) == (3, 3)
    assert told["proof"]["found"] == told["proof"]["kept"] == []
    assert told["nbytes"] < 3000
    assert sorted(path.name for path in out.iterdir()) == sorted(told["files"])
    (program,) = inspect(out / "net").programs
    assert [one.name for one in program.inputs] == ["x0"]
    with np.load(out / "inputs.npz", allow_pickle=False) as arrays:
        assert arrays["x0"].shape[:2] == (1, 1)
        twice = [2 * one for one in arrays["x0"].shape[2:]]
    (result,) = program.outputs
    assert list(result.shape or ()) == [-1, 1, *twice], "what is declared is what the small input gives"
    assert left_behind(engine, real) == []
    proved = cli("repro", str(out / "reduced.py"), "--engine", "docker", "--json")
    assert proved.code == 0, proved.err
    assert json.loads(proved.out)["verdict"] == "REPRODUCED"


def test_a_fault_inside_a_loop_is_cut_to_the_operator_inside(real: Path, cli: Cli, tmp_path: Path) -> None:
    words = ("reduce", str(GIVEN / "loop_resize-3.0.0" / "net"), "--bad", "3.0.0", "--route", "predictor")
    answer = cli(*words, "-o", str(tmp_path / "out"), "--engine", "docker", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["operators"] == ["nearest_interp"]
    assert "while is opened: its first step" in [one["what"] for one in told["steps"] if one["held"]]
    assert (told["confirmed"], told["asked"]) == (3, 3)


def test_a_model_that_does_not_fail_is_said_with_what_each_way_did(real: Path, cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("reduce", str(GIVEN / "leaky_relu-3.0.0" / "net"), "--bad", "3.0.0", "-o", str(out), "--route", "static")
    answer = cli(*words, "--engine", "docker")
    assert answer.code == 4
    assert "the model does not fail where it was looked for" in answer.err
    assert "3.0.0 by static: ok" in answer.err
    assert not out.exists()


def test_no_operator_is_blamed_where_any_of_them_fails_as_the_file_does(real: Path, cli: Cli, tmp_path: Path) -> None:
    words = ("reduce", str(GIVEN / "order-2.6.2"), "--bad", "3.3.1", "--route", "jit", "-o", str(tmp_path / "out"))
    answer = cli(*words, "--engine", "docker")
    assert answer.code == 3, answer.err
    assert "it is not an operator" in answer.out


def test_a_failing_run_becomes_a_bundle_under_twenty_kilobytes_that_replays(
    real: Path, cli: Cli, tmp_path: Path
) -> None:
    archive = tmp_path / "small.repro.tgz"
    words = ("reduce", str(GIVEN / "bilinear_corners-3.0.0" / "net"), "--bad", "3.3.1", "--route", "predictor")
    answer = cli(*words, "-o", str(tmp_path / "out"), "--bundle", str(archive), "--engine", "docker", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["operators"] == ["bilinear_interp"]
    assert told["bundle"] == str(archive)
    assert archive.stat().st_size < 20_000
    with tarfile.open(archive) as opened:
        (claims,) = [opened.extractfile(one) for one in opened if one.name.endswith("/results.json")]
        assert claims is not None
        assert json.load(claims)["command"] == "lab repro reduced.py"
    replayed = cli("replay", str(archive), "--repeat", "3", "--yes", "--engine", "docker")
    assert replayed.code == 0, replayed.err


@pytest.mark.skipif(
    "LAB_TIMED_TESTS" not in os.environ, reason="what is timed needs a quiet machine: LAB_TIMED_TESTS=1"
)
def test_an_operator_that_is_slow_is_left_alone_and_measured_again(real: Path, cli: Cli, tmp_path: Path) -> None:
    """Without the instructions that they were written for, the kernels of oneDNN take longer: the first that does by enough is left."""
    slow = str(ROOT / "benchmarks" / "reduce" / "slow_convolution.py")
    assert cli("run", slow, "--savers", "3.3.1", "--loaders", "3.3.1", "--engine", "docker").code == 0
    (model,) = (real / "results" / "runs").glob("*/saves/*/out/model")
    words = ("reduce", str(model), "--good", "3.3.1", "--bad", "3.3.1", "--flag", "ONEDNN_MAX_CPU_ISA=SSE41")
    out = tmp_path / "out"
    answer = cli(*words, "--route", "predictor", "--symptom", "slower", "-o", str(out), "--engine", "docker", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert 1 <= len(told["operators"]) <= 3 < told["operators_before"]
    assert told["slow"]["certain"] is True
    assert told["slow"]["left"]["low"] > 1.05
    assert (out / "reduced.py").is_file()
