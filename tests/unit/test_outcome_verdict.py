"""From outcomes to a verdict and an exit code."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.model import Diff, Expectation, Grade, Kind, Mismatch, Outcome, Phase, StepFacts, TrialResult, Verdict
from lab.outcome.exits import Ending
from lab.outcome.verdict import (
    AS_EXPECTED,
    compare_with,
    describe,
    exit_code,
    grid_ending,
    judge,
    overall,
    worst_grade,
)

OK = Outcome(kind=Kind.OK, phase=Phase.INFER, reason="exact")
FAILS = Outcome(
    kind=Kind.PY_EXCEPTION,
    phase=Phase.LOAD,
    type="ValueError",
    message="The path (/m) to load model not exists",
    signature="load:ValueError:1",
)
WANTS_OK = Expectation(saver="2.6.2", loader="2.6.2")
WANTS_FAILURE = Expectation(
    saver="2.6.2",
    loader="3.0.0",
    outcome=Kind.PY_EXCEPTION,
    phase=Phase.LOAD,
    type="ValueError",
    message="to load model not exists",
)
DIFFS = {grade: (Diff(output="y", grade=grade),) for grade in Grade}


def outcome(kind: Kind, phase: Phase = Phase.LOAD, **more: str) -> Outcome:
    return Outcome(kind=kind, phase=phase, **more)  # type: ignore[arg-type]


def result(seen: Outcome, expected: Expectation | None, label: str = "2.6.2 -> 3.0.0") -> TrialResult:
    return TrialResult(
        label=label,
        key=label,
        saver="",
        loader="",
        saver_env={},
        loader_env={},
        route="own",
        outcome=seen,
        expected=expected,
    )


# One trial


def test_what_was_expected_is_as_expected() -> None:
    assert judge(WANTS_FAILURE, FAILS, ()) == AS_EXPECTED
    assert judge(WANTS_OK, OK, DIFFS[Grade.CLOSE]) == AS_EXPECTED


@pytest.mark.parametrize(
    ("seen", "clause"),
    [
        (OK, "expected py_exception in load (ValueError), saw ok (exact)"),
        (outcome(Kind.NATIVE_CRASH, type="SIGSEGV"), "saw native_crash in load (SIGSEGV)"),
        (outcome(Kind.PY_EXCEPTION, Phase.INFER), "expected py_exception in load, saw it in infer"),
        (outcome(Kind.PY_EXCEPTION, type="KeyError"), "expected type ValueError, saw KeyError"),
        (outcome(Kind.PY_EXCEPTION, type="ValueError", message="no"), "matches 'to load model not exists', saw 'no'"),
    ],
)
def test_the_first_thing_that_differs_is_named(seen: Outcome, clause: str) -> None:
    said = judge(WANTS_FAILURE, seen, ())
    assert said.startswith("differs: expected ")
    assert clause in said


@pytest.mark.parametrize("wanted", list(Grade))
@pytest.mark.parametrize("seen", list(Grade))
def test_a_better_grade_is_as_expected_and_a_worse_one_is_not(wanted: Grade, seen: Grade) -> None:
    expected = Expectation(saver="a", loader="b", grade=wanted)
    better = list(Grade).index(seen) <= list(Grade).index(wanted)
    assert (judge(expected, OK, DIFFS[seen]) == AS_EXPECTED) is better


def test_a_grade_needs_something_that_was_compared() -> None:
    said = judge(Expectation(saver="a", loader="b", grade=Grade.CLOSE), OK, ())
    assert said == "differs: expected grade close, saw no outputs to compare"


@pytest.mark.parametrize(
    ("expected", "seen", "said"),
    [
        (replace(WANTS_OK, grade=Grade.EXACT), OK, "grade exact, saw drift"),
        (replace(WANTS_OK, outcome=Kind.NATIVE_CRASH), OK, "native_crash, saw ok (exact)"),
        (replace(WANTS_OK, outcome=Kind.NATIVE_CRASH, phase=Phase.LOAD), OK, "native_crash in load, saw ok (exact)"),
        (replace(WANTS_OK, outcome=Kind.NATIVE_CRASH, type="SIGILL"), OK, "native_crash (SIGILL), saw ok (exact)"),
        (replace(WANTS_FAILURE, message=""), outcome(Kind.PY_EXCEPTION), "type ValueError, saw none"),
        (WANTS_OK, outcome(Kind.TIMEOUT), "ok, saw timeout in load"),
        (WANTS_FAILURE, outcome(Kind.OK, Phase.INFER), "py_exception in load (ValueError), saw ok"),
        (
            replace(WANTS_OK, outcome=Kind.NUMERIC_MISMATCH, reason=Mismatch.NAN),
            outcome(Kind.NUMERIC_MISMATCH, Phase.COMPARE),
            "wrong numbers by nan, saw none",
        ),
        (
            WANTS_FAILURE,
            replace(FAILS, message="m" * 159 + "\x1bx"),
            "a message that matches 'to load model not exists', saw '" + "m" * 159 + "\\x1b'",
        ),
    ],
)
def test_what_was_expected_and_seen_is_said_to_the_letter(expected: Expectation, seen: Outcome, said: str) -> None:
    assert judge(expected, seen, DIFFS[Grade.DRIFT]) == f"differs: expected {said}"


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (OK, "ok (exact)"),
        (outcome(Kind.OK), "ok"),
        (FAILS, "py_exception in load (ValueError)"),
        (outcome(Kind.NUMERIC_MISMATCH, Phase.COMPARE, reason="nan"), "numeric_mismatch in compare (nan)"),
        (outcome(Kind.NATIVE_CRASH, type="SIGILL", reason="why"), "native_crash in load (SIGILL)"),
        (outcome(Kind.TIMEOUT), "timeout in load"),
    ],
)
def test_an_outcome_is_described_by_kind_phase_and_the_first_word_on_its_inside(seen: Outcome, said: str) -> None:
    assert describe(seen) == said


def test_a_pattern_that_is_none_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not a regular expression"):
        judge(Expectation(saver="a", loader="b", outcome=Kind.PY_EXCEPTION, message="("), FAILS, ())


@pytest.mark.parametrize("wanted", Mismatch)
@pytest.mark.parametrize("seen", ["values", "nan", "inf", "shape", "dtype", "missing", "extra"])
def test_numbers_that_are_wrong_in_another_way_are_not_as_expected(wanted: Mismatch, seen: str) -> None:
    expected = replace(WANTS_OK, outcome=Kind.NUMERIC_MISMATCH, reason=wanted)
    said = judge(expected, outcome(Kind.NUMERIC_MISMATCH, Phase.COMPARE, reason=seen), ())
    names = wanted is Mismatch.NAMES and seen in ("missing", "extra")
    same = AS_EXPECTED if names or wanted.value == seen else f"differs: expected wrong numbers by {wanted}, saw {seen}"
    assert said == same


@given(st.lists(st.sampled_from(list(Grade))))
def test_the_worst_grade_is_the_last_in_order(grades: list[Grade]) -> None:
    worst = worst_grade([Diff(output="y", grade=grade) for grade in grades])
    assert worst == max(grades, key=list(Grade).index, default=None)


# A run

SEEN = result(FAILS, WANTS_FAILURE, "bad pair")
CURED = result(OK, WANTS_OK, "cure")


def test_every_expectation_held_is_reproduced() -> None:
    assert overall([SEEN, CURED], ()) == (Verdict.REPRODUCED, ())
    assert exit_code(Verdict.REPRODUCED, [SEEN, CURED]) == 0


def test_a_comparator_that_failed_its_test_voids_the_run() -> None:
    verdict, reasons = overall([SEEN, CURED], ("one NaN",))
    assert (verdict, reasons) == (Verdict.VOID, ("the comparator let planted differences pass: one NaN",))
    assert exit_code(verdict, [SEEN, CURED]) == 7
    assert overall([SEEN], ("one NaN", "a sign"))[1] == (
        "the comparator let planted differences pass: one NaN, a sign",
    )


def test_nothing_ran_is_void() -> None:
    assert overall([], ()) == (Verdict.VOID, ("nothing ran",))


def test_a_problem_that_is_gone_is_not_reproduced() -> None:
    gone = result(OK, WANTS_FAILURE, "bad pair")
    verdict, reasons = overall([gone, CURED], ())
    assert verdict is Verdict.NOT_REPRODUCED
    assert reasons == ("bad pair: differs: expected py_exception in load (ValueError), saw ok (exact)",)
    assert exit_code(verdict, [gone, CURED]) == 4


@pytest.mark.parametrize(("zlib", "told"), [("built in", True), ("a module of its own", False), ("", False)])
def test_a_crash_that_a_python_with_its_own_zlib_hides_is_said_to_be_hidden(zlib: str, *, told: bool) -> None:
    crash = replace(WANTS_FAILURE, outcome=Kind.NATIVE_CRASH, type="SIGSEGV", message="")
    gone = replace(result(OK, crash), load=StepFacts(zlib=zlib))
    word, reasons = overall([gone], ())
    assert word is Verdict.NOT_REPRODUCED
    assert any("zlib built in" in one for one in reasons) == told
    others = overall([replace(gone, label="one"), replace(gone, label="two")], ())[1]
    assert any(one.startswith("one, two: this Python has zlib built in") for one in others) == told
    for other in (result(OK, WANTS_FAILURE), result(outcome(Kind.TIMEOUT), crash)):
        assert not any("zlib" in one for one in overall([replace(other, load=gone.load)], ())[1])


@pytest.mark.parametrize(
    "results",
    [
        [result(OK, WANTS_FAILURE), SEEN, CURED],
        [result(OK, WANTS_FAILURE), result(FAILS, WANTS_OK)],
        [SEEN, result(FAILS, WANTS_OK)],
        [result(outcome(Kind.NATIVE_CRASH), WANTS_FAILURE), CURED],
        [result(outcome(Kind.NUMERIC_MISMATCH, Phase.COMPARE), WANTS_OK), SEEN],
    ],
)
def test_anything_else_that_differs_is_changed(results: list[TrialResult]) -> None:
    verdict, reasons = overall(results, ())
    assert verdict is Verdict.CHANGED
    assert reasons
    assert exit_code(verdict, results) == 1


UNTESTED = [
    (Kind.INFRA_ERROR, 7),
    (Kind.BUILD_FAILURE, 5),
    (Kind.UNSUPPORTED, 3),
    (Kind.FLAKY, 3),
    (Kind.DEPENDS_ON, 3),
]


@pytest.mark.parametrize(("kind", "code"), UNTESTED)
def test_pairs_that_could_not_be_tested_are_counted_and_named(kind: Kind, code: int) -> None:
    results = [SEEN, CURED, result(outcome(kind, reason="why"), WANTS_OK, "left out")]
    verdict, reasons = overall(results, ())
    assert (verdict, reasons) == (
        Verdict.REPRODUCED,
        ("1 of 3 pairs could not be tested", f"left out: {kind} in load (why)"),
    )
    assert exit_code(verdict, results) == code


@pytest.mark.parametrize(("kind", "code"), UNTESTED)
def test_without_any_failing_pair_tested_the_run_is_void(kind: Kind, code: int) -> None:
    results = [result(outcome(kind), WANTS_FAILURE), CURED]
    verdict, reasons = overall(results, ())
    assert verdict is Verdict.VOID
    assert reasons[0] == "no pair that shows the problem could be tested"
    assert exit_code(verdict, results) == code


def test_what_was_found_outranks_what_could_not_be_tested() -> None:
    results = [result(FAILS, WANTS_OK), SEEN, result(outcome(Kind.BUILD_FAILURE), WANTS_OK)]
    verdict, _ = overall(results, ())
    assert (verdict, exit_code(verdict, results)) == (Verdict.CHANGED, 1)


def test_a_build_failure_outranks_an_infra_error() -> None:
    results = [SEEN, result(outcome(Kind.INFRA_ERROR), WANTS_OK), result(outcome(Kind.BUILD_FAILURE), WANTS_OK)]
    assert exit_code(overall(results, ())[0], results) == 5


def test_an_unsupported_pair_that_was_expected_so_is_tested() -> None:
    wanted = Expectation(saver="a", loader="b", outcome=Kind.UNSUPPORTED)
    assert overall([result(outcome(Kind.UNSUPPORTED), wanted)], ()) == (Verdict.REPRODUCED, ())


def test_a_scenario_that_describes_no_problem_holds_or_changes() -> None:
    assert overall([CURED], ())[0] is Verdict.REPRODUCED
    assert overall([result(FAILS, WANTS_OK)], ())[0] is Verdict.CHANGED


def test_without_expectations_there_is_no_verdict_and_a_failure_still_shows() -> None:
    assert overall([result(OK, None)], ()) == (Verdict.NONE, ())
    assert exit_code(Verdict.NONE, [result(OK, None)]) == 0
    assert exit_code(Verdict.NONE, [result(FAILS, None)]) == 1
    assert exit_code(Verdict.NONE, [result(outcome(Kind.UNSUPPORTED), None)]) == 3


# A grid

LIKE, UNLIKE = {"verdict": AS_EXPECTED}, {"verdict": "differs: x"}


@pytest.mark.parametrize(
    ("seen", "ending"),
    [
        ([], Ending.FOUND),
        ([(OK, {}), (FAILS, {})], Ending.FOUND),
        ([(FAILS, LIKE), (OK, LIKE)], Ending.FOUND),
        ([(OK, LIKE), (FAILS, UNLIKE)], Ending.DIFFERENT),
        ([(outcome(Kind.UNSUPPORTED), UNLIKE), (OK, {})], Ending.FOUND),
        ([(outcome(Kind.FLAKY), {}), (OK, {})], Ending.FOUND),
        ([(outcome(Kind.BUILD_FAILURE), {}), (OK, {})], Ending.UNBUILT),
        ([(outcome(Kind.INFRA_ERROR), {}), (OK, {})], Ending.BROKEN),
        ([(outcome(Kind.INFRA_ERROR), {}), (FAILS, UNLIKE)], Ending.DIFFERENT),
    ],
)
def test_a_grid_ends_in_what_is_unlike_the_header_before_what_could_not_be_tried(
    seen: list[tuple[Outcome, dict[str, str]]], ending: Ending
) -> None:
    assert grid_ending([replace(result(one, None), **more) for one, more in seen]) is ending  # type: ignore[arg-type]


# Against a baseline


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        (OK, OK, "same"),
        (FAILS, FAILS, "same"),
        (FAILS, OK, "fixed"),
        (OK, FAILS, "regressed"),
        (FAILS, outcome(Kind.PY_EXCEPTION, signature="load:ValueError:2"), "changed failure"),
        (FAILS, outcome(Kind.NATIVE_CRASH, signature="load:SIGSEGV:1"), "changed failure"),
        (OK, outcome(Kind.DRIFT, Phase.COMPARE), "drifted"),
        (outcome(Kind.DRIFT, Phase.COMPARE), OK, "fixed"),
        (outcome(Kind.DRIFT, Phase.COMPARE), FAILS, "regressed"),
        (FAILS, outcome(Kind.DRIFT, Phase.COMPARE), "drifted"),
        (OK, outcome(Kind.INFRA_ERROR), "unknown"),
        (outcome(Kind.UNSUPPORTED), OK, "unknown"),
        (outcome(Kind.UNSUPPORTED), outcome(Kind.UNSUPPORTED), "same"),
    ],
)
def test_an_outcome_is_compared_with_an_earlier_one(before: Outcome, now: Outcome, word: str) -> None:
    assert compare_with(before, now) == word


def test_exact_to_close_is_no_change() -> None:
    assert compare_with(OK, Outcome(kind=Kind.OK, phase=Phase.INFER, reason="close")) == "same"


def test_one_of_two_problems_that_is_gone_is_a_change_and_the_other_is_still_there() -> None:
    one, other = result(OK, WANTS_FAILURE, "first"), result(FAILS, WANTS_FAILURE, "second")
    assert overall([one, other, CURED], ())[0] is Verdict.CHANGED
    crashed = result(outcome(Kind.NATIVE_CRASH), WANTS_FAILURE, "second")
    assert overall([one, crashed, CURED], ())[0] is Verdict.CHANGED


def test_a_failure_that_the_header_expects_of_a_named_pair_ends_with_0() -> None:
    seen = replace(result(FAILS, WANTS_FAILURE), verdict=AS_EXPECTED)
    assert exit_code(Verdict.NONE, [seen]) == 0
    assert exit_code(Verdict.NONE, [replace(seen, verdict="differs: x")]) == 1
