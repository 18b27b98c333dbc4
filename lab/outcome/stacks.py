"""The stacks inside a text: Paddle's C++ traceback, faulthandler's, Python's; which frames are Paddle's own, and what they are called."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

TRACEBACK = "Traceback (most recent call last):\n"
"""What a Python traceback begins with; the last one in a text is of the exception that was not handled."""
_INNERMOST = 3
# The text is from a container: brackets in brackets without end would cost a pass each.
_DEEPEST = 100

_CPP = re.compile(
    r"^-*\n?C\+\+ Traceback \(most recent call last\):\n(?:-+\n)?(?P<stack>.*?)(?=^-{5,}\nError Message Summary|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SUMMARY = re.compile(r"^-{5,}\nError Message Summary:\n-{5,}\n", re.MULTILINE)
_CPP_FRAME = re.compile(r"^[ \t]*+\d++[ \t]++(?P<name>\S.*)$", re.MULTILINE)
_PY_FRAME = re.compile(
    r'^(?P<indent>[ \t]*+)File "(?P<file>[^"\n]*)", line (?P<line>\d{1,9}),? in (?P<function>.*)$', re.MULTILINE
)
_CURRENT = re.compile(r"^Current thread [^\n]*\n(?P<frames>.*?)(?=^\s*$|^Thread |\Z)", re.MULTILINE | re.DOTALL)
_NEWEST_FIRST = re.compile(r"\(most recent call first\):$", re.MULTILINE)
_HEADS = re.compile(
    r"^(?:Fatal Python error:.*|(?:Current )?[Tt]hread .*|Extension modules:.*|Stack \(most recent.*"
    r"|Traceback \(most recent call last\):|[ \t]*+In (?:user|transformed) code:)$",
    re.MULTILINE,
)
_TEMPLATE = re.compile(r"<[^<>]*>|\([^()]*\)(?: const)?|\[[^\[\]]*\]")
_CLONE = re.compile(r"#\d++|\.(?:isra|constprop|part|cold)\b(?:\.\d++)?+")
_EVERYWHERE = re.compile(r"enforce|glog|google::|pybind|GetCurrentTraceBack|^std::", re.IGNORECASE)
_WRAPPERS = frozenset(
    {"impl", "wrapper", "wrapped", "inner", "decorate", "decorated", "i_m_p_l", "call_run_impl_with_hook"}
)
_OWN_CODE = "scenario"


def told_in(text: str) -> str:
    """What a text says beside the stacks in it: their frames, the source lines below these and their headings go."""
    return _HEADS.sub("", "\n".join(_beside_frames(_SUMMARY.sub("", _CPP.sub("", text)).split("\n"))))


def _beside_frames(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are no Python frame and no source line below one, which stands further in than its frame."""
    depth: int | None = None
    for line in lines:
        frame = _PY_FRAME.match(line)
        if frame is not None:
            depth = len(frame["indent"])
        elif depth is None or (line.strip() and not line.startswith("\t") and _indent(line) <= depth):
            depth = None
            yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def python_frames(text: str) -> tuple[Mapping[str, object], ...]:
    """The Python frames in a text, the oldest first; of faulthandler's threads only the one that crashed, where it is named."""
    current = _CURRENT.search(text)
    found = [
        {"file": one["file"], "line": int(one["line"]), "function": one["function"]}
        for one in _PY_FRAME.finditer(current["frames"] if current else text)
    ]
    return tuple(reversed(found) if _NEWEST_FIRST.search(text) else found)


def native_names(text: str) -> tuple[str, ...]:
    """The innermost three functions of Paddle's own on the C++ stack in a text, the innermost first and each once.

    Where none is its own, those that every error passes through; empty without a C++ stack.
    """
    found = None
    for found in _CPP.finditer(text):  # noqa: B007 - the last one is of the crash that ended it
        pass
    names = [bare(frame["name"]) for frame in _CPP_FRAME.finditer(found["stack"])] if found else []
    innermost = [name for name in reversed(names) if name]
    own = [name for name in innermost if not _EVERYWHERE.search(name)]
    return tuple(islice(dict.fromkeys(own or innermost), _INNERMOST))


def bare(name: str) -> str:
    """A C++ function without template arguments, parameters and the type it returns."""
    for _ in range(_DEEPEST):
        name, before = _TEMPLATE.sub("", name), name
        if name == before:
            break
    words = _CLONE.sub("", name).split()
    return words[-1] if words else ""


def own_function(frames: Sequence[Mapping[str, object]]) -> str:
    """The innermost function inside Paddle, without module and line, and by one name for both of its IRs; else empty."""
    inside = (
        _plain(str(frame.get("function", ""))) for frame in reversed(frames) if is_own(str(frame.get("file", "")))
    )
    return next((name for name in inside if name and name not in _WRAPPERS), "")


def innermost(frames: Sequence[Mapping[str, object]]) -> str:
    """The innermost Python function as module and name; in the scenario's own code also its line: nothing else names it."""
    if not frames:
        return ""
    file, function = str(frames[-1].get("file", "")).replace("\\", "/"), frames[-1].get("function", "")
    parts = file.removesuffix(".py").split("/")
    module = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
    line = f":{frames[-1].get('line', 0)}" if module == _OWN_CODE else ""
    return f"{module}:{function}{line}"


def is_own(file: str) -> bool:
    """Whether a Python file is Paddle's: below a folder `paddle` that is a package, and not one it is installed in."""
    _, inside, module = file.replace("\\", "/").rpartition("/paddle/")
    return bool(inside) and "site-packages/" not in module and not module.startswith(("lib/", "lib64/", "bin/"))


def _plain(function: str) -> str:
    """`_load_pir_x` and `load_x` are one function: which IR it serves is not which problem it has."""
    return "_".join(word for word in function.split("_") if word not in ("", "pir"))
