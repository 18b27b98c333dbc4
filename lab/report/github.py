"""An answer as GitHub Actions shows it: an annotation for each case that is not well, and a job summary."""

from collections.abc import Iterator

from lab.model.cases import AnswerCase, AnswerCases, CaseEnd
from lab.report.markdown import cell, fence

LEVELS = {CaseEnd.FAILED: "error", CaseEnd.ERROR: "error", CaseEnd.SKIPPED: "warning"}
SHOWN = 10
"""GitHub shows so many annotations of one kind a step, and drops the rest without a word."""
DETAIL = 4000
REASON = 600


def annotations(verb: str, found: AnswerCases) -> Iterator[str]:
    """Workflow commands, the errors first; where there are more than are shown, the last one says how many."""
    bad = sorted((one for one in found.cases if one.end in LEVELS), key=lambda one: LEVELS[one.end])
    shown = bad if len(bad) <= SHOWN else bad[: SHOWN - 1]
    for one in shown:
        yield _command(LEVELS[one.end], f"{verb}: {one.name}", _told(one))
    if len(bad) > len(shown):
        yield _command("error", verb, f"{len(bad) - len(shown)} more are in the job summary")


def _told(one: AnswerCase) -> str:
    """How a case ended and why, in one line: an annotation stands alone, where no detail is beside it."""
    reason = one.detail.partition("\n")[0].strip()
    return f"{one.message}: {reason}"[:REASON] if reason else one.message


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(verb: str, word: str, code: int, found: AnswerCases) -> str:
    """The job summary in Markdown: the answer, a table of all cases, and the detail of those that are not well."""
    lines = [f"## lab {verb} {cell(found.subject)}: {word or 'no verdict'}", "", cell(found.said), ""]
    lines += [f"Exit code {code}.", "", "| case | end | |", "|---|---|---|"]
    lines += [f"| {cell(one.name)} | {one.end} | {cell(one.message)} |" for one in found.cases]
    for one in found.cases:
        if one.end in LEVELS and one.detail:
            lines += ["", *_detail(one)]
    return "\n".join(lines) + "\n"


def _detail(one: AnswerCase) -> Iterator[str]:
    yield f"<details><summary>{cell(one.name)}</summary>"
    yield ""
    yield from fence(one.detail[:DETAIL])
    yield ""
    yield "</details>"
