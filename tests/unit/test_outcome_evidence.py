"""What a comparison is worth: by hand, and that nothing is claimed over any set of outputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Diff, Grade, Kind, Metrics, Outcome, Phase
from lab.outcome.classify import with_diffs
from lab.outcome.evidence import agree, undecided, unshown
from lab.outcome.words import message_lines, numbers, outcome_words, severity

OK = Outcome(kind=Kind.OK, phase=Phase.INFER)
ZERO = "every element is zero"


def one(grade: Grade, *, blank: str = "", reason: str = "", name: str = "y", error: float | None = 0.5) -> Diff:
    metrics = Metrics(size=2, max_abs=error, mismatched=0.5, ulp=1)
    return Diff(output=name, grade=grade, blank=blank, reason=reason, metrics=metrics)


DIFFS = st.lists(
    st.builds(one, st.sampled_from(Grade), blank=st.sampled_from(["", ZERO]), name=st.sampled_from("abc")), max_size=4
)


@given(DIFFS)
def test_answers_agree_only_where_every_output_does_and_one_shows_it(diffs: list[Diff]) -> None:
    grades = {diff.grade for diff in diffs}
    shown = [diff for diff in diffs if not diff.blank]
    assert agree(diffs) == (bool(shown) and grades <= {Grade.EXACT, Grade.CLOSE})
    assert not (agree(diffs) and undecided(diffs))
    assert len(unshown(diffs)) == len(diffs) - len(shown)


@given(DIFFS.filter(bool))
def test_every_comparison_is_one_of_the_same_different_or_undecided(diffs: list[Diff]) -> None:
    outcome = with_diffs(OK, diffs)
    assert outcome.ok == agree(diffs)
    assert outcome.kind.differs == any(diff.grade in {Grade.DRIFT, Grade.MISMATCH} for diff in diffs)
    assert (outcome.kind is Kind.UNDECIDED) == undecided(diffs)
    assert outcome.ok + outcome.kind.differs + (outcome.kind is Kind.UNDECIDED) == 1


@given(DIFFS.filter(bool))
def test_equal_numbers_that_show_nothing_are_never_shown_as_plainly_equal(diffs: list[Diff]) -> None:
    if numbers(tuple(diffs)) in {"exact", "close (0.5)"}:
        assert agree(diffs)


def test_what_shows_nothing_beside_an_output_that_does_is_no_hindrance() -> None:
    assert with_diffs(OK, [one(Grade.EXACT, blank=ZERO), one(Grade.CLOSE)]).ok


@pytest.mark.parametrize("grade", [Grade.EXACT, Grade.CLOSE])
def test_outputs_that_all_show_nothing_decide_nothing_and_say_why(grade: Grade) -> None:
    outcome = with_diffs(OK, [one(grade, blank=ZERO), one(grade, blank="it has no element", name="z")])
    assert (outcome.kind, outcome.phase) == (Kind.UNDECIDED, Phase.COMPARE)
    assert outcome.message.splitlines() == ["output y: every element is zero", "output z: it has no element"]
    assert (outcome_words(outcome), outcome.kind.exit_code) == ("undecided", 3)


def test_one_output_that_differs_and_cannot_be_judged_leaves_the_trial_undecided() -> None:
    outcome = with_diffs(OK, [one(Grade.EXACT), one(Grade.UNDECIDED, blank="the reference is zero", name="z")])
    assert (outcome.kind, outcome.message) == (Kind.UNDECIDED, "output z: the reference is zero")


def test_a_mismatch_decides_whatever_else_shows_nothing() -> None:
    diffs = [one(Grade.UNDECIDED, blank="x"), one(Grade.MISMATCH, reason="values"), one(Grade.EXACT, blank=ZERO)]
    assert with_diffs(OK, diffs).kind is Kind.NUMERIC_MISMATCH


def test_every_differing_output_is_named_the_worst_first() -> None:
    diffs = [
        one(Grade.DRIFT, name="drifts"),
        one(Grade.EXACT, name="same"),
        one(Grade.MISMATCH, reason="values", name="wrong"),
        one(Grade.MISMATCH, reason="inf", name="infinite"),
    ]
    said = message_lines(with_diffs(OK, diffs))
    assert [line.split(";")[0].split(" (")[0] for line in said] == [
        "output infinite: inf",
        "output wrong: values",
        "output drifts: drift",
    ]


def test_of_very_many_differing_outputs_the_last_ones_are_only_named() -> None:
    said = message_lines(with_diffs(OK, [one(Grade.MISMATCH, reason="values", name=f"o{n}") for n in range(15)]))
    assert len(said) == 13
    assert said[-1] == "and 3 more: o12, o13, o14"


@pytest.mark.parametrize(("reason", "said"), [("inf", "mismatch (Inf)"), ("nan", "mismatch (NaN)")])
def test_a_fault_that_is_no_finite_number_is_shown_as_what_it_is(reason: str, said: str) -> None:
    assert numbers((one(Grade.MISMATCH, reason="values", error=9.0), one(Grade.MISMATCH, reason=reason))) == said


def test_an_error_that_overflowed_is_not_shown_as_zero() -> None:
    assert numbers((one(Grade.MISMATCH, reason="values", error=None),)) == "mismatch (overflow)"


@given(DIFFS, DIFFS)
def test_of_two_comparisons_the_one_with_the_worse_grade_is_the_worse(left: list[Diff], right: list[Diff]) -> None:
    order = list(Grade)
    worst = [max((order.index(diff.grade) for diff in side), default=-1) for side in (left, right)]
    if worst[0] != worst[1]:
        assert (severity(tuple(left)) < severity(tuple(right))) == (worst[0] < worst[1])
