"""The box under a run's table speaks of what was seen, never of what the scenario hopes for."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.model import Expectation, Kind, Outcome, Phase, Run, TrialResult
from lab.outcome.verdict import judge, overall
from lab.report.run_terminal import sentence

FLAG = {"FLAGS_enable_pir_api": "False"}


def trial(
    wanted: Kind, seen: Kind, env: Mapping[str, str] = {}, saver: str = "2.6.2", loader: str = "3.0.0"
) -> TrialResult:
    expected = Expectation(saver=saver, loader=loader, outcome=wanted)
    outcome = Outcome(kind=seen, phase=Phase.LOAD)
    return TrialResult(
        label=f"{saver} -> {loader}", key="k", saver=saver, loader=loader, saver_env={}, loader_env=env, route="own",
        outcome=outcome, expected=expected, verdict=judge(expected, outcome, ()),
    )  # fmt: skip


def run(*results: TrialResult) -> Run:
    verdict, reasons = overall(results, ())
    return Run(
        schema=1, id="r", command="lab repro x", scenario="x", scenario_sha256="0", engine="local", isolated=True, started="",
        trials=results, verdict=verdict, reasons=reasons,
    )  # fmt: skip


FAILING = trial(Kind.PY_EXCEPTION, Kind.PY_EXCEPTION)


def test_a_cure_that_was_seen_is_said() -> None:
    said = sentence(run(FAILING, trial(Kind.OK, Kind.OK, FLAG)))
    assert said == "every pair did what the scenario says: the problem is there, and so is its cure"


def test_a_cure_that_could_not_be_tried_is_not_said() -> None:
    said = sentence(run(FAILING, trial(Kind.OK, Kind.INFRA_ERROR, FLAG)))
    assert said == "every pair that could be tested did what the scenario says: the problem is there"


def test_what_works_with_a_flag_between_other_releases_is_no_cure_of_the_failing_pair() -> None:
    said = sentence(run(FAILING, trial(Kind.OK, Kind.OK, FLAG, saver="3.0.0", loader="3.3.1")))
    assert said == "every pair did what the scenario says: the problem is there"


def test_what_fails_with_a_flag_is_not_cured_by_leaving_it_out() -> None:
    said = sentence(run(trial(Kind.PY_EXCEPTION, Kind.PY_EXCEPTION, FLAG), trial(Kind.OK, Kind.OK)))
    assert said == "every pair did what the scenario says: the problem is there"


KINDS = st.sampled_from(
    [Kind.OK, Kind.PY_EXCEPTION, Kind.NUMERIC_MISMATCH, Kind.INFRA_ERROR, Kind.UNSUPPORTED, Kind.FLAKY]
)
TRIALS = st.builds(trial, KINDS, KINDS, st.sampled_from([{}, FLAG]), loader=st.sampled_from(["3.0.0", "3.3.1"]))


@settings(max_examples=400)
@given(st.lists(TRIALS, min_size=1, max_size=5))
def test_no_run_is_said_to_show_what_none_of_its_pairs_showed(results: list[TrialResult]) -> None:
    said = sentence(run(*results))
    failed = {
        one.loader
        for one in results
        if one.outcome.kind in (Kind.PY_EXCEPTION, Kind.NUMERIC_MISMATCH) and not one.loader_env
    }
    works = {one.loader for one in results if one.outcome.ok and one.loader_env}
    if "cure" in said:
        assert failed & works
    if "the problem is there" in said:
        assert any(one.outcome.kind in (Kind.PY_EXCEPTION, Kind.NUMERIC_MISMATCH, Kind.FLAKY) for one in results)
    if said.startswith("every pair did"):
        assert all(one.outcome.kind is one.expected.outcome for one in results if one.expected)
