"""An answer as cases, for machines that know nothing of releases: what passed, failed, or could not be tried."""

from collections.abc import Iterator

from lab.model import Run, TrialResult
from lab.model.cases import AnswerCase, AnswerCases, CaseEnd
from lab.model.check_grid import Answer, Checked, Safety
from lab.outcome.words import outcome_words
from lab.report.check_sentences import sentences
from lab.report.check_words import losses, why
from lab.report.rows import held


def of_run(run: Run, said: str) -> AnswerCases:
    """One case a pair: it did what its header says, or where nothing was expected, it works."""
    return AnswerCases(subject=run.scenario, said=said, cases=tuple(map(_pair, run.trials)))


def _pair(one: TrialResult) -> AnswerCase:
    seen = outcome_words(one.outcome)
    message = seen if one.verdict in ("", seen) else f"{one.verdict}; it is {seen}"
    detail = "\n\n".join(part for part in (one.outcome.message, one.outcome.detail, one.outcome.signature) if part)
    end = _pair_end(one)
    if end is CaseEnd.PASSED:
        return AnswerCase(name=one.label, end=end)
    return AnswerCase(name=one.label, end=end, message=message, detail=detail)


def _pair_end(one: TrialResult) -> CaseEnd:
    as_header = held(one)
    if as_header or (as_header is None and one.outcome.ok):
        return CaseEnd.PASSED
    if one.outcome.kind.decided:
        return CaseEnd.FAILED
    return CaseEnd.ERROR if one.outcome.kind.exit_code in BROKEN else CaseEnd.SKIPPED


BROKEN = (5, 7)
"""Exit codes of what the machine or the lab could not do, as against what Paddle has no wheel for, or nobody can tell."""


def of_check(found: Checked, *, accepted: bool) -> AnswerCases:
    """One case a release to upgrade to; safe another way passes only where that change is accepted."""
    said = " ".join(one.text for one in sentences(found.grid))
    cases = tuple(_release(found, one, accepted=accepted) for one in found.answers)
    return AnswerCases(subject=found.prefix, said=said, cases=cases)


def _release(found: Checked, one: Answer, *, accepted: bool) -> AnswerCase:
    name = f"{found.prefix}: {found.old} -> {one.release}"
    good = one.verdict is Safety.SAFE or (accepted and one.verdict is Safety.OTHERWISE)
    if good:
        return AnswerCase(name=name, end=CaseEnd.PASSED)
    end = CaseEnd.ERROR if one.verdict is Safety.UNKNOWN else CaseEnd.FAILED
    return AnswerCase(name=name, end=end, message=str(one.verdict), detail="\n".join(_reasons(found, one)))


def _reasons(found: Checked, one: Answer) -> Iterator[str]:
    grid = found.grid
    yield from (each.text for each in sentences(grid) if any(release == one.release for release, _ in each.cells))
    yield from losses(grid, one)
    yield from (text for text in (why(grid, one),) if text)


def of_error(subject: str, what: str, remedy: str) -> AnswerCases:
    """The one case of a command that ended without an answer."""
    case = AnswerCase(name="an answer", end=CaseEnd.ERROR, message=what, detail=f"try: {remedy}" if remedy else "")
    return AnswerCases(subject=subject, said=what, cases=(case,))
