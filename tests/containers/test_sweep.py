"""A small sweep of real Paddle: one operator that is fine, and one that the newest release gets wrong without a word."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.model.sweep import Sweep
from tests.conftest import ROOT, Cli
from tests.containers.conftest import NEWEST, left_behind

pytestmark = pytest.mark.containers


def test_a_dropped_constant_is_found_confirmed_and_blamed_on_what_was_opened(
    cli: Cli, real: Path, engine: Any, image: str
) -> None:
    shutil.copytree(ROOT / "scenarios" / "sweep", real / "scenarios" / "sweep")
    place = NEWEST.partition("-")[0]
    words = ("--op", "plus_constant,relu,conv2d", "--route", "jit", "--also", "", "--engine", "docker", "--json")
    answer = cli("sweep", "--savers", place, "--loaders", place, *words)
    assert answer.code == 0, answer.err
    sweep = msgspec.json.decode(answer.out.encode(), type=Sweep)
    (cell,) = sweep.cells
    assert cell.counts == {"exact": 2, "mismatch": 1}
    (found,) = cell.found
    assert (found.nets, found.blame, found.witness, found.second) == (("plus_constant",), "opened", "numpy", "same")
    assert sweep.isolated
    assert left_behind(engine, real) == []


EATS = """[family]
relu = { code = "F.relu(x)", x = "float32 2x3", numpy = "np.maximum(x, 0)" }
eats = { code = "paddle.full([1300000000], 1.0).sum() + x", x = "float32 2x3", numpy = "x" }
last = { code = "paddle.tanh(x)", x = "float32 2x3", numpy = "np.tanh(x)" }
"""


def test_a_net_that_is_larger_than_its_container_is_out_of_memory_by_the_kernels_word_and_the_others_go_on(
    cli: Cli, real: Path, engine: Any, image: str
) -> None:
    folder = real / "scenarios" / "sweep"
    folder.mkdir()
    (folder / "operators.toml").write_text(EATS, encoding="utf-8")
    place = NEWEST.partition("-")[0]
    words = ("--route", "jit", "--also", "", "--engine", "docker", "--once", "--net-time", "120", "--json")
    answer = cli("sweep", "--savers", place, "--loaders", place, *words)
    sweep = msgspec.json.decode(answer.out.encode(), type=Sweep)
    assert sweep.saves[0].counts == {"ok": 2, "oom": 1}
    (found,) = sweep.saves[0].found
    assert found.nets == ("eats",)
    assert "limit 4.00 GiB" in found.outcome.message
    assert "1 kill(s) for memory" in found.outcome.message
    assert sweep.cells[0].counts == {"exact": 2}
    assert answer.code == 7  # nobody knows what the net would do with more
    assert left_behind(engine, real) == []
