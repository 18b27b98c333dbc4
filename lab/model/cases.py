"""An answer as cases: what passed, failed, or could not be tried, for machines that know nothing of releases."""

from dataclasses import dataclass
from enum import StrEnum


class CaseEnd(StrEnum):
    """How a case ended; an error is the lab's or the machine's and not Paddle's."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class AnswerCase:
    """One thing that was asked: a pair, a release to upgrade to, a tracked row; `detail` is what a reader needs of it."""

    name: str
    end: CaseEnd
    message: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerCases:
    """All cases of an answer, of one subject, with the answer in a sentence."""

    subject: str
    said: str
    cases: tuple[AnswerCase, ...]
