"""Error text to a stable signature: the same problem has the same one on every machine, in every folder, at any time."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from lab.text import clean

_LIMIT = 10_000
_OWN_FRAMES = 3
_ROUNDS = 8

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
_INFO = re.compile(r"\[(?:TimeInfo|SignalInfo):[^\n]*")
_TEMPLATE = re.compile(r"<[^<>]*>|\([^()]*\)(?: const)?")

# Frames that every error passes through say nothing about which error it is.
_SHARED = re.compile(
    r"enforce|glog|google::|pybind|GetCurrentTraceBack|wrapped_decorator|decorator\.py|^std::", re.IGNORECASE
)

# Text may be hostile: possessive repeats and fixed starts keep every pattern linear.
_QUOTED = re.compile(r"(?P<quote>['\"`])[^'\"`\n]*+(?P=quote)|\([^()\n]*+\)")
_WORD = re.compile(r"[^\s'\"`()\[\]{}<>,;=:]++")
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?<![\w-])[\w-]++(?=\.(?:pdmodel|pdiparams|pdparams|pdopt|json|info|npz|npy|py|so|cc|cu|h)\b)"),
        "<file>",
    ),
    (re.compile(r"\b0[xX][0-9a-fA-F]++\b"), "<address>"),
    (re.compile(r"(?<![\w.])(?=[0-9]*+[a-f])(?=[a-f]*+[0-9])[0-9a-f]{8,}+(?![\w.]|[-+]\d)"), "<address>"),
    # linear_0.w_0, batch_norm2d_3.b_0@GRAD, generated_tensor_17
    (re.compile(r"(?<![\w.])[A-Za-z][\w.]*_\d++(?:\.\w++)*+(?:@\w++)*+"), "<tensor>"),
    (re.compile(r"(?<![\w.])[-+]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+"), "<n>"),
    (re.compile(r"[\[({]\s*+(?:<n>|None)(?:\s*+,\s*+(?:<n>|None))*+\s*+(?:,\s*+)?+[\])}]"), "<shape>"),
    (re.compile(r"<n>(?:\s*+[x,]\s*+<n>)++"), "<shape>"),
    (re.compile(r"(?:<path>[\s:]*+){2,}+"), "<path> "),
    (re.compile(r"\s++"), " "),
)


def signature(phase: str, kind: str, message: str, frames: Sequence[Mapping[str, object]]) -> str:
    """Name a failure as "phase:type:hash12", so that runs, releases and machines can be compared by it.

    The hash is over the type, the masked message and the innermost own frames: the last three Python frames inside
    Paddle, oldest first, or the names on a native stack found in the message (Paddle's C++ traceback or faulthandler's).
    Line numbers, paths, addresses and sizes do not count.
    """
    text = clean(message, _LIMIT)
    head, native = _split(text)
    own = _own_python(frames) or native
    parts = [kind, mask(head), *own]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{phase}:{re.sub(r'[^A-Za-z0-9_.]', '_', kind)[:80]}:{digest}"


def mask(message: str) -> str:
    """Replace what differs from run to run (numbers, paths, addresses, shapes, tensor names) by what it is.

    Masking a masked text changes nothing.
    """
    text = _INFO.sub("", message)
    for _ in range(_ROUNDS):
        before = text
        text = _WORD.sub(_mask_path, _QUOTED.sub(_mask_path, text))
        for pattern, name in _MASKS:
            text = pattern.sub(name, text)
        text = text.strip()
        if text == before:
            break
    return text


def _mask_path(found: re.Match[str]) -> str:
    """Whatever holds a slash is a path: a word, or quoted or bracketed text with blanks and all."""
    text = found[0]
    if "/" not in text and "\\" not in text:
        return text
    return "(<path>)" if text.startswith("(") else "<path>"


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
