"""Error text to a stable signature: the same problem has the same one in every release, on every machine, in every folder.

The form is "phase:type:vN-hash12"; N is the version of the rule that made it. Those of labs before there was a version
are matched by `lab.outcome.likeness`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.outcome import stacks
from lab.text import clean

# 1: the message with all that stands around it, and three frames as the release had them; without a number in the text.
# 2 (2026-11): what releases change around a message is left out, causes count, crashes are named by their stack.
VERSION = 2

_LIMIT = 10_000
_STACKS = 256 * 1024
_ROUNDS = 8
_TELLING = 3

_INFO = re.compile(r"\[(?:TimeInfo|SignalInfo):[^\n]*")
_VERSIONED = re.compile(r":v(?P<version>[1-9]\d{0,3})-[0-9a-f]{12}$")

# What Paddle puts around the sentence of an error: conditions as the source has them, operators as the IR has them, places.
_AROUND = re.compile(r"^[ \t]*+\[Hint:.*$|^[ \t]*+\[operator <.*$|[ \t]*+\(at [^()\n]*:\d++\)[ \t]*+$", re.MULTILINE)
_CATEGORIES = (
    "InvalidArgument|NotFound|OutOfRange|AlreadyExists|ResourceExhausted|PreconditionNotMet|PermissionDenied"
    "|ExecutionTimeout|Unimplemented|Unavailable|Fatal|External"
)
_CATEGORY = re.compile(rf"^\s*+(?:\((?P<short>{_CATEGORIES})\)\s|(?P<long>{_CATEGORIES})Error:\s)")
_TELLING_WORD = re.compile(r"(?<![<\w])[A-Za-z]{2,}+(?![>\w])")

# Python itself words these; the same words come from anywhere, so the function they came from counts as well.
_OF_PYTHON = frozenset(
    {
        "AssertionError", "AttributeError", "EOFError", "IndexError", "KeyError", "NameError", "RecursionError", "StopIteration",
        "TypeError", "UnboundLocalError", "UnpicklingError", "ZeroDivisionError", "error",
    }
)  # fmt: skip

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


@dataclass(frozen=True, kw_only=True)
class Link:
    """One exception of a chain: its class, its message as Python gave it, and its frames, oldest first."""

    type: str
    message: str
    frames: Sequence[Mapping[str, object]] = ()


def signature(
    phase: str, kind: str, message: str, frames: Sequence[Mapping[str, object]], causes: Sequence[Link] = ()
) -> str:
    """Name a failure as "phase:type:vN-hash12", so that runs, releases and machines can be compared by it.

    The hash is over types and sentences of the exception and of its causes (the next one first). Where a sentence alone
    says too little, because Python words it or it is short, the innermost function inside Paddle counts too. Stacks and
    source lines in a message, hints, operators, places, numbers, paths, addresses and sizes do not count.
    """
    chain = (Link(type=kind, message=message, frames=frames), *causes)
    return _signed(phase, kind, [part for link in reversed(chain) for part in (link.type, *said_by(link))])


def crash_signature(phase: str, name: str, *traces: str) -> str:
    """Name a native crash by its signal and the functions it died in, out of Paddle's C++ traceback and faulthandler's text.

    The innermost three functions of Paddle's own count, in no order; without any, the innermost Python function.
    """
    return _signed(phase, name, [name, "", *sorted(crash_names(*traces))])


def numbers_signature(kind: str, reason: str, found: Iterable[tuple[str, str]]) -> str:
    """Name wrong numbers by the outputs that are wrong and how each is: pairs of a name and values, inf, shape, ..."""
    return _signed("compare", kind, [f"{output}\n{how}" for output, how in sorted(found)], reason)


def _signed(phase: str, kind: str, parts: Sequence[str], reason: str = "") -> str:
    # JSON, because a type or a name may hold any character that would join them.
    digest = hashlib.sha256(json.dumps([kind, *parts]).encode()).hexdigest()[:12]
    words = (phase, re.sub(r"[^A-Za-z0-9_.]", "_", kind)[:80], reason, f"v{VERSION}-{digest}")
    return ":".join(word for word in words if word)


def version(signed: str) -> int:
    """The version of the rule that made a signature; 1 where it has no number."""
    found = _VERSIONED.search(signed)
    return int(found["version"]) if found else 1


def said_by(link: Link) -> tuple[str, ...]:
    """What counts of one exception: its masked sentence, and the function it came from where the sentence says too little."""
    text = clean(link.message, _LIMIT)
    told = stacks.told_in(text).strip().removeprefix(f"{link.type}: ")
    short = _AROUND.sub("", told)
    category = _CATEGORY.match(short)
    if category is not None:
        short = f"{category['short'] or category['long']}: {short[category.end() :]}"
    sentence = mask(short)
    telling = len(_TELLING_WORD.findall(sentence)) >= _TELLING
    if telling and (category is not None or link.type not in _OF_PYTHON):
        return (sentence,)
    place = stacks.own_function(stacks.python_frames(text) or link.frames)
    names = tuple(sorted(stacks.native_names(text)))
    return (sentence if telling else mask(told), *((place,) if place else names))


def crash_names(*traces: str) -> tuple[str, ...]:
    """The functions a native crash is named by, the innermost first, out of the texts that hold stacks; empty without any."""
    texts = [clean(one, _STACKS) for one in traces]
    native = next((names for text in texts if (names := stacks.native_names(text))), ())
    if native:
        return native
    frames = next((found for text in texts if (found := stacks.python_frames(text))), ())
    place = stacks.own_function(frames) or stacks.innermost(frames)
    return (place,) if place else ()


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
