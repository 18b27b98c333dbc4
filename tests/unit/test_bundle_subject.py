"""What a bundle or an issue is about where nobody names a trial: what the upgrade broke, not what was never right."""

import pytest

from lab.bundle.make import subject
from lab.errors import UsageError
from lab.model import Kind, Outcome, Phase, Run, TrialResult

OLD, NEW = "2.6.2-cpu-py311", "3.3.1-cpu-py311"


def trial(loader: str, route: str, kind: Kind, **env: str) -> TrialResult:
    return TrialResult(
        label=f"{loader} by {route} {env}", key="", saver=OLD, loader=loader, saver_env={}, loader_env=env, route=route,
        outcome=Outcome(kind=kind, phase=Phase.COMPARE),
    )  # fmt: skip


def about(*trials: TrialResult) -> tuple[str, str]:
    run = Run(
        schema=1, id="r", command="", scenario="check-net", scenario_sha256="", engine="", isolated=True, started="",
        trials=trials,
    )  # fmt: skip
    first = subject(run)[0]
    return first.loader, first.route


DRIFT, OK, CRASH, WRONG = Kind.DRIFT, Kind.OK, Kind.NATIVE_CRASH, Kind.NUMERIC_MISMATCH


def test_a_drift_that_was_there_before_is_passed_over_for_what_broke() -> None:
    old, drift = trial(OLD, "predictor", DRIFT), trial(NEW, "predictor", DRIFT)
    assert about(trial(OLD, "jit", OK), old, drift, trial(NEW, "jit", CRASH)) == (NEW, "jit")


def test_a_drift_that_became_a_crash_is_what_broke() -> None:
    assert about(trial(OLD, "predictor", DRIFT), trial(NEW, "predictor", CRASH)) == (NEW, "predictor")


def test_a_way_that_is_wrong_before_and_after_is_shown_in_the_new_release() -> None:
    assert about(trial(OLD, "predictor", WRONG), trial(NEW, "predictor", WRONG)) == (NEW, "predictor")


def test_a_way_that_the_old_release_does_not_have_counts_where_it_fails() -> None:
    assert about(trial(OLD, "jit", OK), trial(NEW, "jit", OK), trial(NEW, "jit_old_ir", CRASH)) == (NEW, "jit_old_ir")


def test_only_drifts_are_better_than_nothing_and_a_run_without_a_failure_asks() -> None:
    assert about(trial(OLD, "predictor", DRIFT)) == (OLD, "predictor")
    with pytest.raises(UsageError, match="no trial of run r fails"):
        about(trial(OLD, "jit", OK), trial(NEW, "jit", OK))
