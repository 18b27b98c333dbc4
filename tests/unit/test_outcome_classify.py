"""From what guest and engine say to an Outcome, whatever they say."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model import Diff, Grade, Kind, Metrics, Outcome, Phase, Worst
from lab.outcome.classify import EngineWord, classify, unreadable, with_diffs
from lab.outcome.signature import crash_signature, signature

NONCE = "f00d"
DONE = EngineWord(exit_code=0)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, object] = {
    "protocol": 1,
    "nonce": NONCE,
    "mode": "load",
    "phase": "done",
    "status": "ok",
    "exit_code": 0,
    "signal": None,
    "timeout": None,
    "reason": None,
    "exception": None,
    "faulthandler": "",
    "oom_kills": 0,
    "peak_memory": 1,
    "phases": {"import": 1.0},
    "facts": {},
}
ERROR = {
    "type": "ValueError",
    "module": "builtins",
    "message": "The path (/x) to load model not exists",
    "traceback": "Traceback ...",
    "frames": [{"file": "/s/paddle/jit/api.py", "line": 3, "function": "load"}],
}


def outcome_of(engine: EngineWord = DONE, **changed: object) -> Outcome:
    return classify({**GOOD, **changed}, nonce=NONCE, engine=engine)


def without_record(engine: EngineWord, phase: Phase = Phase.LOAD) -> Outcome:
    return classify(None, nonce=NONCE, engine=engine, phase=phase)


def test_a_load_that_is_done_is_ok() -> None:
    assert outcome_of() == Outcome(kind=Kind.OK, phase=Phase.INFER)


def test_a_save_that_is_done_is_ok_in_save() -> None:
    assert outcome_of(mode="save").phase is Phase.SAVE


def test_an_exception_keeps_type_message_traceback_and_signature() -> None:
    outcome = outcome_of(status="exception", phase="load", exception=ERROR)
    assert (outcome.kind, outcome.phase, outcome.type) == (Kind.PY_EXCEPTION, Phase.LOAD, "ValueError")
    assert (outcome.message, outcome.detail) == (ERROR["message"], "Traceback ...")
    assert outcome.signature.startswith("load:ValueError:")


def test_a_failed_import_is_in_prepare() -> None:
    error = {**ERROR, "type": "ImportError", "message": "libgomp.so.1"}
    outcome = outcome_of(status="exception", phase="import", exception=error)
    assert (outcome.kind, outcome.phase) == (Kind.PY_EXCEPTION, Phase.PREPARE)


@pytest.mark.parametrize(
    ("kind", "message", "reason"),
    [
        ("RuntimeError", "ResourceExhaustedError: Fail to alloc memory of 8 size", "host"),
        ("SystemError", "ResourceExhausted: Out of memory error on GPU 0. Cannot allocate", "device"),
    ],
)
def test_an_allocator_that_says_it_has_no_memory_is_out_of_memory(kind: str, message: str, reason: str) -> None:
    error = {**ERROR, "type": kind, "message": message}
    outcome = outcome_of(status="exception", phase="infer", exception=error)
    assert (outcome.kind, outcome.reason, outcome.type) == (Kind.OOM, reason, kind)


LIMITED = EngineWord(exit_code=0, memory_limit=4 << 30)
KILLED = EngineWord(exit_code=0, memory_limit=4 << 30, oom_killed=True)


@pytest.mark.parametrize(
    ("kind", "message"), [("MemoryError", ""), ("MemoryError", "std::bad_alloc"), ("X", "std::bad_alloc")]
)
@pytest.mark.parametrize(
    ("engine", "peak", "kills", "seen"),
    [
        (LIMITED, 253 << 20, 0, Kind.PY_EXCEPTION),
        (DONE, 253 << 40, 0, Kind.PY_EXCEPTION),
        (LIMITED, 4 << 30, 0, Kind.OOM),
        (LIMITED, 253 << 20, 1, Kind.OOM),
        (KILLED, 253 << 20, 0, Kind.OOM),
    ],
)
def test_a_failed_allocation_is_out_of_memory_only_with_evidence(
    kind: str, message: str, engine: EngineWord, peak: int, kills: int, seen: Kind
) -> None:
    error = {**ERROR, "type": kind, "message": message}
    outcome = outcome_of(engine, status="exception", phase="load", exception=error, peak_memory=peak, oom_kills=kills)
    assert (outcome.kind, outcome.type, outcome.message) == (seen, kind, message)
    assert outcome.reason == ("host" if seen is Kind.OOM else "")


CAUSES = [
    {"type": "ValueError", "module": "builtins", "message": "Only version 0 SelectedRows", "frames": []},
    {"type": "UnpicklingError", "module": "_pickle", "message": "pickle data was truncated", "frames": None},
]


def test_a_chain_of_exceptions_is_told_from_its_root_and_signed_as_a_whole() -> None:
    outcome = outcome_of(status="exception", phase="load", exception={**ERROR, "causes": CAUSES})
    assert outcome.type == "ValueError"
    assert outcome.message == (
        "UnpicklingError: pickle data was truncated\n"
        "which led to ValueError: Only version 0 SelectedRows\n"
        "which led to ValueError: The path (/x) to load model not exists"
    )
    others = [{**ERROR, "causes": []}, {**ERROR, "causes": CAUSES[:1]}, {**ERROR, "causes": CAUSES[::-1]}]
    signed = {outcome_of(status="exception", phase="load", exception=one).signature for one in others}
    assert len(signed | {outcome.signature}) == 4


@pytest.mark.parametrize(
    "causes", ["x", 1, [1], [{"type": 1}], [{"message": []}], [{"frames": "x"}], [{}] * 51, {"type": "E"}]
)
def test_causes_of_another_form_are_a_broken_protocol(causes: object) -> None:
    outcome = outcome_of(status="exception", phase="load", exception={**ERROR, "causes": causes})
    assert (outcome.kind, outcome.reason) == (Kind.INFRA_ERROR, "protocol")


def test_a_crash_says_the_function_it_died_in_and_keeps_both_stacks() -> None:
    cpp = (
        "C++ Traceback (most recent call last):\n0   paddle::F::Run(int)\n\n-----\nError Message Summary:\n-----\nFatal"
    )
    python = 'Current thread 0x1 (most recent call first):\n  File "/x/a.py", line 3 in f'
    outcome = outcome_of(status="signal", phase="load", signal=11, cpp_traceback=cpp, faulthandler=python)
    assert outcome.message == "the process was ended by SIGSEGV in paddle::F::Run"
    assert outcome.detail == f"{cpp}\n\n{python}"
    assert outcome.signature == crash_signature("load", "SIGSEGV", cpp)
    alone = outcome_of(status="signal", phase="load", signal=11, faulthandler=python)
    assert alone.message == "the process was ended by SIGSEGV in a:f"
    assert alone.signature != outcome.signature


def test_both_stacks_of_a_crash_stay_where_one_is_very_long() -> None:
    cpp = "C++ Traceback (most recent call last):\n" + "0   paddle::F::Run(int)\n" * 20_000
    outcome = outcome_of(
        status="signal", phase="load", signal=11, cpp_traceback=cpp, faulthandler="Fatal Python error: x"
    )
    assert outcome.detail.endswith("Fatal Python error: x")
    assert len(outcome.detail) < 20_000


@pytest.mark.parametrize("number", [11, "SIGSEGV"])
def test_a_signal_is_a_native_crash_with_its_name(number: object) -> None:
    outcome = outcome_of(status="signal", phase="load", signal=number, faulthandler="Fatal Python error: x")
    assert (outcome.kind, outcome.reason, outcome.type) == (Kind.NATIVE_CRASH, "SIGSEGV", "SIGSEGV")
    assert outcome.detail == "Fatal Python error: x"


@pytest.mark.parametrize(("engine", "kills"), [(EngineWord(exit_code=0, oom_killed=True), 0), (DONE, 1)])
def test_sigkill_with_evidence_is_out_of_memory(engine: EngineWord, kills: int) -> None:
    outcome = outcome_of(engine, status="signal", phase="infer", signal=9, oom_kills=kills)
    assert (outcome.kind, outcome.reason) == (Kind.OOM, "host")


def test_sigkill_without_evidence_is_a_native_crash() -> None:
    outcome = outcome_of(status="signal", phase="infer", signal=9)
    assert (outcome.kind, outcome.reason) == (Kind.NATIVE_CRASH, "SIGKILL")


def test_a_segfault_beside_an_oom_flag_stays_a_segfault() -> None:
    outcome = outcome_of(EngineWord(exit_code=0, oom_killed=True), status="signal", phase="infer", signal=11)
    assert outcome.reason == "SIGSEGV"


def test_ok_beside_an_oom_flag_is_ok_with_a_warning() -> None:
    outcome = outcome_of(EngineWord(exit_code=0, oom_killed=True))
    assert (outcome.kind, outcome.warnings) == (Kind.OK, ("oom_child",))


@pytest.mark.parametrize("code", [0, 3])
def test_a_process_that_ends_itself_is_an_exception_of_kind_exit(code: int) -> None:
    outcome = outcome_of(status="exited", phase="load", exit_code=code)
    assert (outcome.kind, outcome.type, outcome.reason) == (Kind.PY_EXCEPTION, "SystemExit", "exited")
    assert f"exit code {code} " in outcome.message


@pytest.mark.parametrize("reason", ["wall", "silent"])
def test_a_timeout_says_which_limit(reason: str) -> None:
    outcome = outcome_of(status="timeout", phase="infer", timeout=reason)
    assert (outcome.kind, outcome.reason) == (Kind.TIMEOUT, reason)


def test_the_two_timeouts_have_signatures_of_their_own() -> None:
    wall, silent = (outcome_of(status="timeout", phase="infer", timeout=word).signature for word in ("wall", "silent"))
    assert wall != silent


@pytest.mark.parametrize(
    ("status", "reason"), [("output_limit", "disk"), ("bad_output", "protocol"), ("contract", "protocol")]
)
def test_what_the_lab_could_not_use_is_an_infra_error_with_the_guests_sentence(status: str, reason: str) -> None:
    outcome = outcome_of(status=status, phase="infer", reason="output y is a list\x1b[2J")
    assert (outcome.kind, outcome.reason, outcome.message) == (Kind.INFRA_ERROR, reason, "output y is a list")


def test_unsupported_names_what_is_missing() -> None:
    outcome = outcome_of(status="unsupported", phase="import", reason="flags unknown: FLAGS_use_cinn")
    assert (outcome.kind, outcome.reason) == (Kind.UNSUPPORTED, "flags unknown: FLAGS_use_cinn")


# Who is believed when signs conflict


def test_a_container_that_had_to_be_ended_from_outside_is_the_engines_failure_and_not_paddles() -> None:
    engine = EngineWord(exit_code=137, timed_out=True)
    outcome = without_record(engine)
    assert (outcome.kind, outcome.reason) == (Kind.INFRA_ERROR, "engine")
    assert "the engine stood still" in outcome.message


def test_time_is_told_by_the_guests_own_clock() -> None:
    """An engine that was asleep comes late to say what the guest has long written down."""
    late = EngineWord(exit_code=0, timed_out=True)
    assert outcome_of(late, status="ok", phase="done").kind is Kind.OK
    for word in ("wall", "silent"):
        outcome = outcome_of(late, status="timeout", timeout=word)
        assert (outcome.kind, outcome.reason) == (Kind.TIMEOUT, word)


def test_an_engine_error_outranks_the_record() -> None:
    engine = EngineWord(exit_code=137, oom_killed=True, error="daemon is gone")
    for outcome in (outcome_of(engine, status="signal", signal=9), without_record(engine)):
        assert (outcome.kind, outcome.reason, outcome.message) == (Kind.INFRA_ERROR, "engine", "daemon is gone")


@pytest.mark.parametrize(
    ("engine", "kind", "reason"),
    [
        (EngineWord(exit_code=137, oom_killed=True), Kind.OOM, "host"),
        (EngineWord(exit_code=139), Kind.NATIVE_CRASH, "SIGSEGV"),
        (EngineWord(exit_code=134), Kind.NATIVE_CRASH, "SIGABRT"),
        (EngineWord(exit_code=132), Kind.NATIVE_CRASH, "SIGILL"),
        (EngineWord(exit_code=133), Kind.NATIVE_CRASH, "SIGTRAP"),
        (EngineWord(exit_code=135), Kind.NATIVE_CRASH, "SIGBUS"),
        (EngineWord(exit_code=136), Kind.NATIVE_CRASH, "SIGFPE"),
        (EngineWord(exit_code=159), Kind.NATIVE_CRASH, "SIGSYS"),
        (EngineWord(exit_code=137), Kind.INFRA_ERROR, "protocol"),
        (EngineWord(exit_code=143), Kind.INFRA_ERROR, "protocol"),
        (EngineWord(exit_code=0), Kind.INFRA_ERROR, "protocol"),
        (EngineWord(exit_code=0, oom_killed=True), Kind.INFRA_ERROR, "protocol"),
        (EngineWord(), Kind.INFRA_ERROR, "protocol"),
    ],
)
def test_without_a_record_the_engines_word_is_the_fallback(engine: EngineWord, kind: Kind, reason: str) -> None:
    outcome = without_record(engine)
    assert (outcome.kind, outcome.reason, outcome.phase) == (kind, reason, Phase.LOAD)


@pytest.mark.parametrize("changed", [{"nonce": "0bad"}, {"nonce": None}, {"protocol": 2}, {"protocol": True}])
def test_a_record_of_somebody_else_is_not_believed(changed: dict[str, object]) -> None:
    outcome = outcome_of(DONE, **changed)
    assert (outcome.kind, outcome.reason) == (Kind.INFRA_ERROR, "protocol")


def test_an_empty_nonce_proves_nothing() -> None:
    outcome = classify({**GOOD, "nonce": ""}, nonce="", engine=DONE)
    assert outcome.reason == "protocol"


# Hostile records


@pytest.mark.parametrize(
    "changed",
    [
        {"phase": "lunch"},
        {"phase": None},
        {"status": "fine"},
        {"status": ["ok"]},
        {"exit_code": "0"},
        {"exit_code": True},
        {"exit_code": 10**5000},
        {"signal": "SIGNONE"},
        {"signal": 10**5000},
        {"signal": -9},
        {"oom_kills": 1.5},
        {"peak_memory": {}},
        {"phases": []},
        {"facts": "x"},
        {"faulthandler": b"x"},
        {"reason": 3},
        {"timeout": "lunch"},
        {"exception": "x"},
        {"exception": {**ERROR, "frames": "abc"}},
        {"exception": {**ERROR, "frames": ["abc"]}},
        {"exception": {**ERROR, "frames": [{"file": 3}]}},
        {"exception": {**ERROR, "frames": [{"line": "3"}]}},
        {"exception": {**ERROR, "message": None, "type": 3}},
        {"status": "exception"},
        {"status": "signal"},
        {"status": "signal", "signal": 0},
    ],
)
def test_a_record_of_the_wrong_form_is_an_infra_error(changed: dict[str, object]) -> None:
    outcome = outcome_of(DONE, **changed)
    assert (outcome.kind, outcome.reason) == (Kind.INFRA_ERROR, "protocol")
    assert "record" in outcome.message


@given(record=JSON)
def test_no_json_whatever_makes_an_exception(record: Any) -> None:
    assert classify(record, nonce=NONCE, engine=DONE).kind is Kind.INFRA_ERROR


@given(changed=st.dictionaries(st.sampled_from(sorted(GOOD)), JSON, min_size=1, max_size=4))
def test_a_good_record_with_anything_in_its_fields_makes_no_exception(changed: dict[str, object]) -> None:
    assert outcome_of(DONE, **changed).kind in set(Kind)


@given(error=st.fixed_dictionaries(dict.fromkeys(ERROR, JSON)), status=st.sampled_from(["exception", "ok"]))
def test_an_exception_with_anything_in_its_fields_makes_no_exception(error: object, status: str) -> None:
    assert outcome_of(status=status, exception=error).kind in set(Kind)


@given(text=st.text())
def test_text_of_a_record_is_clean_in_the_outcome(text: str) -> None:
    error = {**ERROR, "type": text, "message": text, "traceback": text}
    outcome = outcome_of(status="exception", phase="load", exception=error, faulthandler=text)
    for said in (outcome.type, outcome.message, outcome.detail, outcome.signature):
        assert not set(said) & {"\x1b", "\x00", "\x07", "\r"}


def test_a_message_of_megabytes_is_cut() -> None:
    outcome = outcome_of(status="exception", exception={**ERROR, "message": "x" * 10**6, "traceback": "y" * 10**6})
    assert len(outcome.message) <= 2_000
    assert len(outcome.detail) <= 16_000


# Diffs

OK = Outcome(kind=Kind.OK, phase=Phase.INFER)


def diff(grade: Grade, reason: str = "", output: str = "y") -> Diff:
    return Diff(output=output, grade=grade, reason=reason)


@pytest.mark.parametrize(
    ("diffs", "kind", "reason", "phase"),
    [
        ([diff(Grade.EXACT)], Kind.OK, "exact", Phase.INFER),
        ([diff(Grade.EXACT), diff(Grade.CLOSE)], Kind.OK, "close", Phase.INFER),
        ([diff(Grade.DRIFT), diff(Grade.CLOSE)], Kind.DRIFT, "values", Phase.COMPARE),
        ([diff(Grade.DRIFT), diff(Grade.MISMATCH, "nan")], Kind.NUMERIC_MISMATCH, "nan", Phase.COMPARE),
        (
            [diff(Grade.MISMATCH, "values"), diff(Grade.MISMATCH, "missing")],
            Kind.NUMERIC_MISMATCH,
            "missing",
            Phase.COMPARE,
        ),
    ],
)
def test_numbers_decide_what_a_load_that_worked_is(diffs: list[Diff], kind: Kind, reason: str, phase: Phase) -> None:
    outcome = with_diffs(OK, diffs)
    assert (outcome.kind, outcome.reason, outcome.phase) == (kind, reason, phase)


def test_a_mismatch_says_where_and_by_how_much() -> None:
    metrics = Metrics(size=4, mismatched=0.25, worst_abs=Worst(index=(0, 3), reference="1.0", candidate="1.01"))
    wrong = Diff(output="y", grade=Grade.MISMATCH, reason="values", metrics=metrics)
    said = with_diffs(OK, [wrong]).message
    assert said == "output y: values; 25 % of the elements differ, worst at [0, 3]: 1.01 instead of 1.0"


def test_a_failed_load_is_not_changed_by_diffs() -> None:
    failed = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.LOAD)
    assert with_diffs(failed, [diff(Grade.MISMATCH, "values")]) is failed


def test_ok_without_outputs_stays_ok() -> None:
    assert with_diffs(OK, []) is OK


def test_a_crash_is_signed_by_its_phase_its_signal_and_its_trace() -> None:
    record = {**GOOD, "status": "signal", "signal": 11, "phase": "load"}
    outcome = classify(record, nonce=NONCE, engine=DONE)
    assert outcome.signature == signature("load", "SIGSEGV", "", ())


def test_what_is_less_wrong_beside_the_worst_does_not_count() -> None:
    fine = Outcome(kind=Kind.OK, phase=Phase.INFER)
    worst, drift = Diff(output="y", grade=Grade.MISMATCH, reason="inf"), Diff(output="z", grade=Grade.DRIFT)
    alone = with_diffs(fine, [worst])
    assert alone.signature.startswith("compare:numeric_mismatch:inf:v2-")
    assert with_diffs(fine, [drift, worst]).signature == alone.signature
    assert with_diffs(fine, [worst, replace(worst, output="z")]).signature != alone.signature
    assert with_diffs(fine, [drift]).signature.startswith("compare:drift:values:v2-")


# The whole outcome, word by word: stored runs and known problems hold these


WHOLE: dict[str, tuple[Callable[[], Outcome], Outcome]] = {
    "it ended itself": (
        lambda: outcome_of(status="exited", phase="load", exit_code=3),
        Outcome(
            kind=Kind.PY_EXCEPTION,
            phase=Phase.LOAD,
            reason="exited",
            type="SystemExit",
            message="the process ended itself with exit code 3 before it was done",
            signature="load:SystemExit:v2-24e678e641f2",
        ),
    ),
    "it took too long": (
        lambda: outcome_of(status="timeout", phase="infer"),
        Outcome(
            kind=Kind.TIMEOUT,
            phase=Phase.INFER,
            reason="wall",
            message="infer did not finish within its limit and was stopped",
            signature="infer:timeout:v2-90b10aab2738",
        ),
    ),
    "it was silent": (
        lambda: outcome_of(status="timeout", phase="infer", timeout="silent"),
        Outcome(
            kind=Kind.TIMEOUT,
            phase=Phase.INFER,
            reason="silent",
            message="infer gave no sign of life within its limit and was stopped",
            signature="infer:timeout:v2-2220431a875f",
        ),
    ),
    "the kernel ended the guest": (
        lambda: outcome_of(EngineWord(exit_code=0, oom_killed=True), status="signal", phase="load", signal=9),
        Outcome(
            kind=Kind.OOM,
            phase=Phase.LOAD,
            reason="host",
            type="SIGKILL",
            message="killed because the memory limit was used up",
            signature="load:oom:v2-44a373a4eddf",
        ),
    ),
    "the kernel ended the container": (
        lambda: without_record(EngineWord(exit_code=137, oom_killed=True)),
        Outcome(
            kind=Kind.OOM,
            phase=Phase.LOAD,
            reason="host",
            type="SIGKILL",
            message="the container was killed because it used up its memory limit",
            signature="load:oom:v2-44a373a4eddf",
        ),
    ),
    "something is missing": (
        lambda: outcome_of(status="unsupported", phase="import", reason="flags unknown: FLAGS_use_cinn"),
        Outcome(
            kind=Kind.UNSUPPORTED,
            phase=Phase.PREPARE,
            reason="flags unknown: FLAGS_use_cinn",
            message="flags unknown: FLAGS_use_cinn",
        ),
    ),
    "an exception": (
        lambda: outcome_of(status="exception", phase="load", exception=ERROR),
        Outcome(
            kind=Kind.PY_EXCEPTION,
            phase=Phase.LOAD,
            type="ValueError",
            message="The path (/x) to load model not exists",
            signature="load:ValueError:v2-f3c706d960a0",
            detail="Traceback ...",
        ),
    ),
    "a crash without a stack": (
        lambda: outcome_of(status="signal", phase="load", signal=11),
        Outcome(
            kind=Kind.NATIVE_CRASH,
            phase=Phase.LOAD,
            reason="SIGSEGV",
            type="SIGSEGV",
            message="the process was ended by SIGSEGV",
            signature="load:SIGSEGV:v2-9ecb00a6232a",
        ),
    ),
    "a signal without a name": (
        lambda: outcome_of(status="signal", phase="load", signal=63),
        Outcome(
            kind=Kind.NATIVE_CRASH,
            phase=Phase.LOAD,
            reason="signal 63",
            type="signal 63",
            message="the process was ended by signal 63",
            signature="load:signal_63:v2-1a9fe620df2e",
        ),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_field_of_an_outcome_is_as_runs_have_stored_it(name: str) -> None:
    seen, whole = WHOLE[name]
    assert seen() == whole


@pytest.mark.parametrize(
    ("seen", "phase", "reason", "message"),
    [
        (lambda: outcome_of(status="output_limit", phase="infer"), Phase.INFER, "disk", "the step wrote more than its output limit allows"),
        (lambda: outcome_of(status="contract", phase="infer"), Phase.INFER, "protocol", "the guest reports contract"),
        (
            lambda: outcome_of(status="exception", phase="load", exception={**ERROR, "errno": "ENOSPC"}),
            Phase.LOAD,
            "disk",
            "there was no room to write: ValueError: The path (/x) to load model not exists",
        ),
        (
            lambda: outcome_of(EngineWord(exit_code=1), phase="load"),
            Phase.PREPARE,
            "protocol",
            "there is a record, and the supervisor did not end as one that wrote it; the container ended with exit code 1",
        ),
        (lambda: outcome_of(EngineWord(error="gone"), phase="load"), Phase.LOAD, "engine", "gone"),
        (lambda: without_record(EngineWord(error="gone"), Phase.SAVE), Phase.SAVE, "engine", "gone"),
        (
            lambda: without_record(EngineWord(exit_code=3), Phase.SAVE),
            Phase.SAVE,
            "protocol",
            "the guest left no record; the container ended with exit code 3",
        ),
        (lambda: without_record(EngineWord(), Phase.SAVE), Phase.SAVE, "protocol", "the guest left no record"),
        (
            lambda: without_record(EngineWord(timed_out=True), Phase.SAVE),
            Phase.SAVE,
            "engine",
            "the container did not end long after its own limit, and its guest told nothing: the engine stood still",
        ),
    ],
)  # fmt: skip
def test_what_the_lab_could_not_find_out_is_said_with_where_and_why(
    seen: Callable[[], Outcome], phase: Phase, reason: str, message: str
) -> None:
    assert seen() == Outcome(kind=Kind.INFRA_ERROR, phase=phase, reason=reason, message=message)


def test_a_record_beside_another_exit_code_leaves_the_word_to_the_engine_and_the_phase_to_who_asked() -> None:
    engine = EngineWord(exit_code=139)
    outcome = classify({**GOOD, "phase": "load"}, nonce=NONCE, engine=engine, phase=Phase.SAVE)
    assert (outcome.kind, outcome.reason, outcome.phase) == (Kind.NATIVE_CRASH, "SIGSEGV", Phase.SAVE)


def test_what_cannot_be_read_is_the_labs_failure_and_keeps_the_warnings() -> None:
    fine = replace(OK, warnings=("oom_child",))
    assert unreadable(fine, "no zip file") == Outcome(
        kind=Kind.INFRA_ERROR, phase=Phase.COMPARE, reason="protocol", message="no zip file", warnings=("oom_child",)
    )


@pytest.mark.parametrize(
    ("seen", "field", "most"),
    [
        (lambda: outcome_of(status="exception", exception={**ERROR, "type": "E" * 999}), "type", 200),
        (lambda: outcome_of(status="exception", exception={**ERROR, "traceback": "y" * 99_999}), "detail", 16_000),
        (lambda: outcome_of(status="unsupported", phase="import", reason="r" * 999), "reason", 400),
        (lambda: outcome_of(status="contract", phase="infer", reason="r" * 9_999), "message", 2_000),
        (lambda: outcome_of(status="signal", signal=11, cpp_traceback="y" * 99_999), "detail", 8_000),
    ],
)
def test_text_of_any_length_is_cut_to_the_length_that_is_kept(
    seen: Callable[[], Outcome], field: str, most: int
) -> None:
    assert len(getattr(seen(), field)) == most


def test_an_output_that_is_not_there_on_one_side_says_which() -> None:
    only = Diff(output="y", grade=Grade.MISMATCH, reason="missing", reference="float32 [2]")
    assert with_diffs(OK, [only]).message == "output y: missing (reference float32 [2], candidate none)"
    extra = Diff(output="y", grade=Grade.MISMATCH, reason="extra", candidate="float32 [2]")
    assert with_diffs(OK, [extra]).message == "output y: extra (reference none, candidate float32 [2])"


def test_a_share_that_nobody_counted_is_not_told() -> None:
    metrics = Metrics(size=4, worst_abs=Worst(index=(3,), reference="a", candidate="b"))
    wrong = Diff(output="y", grade=Grade.MISMATCH, reason="values", metrics=metrics)
    assert with_diffs(OK, [wrong]).message == "output y: values; worst at [3]: b instead of a"


def test_an_output_without_a_reason_is_signed_as_wrong_values() -> None:
    bare = with_diffs(OK, [diff(Grade.MISMATCH)])
    assert bare.signature == with_diffs(OK, [diff(Grade.MISMATCH, "values")]).signature
    assert bare.signature != with_diffs(OK, [diff(Grade.MISMATCH, "nan")]).signature


def test_numbers_that_show_nothing_are_undecided_and_signed_so() -> None:
    found = with_diffs(OK, [diff(Grade.UNDECIDED)])
    assert (found.kind, found.phase, found.signature) == (Kind.UNDECIDED, Phase.COMPARE, "compare:undecided")


def test_however_many_outputs_differ_the_message_is_cut() -> None:
    many = [diff(Grade.MISMATCH, "values", output="y" * 300 + str(number)) for number in range(40)]
    assert len(with_diffs(OK, many).message) == 2_000
    blank = [replace(diff(Grade.UNDECIDED, output="y" * 300), blank="it is zero everywhere")] * 40
    assert 1_900 < len(with_diffs(OK, blank).message) <= 2_000


def test_the_function_a_crash_is_named_by_is_cut() -> None:
    trace = f"C++ Traceback (most recent call last):\n0   paddle::{'F' * 999}(int)\n"
    outcome = outcome_of(status="signal", signal=11, cpp_traceback=trace)
    assert len(outcome.message) <= len("the process was ended by SIGSEGV in ") + 200
