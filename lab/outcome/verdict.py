"""From outcomes to words a person can act on: as expected or not, reproduced or not, and the exit code for it."""

from collections.abc import Iterator, Sequence

from lab import pattern
from lab.errors import UsageError
from lab.model import Diff, Expectation, Grade, Kind, Outcome, OutcomeChange, TrialResult, Verdict
from lab.outcome.exits import EXITS, Ending, untested
from lab.outcome.likeness import same_problem

AS_EXPECTED = "as expected"

_GRADES = tuple(Grade)
_SHOWN = 160
_BUILT_IN = "built in"


def judge(expected: Expectation, outcome: Outcome, diffs: Sequence[Diff]) -> str:
    """Compare what a trial did with what the scenario's header says of it.

    Gives "as expected", or "differs: expected ..., saw ..." with the first thing that differs: kind, phase, type,
    message, reason, grade. A better grade than expected is as expected. Raises UsageError where the message pattern is no
    regular expression.
    """
    difference = next(_differences(expected, outcome, diffs), None)
    if difference is None:
        return AS_EXPECTED
    wanted, saw = difference
    return f"differs: expected {wanted}, saw {saw}"


def overall(results: Sequence[TrialResult], selftest_failures: Sequence[str]) -> tuple[Verdict, tuple[str, ...]]:
    """Say whether the problem a scenario describes is still there, with the reasons.

    VOID where the comparator failed its self-test, nothing ran, or no failing pair could be tested. REPRODUCED where
    every tested expectation held; NOT REPRODUCED where every tested failing pair now works and the rest held; CHANGED
    for everything else. Pairs that could not be tested are counted and named in the reasons. NONE where the scenario
    expects nothing.
    """
    if selftest_failures:
        return Verdict.VOID, (f"the comparator let planted differences pass: {', '.join(selftest_failures)}",)
    if not results:
        return Verdict.VOID, ("nothing ran",)
    stated = [(result, result.expected) for result in results if result.expected is not None]
    untested = _untested(results)
    if not stated:
        return Verdict.NONE, untested
    seen = [(result, expected) for result, expected in stated if not _open(result)]
    described = [expected for _, expected in stated if expected.outcome is not Kind.OK]
    problems = [result for result, expected in seen if expected.outcome is not Kind.OK]
    if not seen or (described and not problems):
        return Verdict.VOID, ("no pair that shows the problem could be tested", *untested)
    differing = [(result, said) for result, expected in seen if (said := _said(result, expected)) != AS_EXPECTED]
    word = _weigh(problems, differing)
    return word, (*(f"{result.label}: {said}" for result, said in differing), *hidden(differing), *untested)


def hidden(differing: Sequence[tuple[TrialResult, str]]) -> tuple[str, ...]:
    """Why a crash that was expected may be there and not show: a Python with zlib built in is not the official one."""
    safe = [
        result.label
        for result, _ in differing
        if result.expected is not None and result.expected.outcome is Kind.NATIVE_CRASH and result.outcome.kind.answered
        if result.load is not None and result.load.zlib == _BUILT_IN
    ]  # fmt: skip
    if not safe:
        return ()
    why = "this Python has zlib built in, unlike the official images', which hides crashes of Paddle with zlib"
    return (f"{', '.join(safe)}: {why}; remove the image and let it be built anew, or use --engine local",)


def exit_code(verdict: Verdict, results: Sequence[TrialResult]) -> int:
    """Turn a verdict into an exit code: 0 as expected, 1 not, 3 inconclusive, 4 gone, 5 build, 7 infra."""
    return EXITS[ending(verdict, results)]


def ending(verdict: Verdict, results: Sequence[TrialResult]) -> Verdict | Ending:
    """The word a run ends in: its verdict, or why it says less than that.

    What was found outranks what could not be tested: CHANGED and NOT REPRODUCED stand even beside a failed build.
    """
    if verdict in (Verdict.CHANGED, Verdict.NOT_REPRODUCED):
        return verdict
    untried = untested({result.outcome.kind for result in results if _open(result)})
    if untried is not None:
        return untried
    failing = any(not result.outcome.ok and result.verdict != AS_EXPECTED for result in results)
    return Ending.DIFFERENT if verdict is Verdict.NONE and failing else verdict


def grid_ending(results: Sequence[TrialResult]) -> Ending:
    """The word a grid ends in: it asks and does not expect, so a failing pair is an answer; one unlike the header is not."""
    stated = [one for one in results if one.verdict and one.outcome.kind is not Kind.UNSUPPORTED]
    if any(one.verdict != AS_EXPECTED for one in stated):
        return Ending.DIFFERENT
    untried = untested({one.outcome.kind for one in results})
    return untried if untried in (Ending.UNBUILT, Ending.BROKEN) else Ending.FOUND


def compare_with(baseline: Outcome, outcome: Outcome) -> OutcomeChange:
    """Compare an outcome with an earlier one.

    UNKNOWN where one of the two was not found out (infra error, unsupported, flaky, ...), unless both say the same.
    """
    if same_problem(baseline, outcome) or (baseline.ok and outcome.ok):
        return OutcomeChange.SAME
    if not (baseline.kind.decided and outcome.kind.decided):
        return OutcomeChange.UNKNOWN
    if outcome.ok:
        return OutcomeChange.FIXED
    if outcome.kind is Kind.DRIFT:
        return OutcomeChange.DRIFTED
    return OutcomeChange.REGRESSED if baseline.kind.works else OutcomeChange.OTHER_FAILURE


def worst_grade(diffs: Sequence[Diff]) -> Grade | None:
    """Name the worst grade among diffs; None where nothing was compared."""
    return max((diff.grade for diff in diffs), key=_GRADES.index, default=None)


def describe(outcome: Outcome) -> str:
    """Say an outcome in a few words: "py_exception in load (ValueError)"."""
    if outcome.ok:
        return f"ok ({outcome.reason})" if outcome.reason else "ok"
    inside = outcome.type or outcome.reason
    where = f"{outcome.kind.value} in {outcome.phase.value}"
    return f"{where} ({inside})" if inside else where


def _differences(expected: Expectation, outcome: Outcome, diffs: Sequence[Diff]) -> Iterator[tuple[str, str]]:
    """What differs, as what was expected and what was seen; each thing says something only where those before it agree."""
    if expected.outcome is not outcome.kind:
        yield _wanted(expected), describe(outcome)
    if expected.phase is not None and expected.phase is not outcome.phase:
        yield f"{expected.outcome} in {expected.phase}", f"it in {outcome.phase}"
    if expected.type and expected.type != outcome.type:
        yield f"type {expected.type}", outcome.type or "none"
    if expected.message and not _matches(expected.message, outcome.message):
        yield f"a message that matches {expected.message!r}", repr(outcome.message[:_SHOWN])
    if expected.reason is not None and not expected.reason.covers(outcome.reason):
        yield f"wrong numbers by {expected.reason}", outcome.reason or "none"
    worst = worst_grade(diffs)
    if expected.grade is not None and (worst is None or _GRADES.index(worst) > _GRADES.index(expected.grade)):
        yield f"grade {expected.grade}", worst.value if worst else "no outputs to compare"


def _wanted(expected: Expectation) -> str:
    where = f" in {expected.phase}" if expected.phase else ""
    kind = f" ({expected.type})" if expected.type else ""
    return f"{expected.outcome}{where}{kind}"


def _matches(wanted: str, message: str) -> bool:
    try:
        return pattern.found(wanted, message)
    except pattern.PatternError as error:
        raise UsageError(
            f"the expected message {wanted!r} is not a regular expression: {error}",
            f"mend `message` in the scenario's header; a bracket that is meant as such needs a backslash; {pattern.SYNTAX}",
        ) from None


def _said(result: TrialResult, expected: Expectation) -> str:
    return judge(expected, result.outcome, result.diffs)


def _open(result: TrialResult) -> bool:
    """Whether a trial could not be decided, unless that is just what was expected of it."""
    wanted = result.expected.outcome if result.expected is not None else None
    return not result.outcome.kind.decided and result.outcome.kind is not wanted


def _untested(results: Sequence[TrialResult]) -> tuple[str, ...]:
    """Count and name what could not be tested, and why."""
    left = [result for result in results if _open(result)]
    if not left:
        return ()
    names = (f"{result.label}: {describe(result.outcome)}" for result in left)
    return (f"{len(left)} of {len(results)} pairs could not be tested", *names)


def _weigh(problems: Sequence[TrialResult], differing: Sequence[tuple[TrialResult, str]]) -> Verdict:
    """Weigh the tested pairs: nothing differs, only the problem is gone, or something else."""
    if not differing:
        return Verdict.REPRODUCED
    gone = bool(problems) and all(result.outcome.ok for result in problems)
    # Identity, because two trials may be equal in every field.
    only_problems = {id(result) for result, _ in differing} == {id(result) for result in problems}
    return Verdict.NOT_REPRODUCED if gone and only_problems else Verdict.CHANGED
