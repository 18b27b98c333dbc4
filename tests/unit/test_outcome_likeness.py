"""One problem told by labs of different age: what older ones signed is still known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import documents
from lab.model import Diff, Grade, Kind, Outcome, OutcomeChange, Phase, Run
from lab.model.bundle import Bundle
from lab.outcome.classify import EngineWord, classify, with_diffs
from lab.outcome.first_signature import first_signature
from lab.outcome.likeness import Problems, same_problem, signed_before
from lab.outcome.verdict import compare_with

GOLDEN = Path(__file__).parents[1] / "golden"
STORED = [
    *(
        one.outcome
        for path in sorted(GOLDEN.glob("issue/*.run.json"))
        for one in documents.json(path.read_bytes(), Run).trials
    ),
    *(one.trial.outcome for one in documents.json((GOLDEN / "schemas/bundle-1.json").read_bytes(), Bundle).cases),
]
OLD = [one for one in STORED if one.signature]
NAMES = [f"{number}-{one.signature}" for number, one in enumerate(OLD)]


def record(**more: object) -> dict[str, Any]:
    base = {"protocol": 1, "nonce": "n", "mode": "load", "phase": "load", "status": "exception", "exit_code": 0}
    return {**base, **more}


def today(old: Outcome, **more: object) -> Outcome:
    """What a guest of today would have made of the same failure."""
    if old.kind is Kind.NATIVE_CRASH:
        told = record(status="signal", signal=old.reason, phase=old.phase.value, **more)
    else:
        frames = [
            {"file": line.split('"')[1], "line": 1, "function": line.rpartition(" in ")[2]}
            for line in old.detail.splitlines()
            if line.lstrip().startswith('File "')
        ]
        error = {"type": old.type, "message": old.message, "traceback": old.detail, "frames": frames, **more}
        told = record(exception=error, phase=old.phase.value)
    return classify(told, nonce="n", engine=EngineWord(exit_code=0))


def test_there_are_stored_runs_of_older_labs_to_hold_this_against() -> None:
    assert len(OLD) >= 6
    assert {one.kind for one in OLD} >= {Kind.PY_EXCEPTION, Kind.NATIVE_CRASH}
    assert all(":v" not in one.signature for one in OLD)


@pytest.mark.parametrize("old", OLD, ids=NAMES)
def test_the_first_signature_of_a_stored_outcome_is_the_one_it_has(old: Outcome) -> None:
    assert first_signature(old) == old.signature


@pytest.mark.parametrize("old", OLD, ids=NAMES)
def test_a_stored_failure_that_is_seen_again_is_the_same(old: Outcome) -> None:
    new = today(old)
    assert ":v2-" in new.signature
    assert same_problem(old, new)
    assert same_problem(new, old)
    assert compare_with(old, new) is OutcomeChange.SAME


@pytest.mark.parametrize("old", OLD, ids=NAMES)
def test_a_stored_failure_is_not_taken_for_another(old: Outcome) -> None:
    new = today(old)
    others = [
        replace(new, phase=Phase.SAVE),
        replace(new, type="OtherError", message="it is another one"),
        replace(new, kind=Kind.TIMEOUT, reason="wall", type=""),
    ]
    assert [same_problem(old, other) for other in others] == [False] * len(others)


ERROR = next(one for one in OLD if one.kind is Kind.PY_EXCEPTION)
CRASH = next(one for one in OLD if one.kind is Kind.NATIVE_CRASH)
TRACE = "C++ Traceback (most recent call last):\n0   paddle::F(int)\n"


def test_a_stored_failure_is_known_with_its_causes() -> None:
    new = today(ERROR, causes=[{"type": "KeyError", "message": "'x'", "frames": []}])
    assert new.message.startswith("KeyError: 'x'")
    assert same_problem(ERROR, new)


def test_a_stored_failure_is_known_in_another_release_that_frames_it_otherwise() -> None:
    detail = ERROR.detail.replace("_build_load_path_and_config", "_another_function")
    assert detail != ERROR.detail
    assert same_problem(ERROR, today(replace(ERROR, detail=detail)))


def test_a_stored_failure_in_other_words_is_another() -> None:
    assert not same_problem(ERROR, today(replace(ERROR, message="the model has no such operator")))


def test_a_stored_signature_that_is_not_of_its_own_words_matches_nothing_else() -> None:
    forged = replace(ERROR, signature="load:ValueError:000000000000")
    assert not same_problem(forged, today(ERROR))


def test_a_stored_crash_without_a_stack_is_any_crash_by_that_signal_there() -> None:
    assert same_problem(CRASH, today(CRASH, cpp_traceback=TRACE))
    assert not same_problem(CRASH, replace(today(CRASH), type="SIGABRT"))


def test_two_crashes_of_today_are_told_apart_by_their_stacks() -> None:
    one, other = today(CRASH, cpp_traceback=TRACE), today(CRASH, cpp_traceback=TRACE.replace("F(", "G("))
    assert compare_with(one, other) is OutcomeChange.OTHER_FAILURE
    assert compare_with(one, today(CRASH, cpp_traceback=TRACE)) is OutcomeChange.SAME


def test_a_stored_crash_with_a_stack_is_that_one_alone() -> None:
    detail = 'Current thread 0x1 (most recent call first):\n  File "/a/paddle/x.py", line 3 in {}'
    old = replace(CRASH, detail=detail.format("f"))
    old = replace(old, signature=first_signature(old))
    assert same_problem(old, today(CRASH, faulthandler=detail.format("f")))
    assert not same_problem(old, today(CRASH, faulthandler=detail.format("g")))


def test_what_was_called_out_of_memory_and_is_an_exception_today_is_the_same() -> None:
    old = replace(ERROR, kind=Kind.OOM, reason="host", type="MemoryError", message="std::bad_alloc", detail="")
    old = replace(old, signature=first_signature(old))
    new = today(old)
    assert new.kind is Kind.PY_EXCEPTION
    assert same_problem(old, new)


@pytest.mark.parametrize("reason", ["values", "inf", "shape"])
def test_stored_wrong_numbers_are_known_by_how_they_were_wrong(reason: str) -> None:
    fine = Outcome(kind=Kind.OK, phase=Phase.INFER)
    new = with_diffs(fine, [Diff(output="y", grade=Grade.MISMATCH, reason=reason)])
    old = replace(new, signature=f"compare:numeric_mismatch:{reason}")
    assert same_problem(old, new)
    assert not same_problem(old, with_diffs(fine, [Diff(output="y", grade=Grade.MISMATCH, reason="nan")]))
    assert not same_problem(old, with_diffs(fine, [Diff(output="y", grade=Grade.DRIFT, reason=reason)]))


@pytest.mark.parametrize("status", ["timeout", "exited", "killed"])
def test_other_stored_ends_are_known(status: str) -> None:
    told = {
        "timeout": record(status="timeout", timeout="silent"),
        "exited": record(status="exited", exit_code=3),
        "killed": record(status="signal", signal=9, oom_kills=1),
    }[status]
    new = classify(told, nonce="n", engine=EngineWord(exit_code=0))
    old = replace(new, signature=first_signature(new))
    assert old.signature
    assert same_problem(old, new)


def test_a_failure_signed_by_a_newer_lab_is_not_guessed_at() -> None:
    new = today(ERROR)
    newer = replace(new, signature=new.signature.replace(":v2-", ":v9-"))
    assert not same_problem(new, newer)
    assert not same_problem(ERROR, newer)


def test_what_waits_for_a_save_that_failed_is_the_same_where_the_save_is() -> None:
    new = replace(
        today(ERROR), kind=Kind.DEPENDS_ON, phase=Phase.SAVE, message="the save failed: ValueError no model there"
    )
    old = replace(new, signature="save:ValueError:d1dfc721f229")
    assert same_problem(old, new)
    assert not same_problem(old, replace(new, message="the save failed: ValueError another reason it has"))


@pytest.mark.parametrize("old", OLD, ids=NAMES)
def test_a_signature_that_somebody_noted_is_known_again(old: Outcome) -> None:
    assert signed_before(today(old), old.signature)
    assert not signed_before(today(old), "")
    assert not signed_before(today(old), "load:ValueError:000000000000")


OUTCOMES = st.builds(
    Outcome, kind=st.sampled_from(Kind), phase=st.sampled_from(Phase), reason=st.sampled_from(["", "values"]),
    type=st.sampled_from(["", "E"]), message=st.text(max_size=9), detail=st.text(max_size=9),
    signature=st.sampled_from(["", "load:E:0123456789ab", "load:E:v2-0123456789ab", "load:E:v3-0123456789ab"]),
)  # fmt: skip


@given(one=OUTCOMES, other=OUTCOMES)
def test_likeness_goes_both_ways_and_everything_is_like_itself(one: Outcome, other: Outcome) -> None:
    assert same_problem(one, one)
    assert same_problem(one, other) == same_problem(other, one)


@pytest.mark.parametrize("old", OLD, ids=NAMES)
def test_one_problem_has_one_number_whoever_signed_it_first(old: Outcome) -> None:
    for pair in ((old, today(old)), (today(old), old)):
        problems = Problems()
        assert {problems.number(one) for one in pair} == {0}


def test_what_is_no_same_problem_has_a_number_of_its_own() -> None:
    problems = Problems()
    found = [problems.number(one) for one in OLD]
    assert len(set(found)) == len({(one.kind, one.signature) for one in OLD})
    assert [problems.number(one) for one in OLD] == found


def test_what_has_no_signature_is_told_by_its_message_and_what_one_lab_signed_alike_by_what_else_is_told_of_it() -> (
    None
):
    problems = Problems()
    plain = Outcome(kind=Kind.UNSUPPORTED, phase=Phase.PREPARE, message="no wheel")
    assert [problems.number(plain), problems.number(replace(plain, message="no device")), problems.number(plain)] == [
        0,
        1,
        0,
    ]
    assert problems.number(OLD[0], "a") != problems.number(OLD[0], "b")


def test_what_has_no_signature_is_never_what_has_one() -> None:
    waits = replace(today(ERROR), kind=Kind.DEPENDS_ON, phase=Phase.SAVE)
    assert not same_problem(waits, replace(waits, signature=""))


def test_another_kind_of_end_with_the_same_type_is_another_problem() -> None:
    assert not same_problem(ERROR, replace(today(ERROR), kind=Kind.NATIVE_CRASH))


def test_one_signature_of_one_lab_has_one_number_whatever_its_message_says() -> None:
    problems = Problems()
    new = today(ERROR)
    assert problems.number(new) == problems.number(new, "") == problems.number(replace(new, message="at 0x1"))


TRACED = """Traceback (most recent call last):
  File "/s/paddle/base/a.py", line 1, in {before}
KeyError: 'y'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/s/{root}/jit/{file}.py", line 1, in {inside}
KeyError: 'x'
"""
TOLD = {"before": "open", "root": "paddle", "file": "api", "inside": "load"}


def older(message: str, **told: str) -> Outcome:
    old = replace(ERROR, type="KeyError", message=message, detail=TRACED.format(**{**TOLD, **told}))
    return replace(old, signature=first_signature(old))


def seen(old: Outcome, **told: str) -> Outcome:
    """The same today, from another place."""
    words = {**TOLD, **told}
    last = [{"file": f"/s/{words['root']}/jit/{words['file']}.py", "line": 1, "function": words["inside"]}]
    return today(replace(old, detail=TRACED.format(**words)), frames=last)


@pytest.mark.parametrize("message", ["'x'", "there is no such key"])
def test_of_an_older_outcome_whose_words_are_pythons_the_function_it_came_from_counts(message: str) -> None:
    old = older(message)
    assert same_problem(old, seen(old))
    assert same_problem(old, seen(old, file="moved"))
    assert not same_problem(old, seen(old, inside="save"))


def test_only_the_stack_of_what_was_raised_in_the_end_counts() -> None:
    old = older("'x'")
    assert same_problem(old, seen(old, file="moved", before="another"))
    outside = older("there is no such key\n  [Hint: Expected one.]", root="other")
    hinted = replace(outside, message="there is no such key\n  [Hint: Expected another.]")
    assert same_problem(outside, seen(hinted, root="other", before="another"))
