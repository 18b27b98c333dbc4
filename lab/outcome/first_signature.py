"""Signatures as labs gave them before they had a version: stored runs, bundles and notes hold these, and they still match."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from lab.model import Kind, Outcome
from lab.outcome.signature import mask
from lab.outcome.stacks import TRACEBACK
from lab.text import clean

_LIMIT = 10_000
_OWN_FRAMES = 3

_STACK = re.compile(
    r"^-*\n?C\+\+ Traceback \(most recent call last\):\n(?:-+\n)?(?P<stack>.*?)(?=^-{5,}\nError Message Summary|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SUMMARY = re.compile(r"^-{5,}\nError Message Summary:\n-{5,}\n", re.MULTILINE)
_CPP_FRAME = re.compile(r"^[ \t]*+\d++[ \t]++(?P<name>\S.*)$", re.MULTILINE)
_PY_FRAME = re.compile(r'^[ \t]*+File "(?P<file>[^"\n]*)", line \d+,? in (?P<function>.*)$', re.MULTILINE)
_FAULT_HEAD = re.compile(
    r"^(?:Fatal Python error:.*|(?:Current )?[Tt]hread .*|Extension modules:.*|Stack \(most recent.*)$", re.MULTILINE
)
_TEMPLATE = re.compile(r"<[^<>]*>|\([^()]*\)(?: const)?")
_SHARED = re.compile(
    r"enforce|glog|google::|pybind|GetCurrentTraceBack|wrapped_decorator|decorator\.py|^std::", re.IGNORECASE
)


def first_signature(outcome: Outcome) -> str:
    """The signature a lab without versions gave to an outcome, from the words of it that are kept.

    Exact where neither message nor traceback was cut; empty for what works and for what had a signature without a hash.
    """
    if outcome.kind is Kind.TIMEOUT:
        return _sign(outcome.phase, "timeout", outcome.reason, ())
    if outcome.kind is Kind.NATIVE_CRASH:
        return _sign(outcome.phase, outcome.type, outcome.detail, ())
    if outcome.kind is Kind.OOM and outcome.type == "SIGKILL":
        return _sign(outcome.phase, "oom", "host", ())
    if outcome.kind.raised:
        return _sign(outcome.phase, outcome.type, outcome.message, _last_frames(outcome.detail))
    return ""


def _last_frames(traceback: str) -> tuple[Mapping[str, object], ...]:
    """The frames of the exception that was not handled: the last traceback of the text, oldest first."""
    return tuple(
        {"file": one["file"], "function": one["function"]}
        for one in _PY_FRAME.finditer(traceback.rpartition(TRACEBACK)[2])
    )


def _sign(phase: str, kind: str, message: str, frames: Sequence[Mapping[str, object]]) -> str:
    head, native = _split(clean(message, _LIMIT))
    parts = [kind, mask(head), *(_own_python(frames) or native)]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{phase}:{re.sub(r'[^A-Za-z0-9_.]', '_', kind)[:80]}:{digest}"


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """Part a message from the native stack inside it, and name the stack's own frames."""
    found = _STACK.search(text)
    cpp = found["stack"] if found else ""
    head = _SUMMARY.sub("", _STACK.sub("", text))
    python = [{"file": m["file"], "function": m["function"]} for m in _PY_FRAME.finditer(text)]
    if not cpp and not python:
        return head, ()
    head = _FAULT_HEAD.sub("", _PY_FRAME.sub("", head))
    # faulthandler prints the newest frame first, a traceback inside a message the oldest.
    ordered = python[::-1] if _FAULT_HEAD.search(text) else python
    return head, _own_cpp(cpp) or _own_python(ordered)


def _own_cpp(stack: str) -> tuple[str, ...]:
    """Name Paddle's own native frames, as a sorted set: their order and repetition differ from build to build."""
    names = {_bare(found["name"]) for found in _CPP_FRAME.finditer(stack)}
    return tuple(sorted(name for name in names if name and not _SHARED.search(name)))


def _bare(name: str) -> str:
    """Take template arguments and parameters off a C++ name."""
    while (shorter := _TEMPLATE.sub("", name)) != name:
        name = shorter
    return mask(name)


def _own_python(frames: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """Name the last frames inside Paddle as module and function, without lines and without where it is installed."""
    own = []
    for frame in frames:
        _, inside, module = str(frame.get("file", "")).replace("\\", "/").rpartition("/paddle/")
        name = f"{module}:{frame.get('function', '')}"
        if inside and not _SHARED.search(name):
            own.append(name)
    return tuple(own[-_OWN_FRAMES:])
