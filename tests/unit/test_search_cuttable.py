"""The commands that cut a model are named exactly where they have something to cut."""

import itertools

import pytest

from lab.model import Kind, Outcome, Phase, TrialResult
from lab.search.cuttable import cuttable


def trial(kind: Kind, route: str, cpu: str = "") -> TrialResult:
    outcome = Outcome(kind=kind, phase=Phase.LOAD)
    return TrialResult(
        label="a -> b", key="", saver="a", loader="b", saver_env={}, loader_env={}, route=route, outcome=outcome, cpu=cpu
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "route", "cpu"), [*itertools.product(Kind, ("jit", "predictor", "own"), ("", "cpu=avx2"))]
)
def test_a_run_can_be_cut_where_a_standard_way_fails_on_this_processor(kind: Kind, route: str, cpu: str) -> None:
    failing = {Kind.NUMERIC_MISMATCH, Kind.LEAK, Kind.PY_EXCEPTION, Kind.NATIVE_CRASH, Kind.OOM, Kind.TIMEOUT}
    wanted = kind in failing and route != "own" and not cpu
    assert cuttable([trial(kind, route, cpu)]) == wanted
    assert cuttable([trial(Kind.OK, "jit"), trial(kind, route, cpu)]) == wanted


def test_a_run_without_trials_names_nothing() -> None:
    assert not cuttable([])
