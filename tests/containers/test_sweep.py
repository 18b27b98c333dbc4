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
