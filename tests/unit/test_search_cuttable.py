"""The commands that cut a model are named exactly where they have something to cut."""

import itertools

import pytest

from lab.model import Kind, Outcome, Phase, TrialResult
from lab.search.cuttable import cuttable


def trial(
    kind: Kind, route: str, cpu: str = "", *, phase: Phase = Phase.INFER, flags: str = "", loader: str = "b"
) -> TrialResult:
    outcome, env = Outcome(kind=kind, phase=phase), {"FLAGS_a": flags} if flags else {}
    return TrialResult(
        label="a -> b", key="", saver="a", loader=loader, saver_env={}, loader_env=env, route=route, outcome=outcome, cpu=cpu
    )  # fmt: skip


def unopened(route: str, kind: Kind = Kind.PY_EXCEPTION) -> TrialResult:
    return trial(kind, route, phase=Phase.LOAD)


def test_where_nothing_opens_the_file_there_is_no_operator_to_look_for() -> None:
    assert not cuttable([trial(Kind.OK, "jit", loader="a"), unopened("jit"), unopened("static"), unopened("predictor")])


def test_where_one_way_opens_the_file_another_may_stumble_over_an_operator() -> None:
    assert cuttable([trial(Kind.OK, "jit"), unopened("static")])
    assert cuttable([trial(Kind.OK, "predictor_no_onednn"), unopened("predictor", Kind.NATIVE_CRASH)])
    assert cuttable([trial(Kind.NATIVE_CRASH, "static"), unopened("jit")]), "what crashed in a call had been opened"


def test_what_the_same_call_opens_with_a_setting_is_the_file_and_no_operator() -> None:
    assert not cuttable([trial(Kind.OK, "predictor"), unopened("jit"), trial(Kind.OK, "jit", flags="0")])
    assert not cuttable([trial(Kind.OK, "predictor"), unopened("jit"), trial(Kind.OK, "jit_old_ir")])


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
