"""An answer for the machine of a CI system, beside what people read: the JUnit file, GitHub's annotations and summary."""

import os
from dataclasses import dataclass
from pathlib import Path

from lab.cli import speak
from lab.errors import LabError
from lab.model.cases import AnswerCases
from lab.outcome.exits import FAILURES
from lab.storage import handover

SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What a verb was asked to tell machines: the JUnit file, and whether GitHub Actions listens."""

    verb: str = ""
    junit: Path | None = None
    github: bool = False

    @property
    def asked(self) -> bool:
        """Whether any machine listens."""
        return self.junit is not None or self.github

    def tell(self, found: AnswerCases, word: str, code: int) -> None:
        """Write and say what was asked for."""
        from lab.report import github, junit  # noqa: PLC0415 - only where a machine reads the end

        if self.junit is not None:
            handover.write(self.junit, junit.render(self.verb, found))
        if not self.github:
            return
        for line in github.annotations(self.verb, found):  # the runner reads both streams; stdout may be a program's
            speak.err(line)
        summary = os.environ.get(SUMMARY)
        if summary:
            handover.append(Path(summary), github.summary(self.verb, word, code, found))
        else:
            speak.err(f"lab: {SUMMARY} is not set, so there is no job summary: this is no step of GitHub Actions")

    def failed(self, error: LabError) -> None:
        """Tell that a command ended without an answer: one case that is an error."""
        from lab.report import cases  # noqa: PLC0415 - only where a machine reads the end

        self.tell(cases.of_error(self.verb, error.what, error.remedy), FAILURES[error.exit_code], error.exit_code)
