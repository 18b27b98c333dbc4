"""Outcomes in a few words, for sentences and for cells of any table."""

import math
import re

from lab.model import Diff, Grade, Kind, Outcome, Phase

SHOWN_MESSAGE = 160
_GRADES = tuple(Grade)
_WITHOUT_NUMBER = {"nan": "NaN", "inf": "Inf"}
_RAISED = re.compile(r"[\w.]*(?:Error|Exception): \S")
_INSIDE = re.compile(r"(?<![\w./])/(?:lab|paddle|opt/paddle)/(?:[^\s/:'\"()<>]+/)*(?=[^\s/])")
"""Where Paddle was built, and where the lab puts files in a container: nobody who reads a message has these folders."""


def outcome_words(outcome: Outcome) -> str:
    """An outcome in a few words: "ok", "ValueError in load", "SIGSEGV in infer", "unsupported"."""
    where = f" in {outcome.phase.value}"
    match outcome.kind:
        case Kind.OK:
            return "ok"
        case Kind.PY_EXCEPTION:
            return f"{outcome.type or 'exception'}{where}"
        case Kind.NATIVE_CRASH:
            return f"{outcome.reason or 'crash'}{where}"
        case kind:
            return (
                kind.value
                + (f" ({outcome.reason})" if outcome.reason else "")
                + ("" if outcome.phase is Phase.COMPARE else where)
            )


def numbers(diffs: tuple[Diff, ...]) -> str:
    """The worst grade over all outputs, with its largest absolute error, or what it is that has no such number."""
    if not diffs:
        return ""
    worst = max(diffs, key=_severity)
    if worst.grade.agrees and all(one.blank for one in diffs):
        return f"{worst.grade.value} (shows nothing)"
    said = "" if worst.grade is Grade.EXACT else _fault(worst)
    return f"{worst.grade.value} ({said})" if said else worst.grade.value


def severity(diffs: tuple[Diff, ...]) -> tuple[int, float]:
    """What makes one comparison worse than another: its worst grade, then the largest absolute error of that grade."""
    return max(map(_severity, diffs), default=(-1, 0.0))


def _severity(diff: Diff) -> tuple[int, float]:
    """A grade and its error, which is infinite where no number says how far the two are apart."""
    known = diff.metrics is not None and diff.metrics.max_abs is not None and diff.reason not in _WITHOUT_NUMBER
    return _GRADES.index(diff.grade), (diff.metrics.max_abs or 0.0) if diff.metrics and known else math.inf


def _fault(diff: Diff) -> str:
    """How far apart the two are: a number where there is one, what it is where there is none, nothing for texts."""
    if diff.metrics is None:
        return ""
    if diff.reason in _WITHOUT_NUMBER:
        return _WITHOUT_NUMBER[diff.reason]
    if diff.metrics.max_abs is None:
        return "overflow" if diff.metrics.ulp is not None else ""
    return f"{diff.metrics.max_abs:.2g}"


def message_line(outcome: Outcome) -> str:
    """The first telling line of an error message, cut to one line of a terminal."""
    lines = [line.strip() for line in outcome.message.splitlines() if line.strip(" -=\t")]
    plain = next((line for line in lines if line.startswith("(")), "")
    # An error in code that was transformed comes last, below pages of source.
    raised = next((line for line in reversed(lines) if _RAISED.match(line)), lines[0] if lines else "")
    said = plain or raised
    return said if len(said) <= SHOWN_MESSAGE else said[: SHOWN_MESSAGE - 1] + "…"


def brief(message: str, most: int = SHOWN_MESSAGE) -> str:
    """A message in one line: of paths inside a container the file alone, and what is too long ends between two words, with a sign."""
    said = " ".join(_INSIDE.sub("", message).split())
    if len(said) <= most:
        return said
    head = said[: most - 1]
    if said[most - 1] != " " and head.count(" "):
        head = head.rpartition(" ")[0]
    return head.removesuffix("(at").rstrip(" ([{<,:;'\"") + "…"


def message_lines(outcome: Outcome) -> tuple[str, ...]:
    """What to show of a message: one line of an error, every output that differs, or that could not be judged."""
    if outcome.phase is not Phase.COMPARE:
        return (message_line(outcome),)
    return tuple(outcome.message.splitlines())
