"""A model with a fault, reduced in real containers to one operator that shows it, and proved by `lab repro`."""

import json
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
    assert left_behind(engine, real) == []
    proved = cli("repro", str(out / "reduced.py"), "--engine", "docker", "--json")
    assert proved.code == 0, proved.err
    assert json.loads(proved.out)["verdict"] == "REPRODUCED"


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
