"""Outcomes in a few words, for sentences and for cells of any table."""

import re

from lab.model import Diff, Grade, Kind, Outcome

SHOWN_MESSAGE = 160
_GRADES = tuple(Grade)
_RAISED = re.compile(r"[\w.]*(?:Error|Exception): \S")


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
            return kind.value + (f" ({outcome.reason})" if outcome.reason else "") + ("" if kind.differs else where)


def numbers(diffs: tuple[Diff, ...]) -> str:
    """The worst grade over all outputs, with its largest absolute error."""
    if not diffs:
        return ""
    worst = max(diffs, key=lambda diff: (_GRADES.index(diff.grade), _error(diff)))
    if worst.grade is Grade.EXACT:
        return "exact"
    return f"{worst.grade.value} ({_error(worst):.2g})" if worst.metrics else worst.grade.value


def _error(diff: Diff) -> float:
    return (diff.metrics.max_abs or 0.0) if diff.metrics else 0.0


def message_line(outcome: Outcome) -> str:
    """The first telling line of an error message, cut to one line of a terminal."""
    lines = [line.strip() for line in outcome.message.splitlines() if line.strip(" -=\t")]
    plain = next((line for line in lines if line.startswith("(")), "")
    # An error in code that was transformed comes last, below pages of source.
    raised = next((line for line in reversed(lines) if _RAISED.match(line)), lines[0] if lines else "")
    said = plain or raised
    return said if len(said) <= SHOWN_MESSAGE else said[: SHOWN_MESSAGE - 1] + "…"
