"""From what guest and engine say of one step to its Outcome: one rule for signs that contradict each other.

The order is: an engine error, out of memory, a signal, the guest's record, no record. Time is told by the guest's own
clock alone: where the container had to be ended from outside, its engine stood still, and that says nothing of Paddle.
"""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.model import Diff, Grade, Kind, Outcome, Phase
from lab.outcome import chain, memory
from lab.outcome.evidence import undecided, unshown
from lab.outcome.record import PythonException, Record, RecordError, read_record
from lab.outcome.signature import crash_names, crash_signature, numbers_signature, signature
from lab.text import clean

_MESSAGE = 2_000
_DETAIL = 16_000
_OUTPUTS = 12
_NAME = 200
_GRADES = tuple(Grade)
_REASONS = ("missing", "extra", "shape", "dtype", "nan", "inf", "values")
_CRASHES = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"})
_NO_ROOM = frozenset({"ENOSPC", "EDQUOT"})
_STALLED = "the container did not end long after its own limit, and its guest told nothing: the engine stood still"


@dataclass(frozen=True, kw_only=True)
class EngineWord:
    """What the engine says of a container that ended; only a fallback, because exit codes of containers lie.

    `exit_code` is None where the container never ended or never began; `timed_out` is the runner's own flag, set
    where it had to kill what the guest should have ended; `error` is the engine's sentence where the engine itself failed.
    `memory_limit` is what it was told to allow, in bytes; 0 where that is not known.
    """

    exit_code: int | None = None
    oom_killed: bool = False
    timed_out: bool = False
    error: str = ""
    memory_limit: int = 0


def classify(
    record: Mapping[str, object] | None,
    *,
    nonce: str,
    engine: EngineWord,
    phase: Phase = Phase.PREPARE,
) -> Outcome:
    """Say what happened in one step, from the guest's record and the engine's word.

    The record is hostile data: whatever is wrong with it becomes `infra_error(protocol)`, never an exception. It counts
    only beside exit code 0, which the supervisor gives after writing it: a child that kills its supervisor has no say.
    `phase` is where the step is said to have ended when no record tells.
    """
    try:
        known = read_record(record, nonce)
    except RecordError as error:
        return _without_record(str(error), engine, phase)
    if engine.error:
        return _infra("engine", engine.error, known.phase)
    if engine.exit_code != 0:
        return _without_record("there is a record, and the supervisor did not end as one that wrote it", engine, phase)
    return _from_record(known, engine)


def with_diffs(outcome: Outcome, diffs: Sequence[Diff]) -> Outcome:
    """Let the numbers speak: a load that worked with wrong outputs is a numeric mismatch, or a drift.

    An outcome that is not ok stays as it is; an ok one gets its worst grade as reason. Where no output says that the
    numbers agree, and none that they do not, the outcome is undecided.
    """
    if not outcome.ok or not diffs:
        return outcome
    worst = max(diffs, key=_badness)
    if undecided(diffs):
        message, signature = clean("\n".join(unshown(diffs)), _MESSAGE), f"{Phase.COMPARE}:{Kind.UNDECIDED}"
        return replace(outcome, kind=Kind.UNDECIDED, phase=Phase.COMPARE, message=message, signature=signature)
    if worst.grade.agrees:
        return replace(outcome, reason=worst.grade.value)
    kind = Kind.DRIFT if worst.grade is Grade.DRIFT else Kind.NUMERIC_MISMATCH
    reason = worst.reason or "values"
    return replace(
        outcome,
        kind=kind,
        phase=Phase.COMPARE,
        reason=reason,
        message=_differing(diffs),
        signature=numbers_signature(kind, reason, _wrong(diffs, worst.grade)),
    )


def unreadable(outcome: Outcome, why: str) -> Outcome:
    """The outcome of a step that said it was fine, and left what cannot be read or compared."""
    return replace(_infra("protocol", why, Phase.COMPARE), warnings=outcome.warnings)


def _badness(diff: Diff) -> tuple[int, int]:
    reason = _REASONS.index(diff.reason) if diff.reason in _REASONS else len(_REASONS)
    return _GRADES.index(diff.grade), -reason


def _wrong(diffs: Sequence[Diff], grade: Grade) -> list[tuple[str, str]]:
    """The outputs that are as wrong as the worst, each with how it is: what is less wrong beside them comes and goes."""
    return [(one.output, one.reason or "values") for one in diffs if one.grade is grade]


def _differing(diffs: Sequence[Diff]) -> str:
    """One line for every output that differs, the worst first, in its own order where none is worse.

    Beyond so many lines the rest is only named.
    """
    found = sorted((one for one in diffs if not one.grade.agrees), key=_badness, reverse=True)
    lines = [_numbers(one) for one in found[:_OUTPUTS]]
    more = ", ".join(one.output for one in found[_OUTPUTS:])
    return clean("\n".join([*lines, *([f"and {len(found) - _OUTPUTS} more: {more}"] if more else [])]), _MESSAGE)


def _numbers(diff: Diff) -> str:
    """One sentence on an output: what differs, by how much, and where."""
    start = f"output {diff.output}: {diff.reason or diff.grade.value}"
    if diff.metrics is None or diff.metrics.worst_abs is None:
        sides = f" (reference {diff.reference or 'none'}, candidate {diff.candidate or 'none'})"
        return start + sides
    worst = diff.metrics.worst_abs
    share = "" if diff.metrics.mismatched is None else f"{100 * diff.metrics.mismatched:.3g} % of the elements differ, "
    where = f"worst at {list(worst.index)}: {worst.candidate} instead of {worst.reference}"
    return f"{start}; {share}{where}"


def _without_record(problem: str, engine: EngineWord, phase: Phase) -> Outcome:
    """Fall back on the engine's word where the guest left no record that can be trusted."""
    if engine.timed_out:
        return _infra("engine", _STALLED, phase)
    if engine.error:
        return _infra("engine", engine.error, phase)
    name = _signal_name((engine.exit_code or 0) - 128)
    if name == "SIGKILL" and engine.oom_killed:
        return _out_of_memory(phase, "the container was killed because it used up its memory limit")
    # Other signals come from outside as a rule (an operator, a shutdown) and say nothing about Paddle.
    if name in _CRASHES:
        return _crash(name, phase)
    ended = "" if engine.exit_code is None else f"; the container ended with exit code {engine.exit_code}"
    return _infra("protocol", problem + ended, phase)


def _from_record(record: Record, engine: EngineWord) -> Outcome:
    evidence = engine.oom_killed or record.oom_kills > 0
    if record.status == "signal":
        name = _signal_name(record.signal)
        if name == "SIGKILL" and evidence:
            return _out_of_memory(record.phase, "killed because the memory limit was used up")
        return _crash(name, record.phase, record.cpp_traceback, record.faulthandler)
    if record.status == "exception":
        use = memory.MemoryUse(peak=record.peak_memory, limit=engine.memory_limit, killed=evidence)
        return _exception(record, use)
    outcome = _RULES[record.status](record)
    return replace(outcome, warnings=("oom_child",)) if evidence and outcome.ok else outcome


def _ok(record: Record) -> Outcome:
    return Outcome(kind=Kind.OK, phase=record.phase)


def _exception(record: Record, use: memory.MemoryUse) -> Outcome:
    """Tell one that says "no memory left", and is borne out, or "no room on the disk", from every other one."""
    failure = record.failure or PythonException()
    text = f"{failure.type}: {failure.message}"
    if failure.errno in _NO_ROOM:
        return _infra("disk", f"there was no room to write: {text}", record.phase)
    reason = memory.exhausted(failure.type, text, use)
    return Outcome(
        kind=Kind.OOM if reason else Kind.PY_EXCEPTION,
        phase=record.phase,
        reason=reason,
        type=clean(failure.type, 200),
        message=chain.told(failure.type, failure.message, failure.causes, _MESSAGE),
        signature=signature(record.phase.value, failure.type, failure.message, failure.frames, failure.causes),
        detail=clean(failure.traceback, _DETAIL),
    )


def _exited(record: Record) -> Outcome:
    message = f"the process ended itself with exit code {record.exit_code} before it was done"
    return Outcome(
        kind=Kind.PY_EXCEPTION,
        phase=record.phase,
        reason="exited",
        type="SystemExit",
        message=message,
        signature=signature(record.phase.value, "SystemExit", message, ()),
    )


def _timed_out(record: Record) -> Outcome:
    return _timeout(record.timeout or "wall", record.phase)


def _output_limit(record: Record) -> Outcome:
    return _infra("disk", record.reason or "the step wrote more than its output limit allows", record.phase)


def _broken_contract(record: Record) -> Outcome:
    return _infra("protocol", record.reason or f"the guest reports {record.status}", record.phase)


def _unsupported(record: Record) -> Outcome:
    why = clean(record.reason, 400)
    return Outcome(kind=Kind.UNSUPPORTED, phase=record.phase, reason=why, message=why)


_RULES: Mapping[str, Callable[[Record], Outcome]] = {
    "ok": _ok,
    "exited": _exited,
    "timeout": _timed_out,
    "output_limit": _output_limit,
    "bad_output": _broken_contract,
    "contract": _broken_contract,
    "unsupported": _unsupported,
}


def _timeout(reason: str, phase: Phase) -> Outcome:
    said = "gave no sign of life" if reason == "silent" else "did not finish"
    return Outcome(
        kind=Kind.TIMEOUT,
        phase=phase,
        reason=reason,
        message=f"{phase.value} {said} within its limit and was stopped",
        signature=signature(phase.value, "timeout", reason, ()),
    )


def _out_of_memory(phase: Phase, message: str) -> Outcome:
    signed = signature(phase.value, "oom", "host", ())
    return Outcome(kind=Kind.OOM, phase=phase, reason="host", type="SIGKILL", message=message, signature=signed)


def _crash(name: str, phase: Phase, *traces: str) -> Outcome:
    """A crash with the stacks that are known of it: Paddle's C++ traceback, faulthandler's Python frames."""
    inside = crash_names(*traces)
    return Outcome(
        kind=Kind.NATIVE_CRASH,
        phase=phase,
        reason=name,
        type=name,
        message=f"the process was ended by {name}" + (f" in {clean(inside[0], _NAME)}" if inside else ""),
        signature=crash_signature(phase.value, name, *traces),
        detail="\n\n".join(clean(one, _DETAIL // 2) for one in traces if one.strip()),
    )


def _infra(reason: str, message: str, phase: Phase) -> Outcome:
    return Outcome(kind=Kind.INFRA_ERROR, phase=phase, reason=reason, message=clean(message, _MESSAGE))


def _signal_name(number: int) -> str:
    """Name a signal; numbers this system has no name for stay numbers, and what is no signal is empty."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}" if number > 0 else ""
