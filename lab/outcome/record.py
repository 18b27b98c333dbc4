"""The guest's record of one step, read as the hostile data it is: every field checked, nothing trusted."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lab.model import Phase
from lab.outcome.signature import Link

_PROTOCOL = 1
_T = TypeVar("_T")
_PHASES = {"import": Phase.PREPARE, "save": Phase.SAVE, "load": Phase.LOAD, "infer": Phase.INFER}
_STATUSES = frozenset(
    {"ok", "exception", "exited", "signal", "timeout", "output_limit", "bad_output", "unsupported", "contract"}
)
_NUMBER = 2**62
_SIGNALS = 64
_CAUSES = 50


class RecordError(Exception):
    """The record is missing, is not this step's, or is not of the agreed form; the text says which."""


@dataclass(frozen=True, kw_only=True)
class PythonException:
    """A Python exception as the guest saw it: class name, message, traceback text and frames, oldest first.

    `causes` are the exceptions that led to it, the next one first and the root last.
    `errno` is the system's name for what went wrong ("ENOSPC"), empty where it was no error of the system.
    """

    type: str = ""
    errno: str = ""
    message: str = ""
    traceback: str = ""
    frames: tuple[Mapping[str, object], ...] = ()
    causes: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is used of the guest's outcome.json after its types were checked; `signal` is 0 where there was none."""

    phase: Phase
    status: str
    exit_code: int
    signal: int
    timeout: str
    reason: str
    failure: PythonException | None
    faulthandler: str
    cpp_traceback: str
    oom_kills: int
    peak_memory: int


def read_record(raw: Mapping[str, object] | None, nonce: str) -> Record:
    """Check a guest's record and keep what is used of it.

    Raises RecordError with one sentence for whatever is wrong; `nonce` is what this step's guest was given, so that a
    scenario that prints or writes a record of its own is not believed.
    """
    if raw is None:
        raise RecordError("the guest left no record")
    if not isinstance(raw, Mapping):
        raise RecordError("the guest's record is not an object")
    if _get(raw, "protocol", int, 0) != _PROTOCOL or not nonce or _get(raw, "nonce", str, "") != nonce:
        raise RecordError("the record was not written by this step's guest: protocol or nonce is wrong")
    record = Record(
        phase=_phase(raw),
        status=_choice(raw, "status", _STATUSES),
        exit_code=_integer(raw, "exit_code"),
        signal=_signal(raw.get("signal")),
        timeout=_timeout(raw),
        reason=_get(raw, "reason", str, ""),
        failure=_failure(raw.get("exception")),
        faulthandler=_get(raw, "faulthandler", str, ""),
        cpp_traceback=_get(raw, "cpp_traceback", str, ""),
        oom_kills=_integer(raw, "oom_kills"),
        peak_memory=_integer(raw, "peak_memory"),
    )
    _check_rest(raw, record)
    return record


def _check_rest(raw: Mapping[str, object], record: Record) -> None:
    """Refuse a record whose parts contradict each other, and wrong types in the parts that others read."""
    for name in ("phases", "facts"):
        _get(raw, name, Mapping, {})  # type: ignore[type-abstract]
    if record.status == "exception" and record.failure is None:
        raise RecordError("the record says exception and holds none")
    if record.status == "signal" and not record.signal:
        raise RecordError("the record says signal and names none")


def _get(raw: Mapping[str, object], name: str, kind: type[_T], default: _T) -> _T:
    """Take one field; null and absence are the default, another type is an error."""
    value = raw.get(name)
    if value is None:
        return default
    # True is an int to Python and not to JSON.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RecordError(f"the field {name} of the guest's record is of the wrong type")
    return value


def _integer(raw: Mapping[str, object], name: str) -> int:
    value = _get(raw, name, int, 0)
    if abs(value) > _NUMBER:
        raise RecordError(f"the field {name} of the guest's record is out of range")
    return value


def _choice(raw: Mapping[str, object], name: str, allowed: frozenset[str]) -> str:
    value = _get(raw, name, str, "")
    if value not in allowed:
        raise RecordError(f"the field {name} of the guest's record is none of: {', '.join(sorted(allowed))}")
    return value


def _phase(raw: Mapping[str, object]) -> Phase:
    """Map the guest's words to phases; "done" is the last phase of the mode."""
    word = _choice(raw, "phase", frozenset(_PHASES) | {"done"})
    last = Phase.SAVE if _get(raw, "mode", str, "") == "save" else Phase.INFER
    return _PHASES.get(word, last)


def _timeout(raw: Mapping[str, object]) -> str:
    value = _get(raw, "timeout", str, "")
    return "" if value in {"", "null"} else _choice(raw, "timeout", frozenset({"wall", "silent"}))


def _signal(value: object) -> int:
    """Take a signal as its number or its name; 0 where there was none."""
    if value is None:
        return 0
    if isinstance(value, str) and value in signal.Signals.__members__:
        return int(signal.Signals[value])
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _SIGNALS:
        return value
    raise RecordError("the field signal of the guest's record is no signal")


def _failure(value: object) -> PythonException | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise RecordError("the field exception of the guest's record is of the wrong type")
    _get(value, "module", str, "")
    return PythonException(
        type=_get(value, "type", str, ""),
        errno=_get(value, "errno", str, ""),
        message=_get(value, "message", str, ""),
        traceback=_get(value, "traceback", str, ""),
        frames=_frames(value.get("frames")),
        causes=_causes(value.get("causes")),
    )


def _causes(value: object) -> tuple[Link, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > _CAUSES:
        raise RecordError("the causes in the guest's record are no list, or too many")
    return tuple(_cause(item) for item in value)


def _cause(item: object) -> Link:
    if not isinstance(item, Mapping):
        raise RecordError("a cause in the guest's record is no object")
    frames = _frames(item.get("frames"))
    return Link(type=_get(item, "type", str, ""), message=_get(item, "message", str, ""), frames=frames)


def _frames(value: object) -> tuple[Mapping[str, object], ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RecordError("the frames of the guest's record are no list")
    return tuple(_frame(item) for item in value)


def _frame(item: object) -> Mapping[str, object]:
    if not isinstance(item, Mapping):
        raise RecordError("a frame of the guest's record is no object")
    line = _integer(item, "line")
    return {"file": _get(item, "file", str, ""), "line": line, "function": _get(item, "function", str, "")}
