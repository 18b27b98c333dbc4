"""A run as an issue for Paddle's tracker, in the order of its bug template: what fails, code, traceback, then the rest.

In English, in Chinese, or both at once (the code and the logs then stand there once). Text from containers is cleaned
and stays inside its cell or fence.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from lab import shell
from lab.model import Selector, StepFacts, TrialResult
from lab.model.bundle import IssueReport, Lang
from lab.outcome.chain import raised
from lab.outcome.words import message_line, numbers, outcome_words
from lab.report import builds, frames, issue_given, phrases, rows
from lab.report.markdown import cell, fence, table
from lab.text import clean

NEW = "https://github.com/PaddlePaddle/Paddle/issues/new"
LABELS = "type/bug-report,status/new-issue"
MOST_ROWS = 40
TITLE = 120
SENTENCE = 400
DETAIL = 16_000
LOG = 4_000
NATIVE = "C++ Traceback (most recent call last)"
_UPSTREAM = re.compile(r"[\w.-]+/[\w.-]+#\d+")
_MAIN = re.compile(r"(?s)^if __name__ == .__main__.:.*\bsave\b", re.MULTILINE)
_HEADER = re.compile(r"(?m)^# /// script$\s(?:^#(?:| .*)$\s)+?^# ///$\s*")


def render(report: IssueReport, lang: Lang) -> str:
    """The whole text, ready to paste: first field of the template, then the second."""
    say = phrases.Speaker(lang.value)
    lines = [f"### {say.one('describe')}", "", *_what(report, say), ""]
    lines += [f"**{say.one('code')}**", "", *fence(minimal(report.code), "python"), ""]
    lines += [f"**{say.one('traceback')}**", "", *fence(_trace(report)), ""]
    lines += [f"### {say.one('others')}", "", f"**{say.one('table')}**", "", *_table(report, say), ""]
    lines += [f"**{say.one('environment')}**", "", *_environment(report, say), ""]
    lines += [f"**{say.one('cure')}**", "", *_cure(report, say), ""]
    lines += [f"**{say.one('reproduce')}**", "", *_reproduce(report, say), "", *_logs(report.logs, say)]
    return "\n".join(lines).rstrip() + "\n"


def title(report: IssueReport) -> str:
    """One line that says what fails, for the issue's title."""
    one = report.subject
    what = outcome_words(one.outcome)
    if report.given:
        said = f"{_release(one.saver)} -> {_release(one.loader)}: a saved model fails by {issue_given.call(one, plain=True)}: {what}"
        return clean(said, TITLE * 2)[:TITLE]
    return clean(f"{_release(one.saver)} -> {_release(one.loader)}: {what}: {report.summary}", TITLE * 2)[:TITLE]


def address(report: IssueReport) -> str:
    """The tracker's new-issue page with template, title and labels filled in."""
    return f"{NEW}?{urlencode({'template': '1_bug-report.yml', 'title': title(report), 'labels': LABELS})}"


def minimal(code: str) -> str:
    """The scenario without the lab's header: what is left runs alone."""
    return _HEADER.sub("", code).strip()


def _release(key: str) -> str:
    """The part of an environment's name that a title needs."""
    return key.removesuffix("-x86_64").split("-py")[0]


def _what(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """What fails in three lines: the summary, the pair and its outcome, and what is the same or works beside it."""
    if report.given:
        return issue_given.what(report, say)
    one = report.subject
    words = {
        "saver": cell(rows.saver(one)),
        "loader": cell(one.loader + rows.settings(one.loader_env)),
        "outcome": cell(clean(outcome_words(one.outcome), SENTENCE)),
        "message": cell(clean(message_line(one.outcome), SENTENCE)),
        "signature": one.outcome.signature or "-",
        "route": "" if one.route == "own" else f" ({cell(one.route)})",
    }
    upstream = f" ({report.issue})" if _UPSTREAM.fullmatch(report.issue) else ""
    good = sum(other.outcome.ok for other in report.run.trials)
    isolation = "counts" if report.run.isolated else "counts local"
    summaries = say.either(report.summary, report.summary_zh or report.summary)
    counts = {"good": good, "all": len(report.run.trials)}
    return [
        *_apart(cell(clean(one, SENTENCE)) + upstream for one in summaries),
        "",
        *say.lines("fails", **words),
        "",
        *issue_given.known(report, say),
        *say.lines(isolation, **words, **counts),
    ]


def _apart(paragraphs: Iterable[str]) -> list[str]:
    """Paragraphs with an empty line between them."""
    return "\n\n".join(paragraphs).split("\n")


def _trace(report: IssueReport) -> str:
    """The traceback: Python's, or the one that Paddle's own signal handler wrote into a log, or what is known."""
    outcome = report.subject.outcome
    text = outcome.detail or _native(report.logs) or outcome.message or outcome_words(outcome)
    # A traceback tells the causes itself, so of a chain only what was raised can be missing from it.
    told = not outcome.message or raised(outcome.type, outcome.message) in text
    said = "" if told else f"\n\n{outcome.message}"
    return clean(frames.told(text + said, report.code, minimal(report.code)), DETAIL)


def _native(logs: Mapping[str, str]) -> str:
    """Paddle's C++ traceback from the logs of the loading side."""
    for name, text in sorted(logs.items()):
        _, mark, rest = text.partition(NATIVE)
        if mark and name.startswith("load"):
            return mark + rest
    return ""


def _table(report: IssueReport, say: phrases.Speaker) -> list[str]:
    run = report.run
    if report.given:
        return issue_given.table_of(run.trials[:MOST_ROWS], say)
    headings = [say.one(name) for name in ("saved by", "loaded by", "with", "result", "numbers")]
    return table(headings, [_cells(one) for one in run.trials[:MOST_ROWS]])


def _cells(one: TrialResult) -> tuple[str, ...]:
    return rows.saver(one), one.loader, rows.setting(one), issue_given.marked(one.outcome), numbers(one.diffs)


def _environment(report: IssueReport, say: phrases.Speaker) -> list[str]:
    one, machine = report.subject, report.run.machine
    sides = [("load", one.loader, one.load)]
    old = issue_given.before(report.run, one) if report.given else None
    if not report.given:
        sides.insert(0, ("save", one.saver, one.save))
    elif old is not None and old.outcome.ok:
        sides.append(("works", old.loader, old.load))
    lines = []
    for name, key, facts in sides:
        versions = facts.versions if facts else {}
        told = ", ".join(f"{word} {versions[word]}" for word in sorted(versions) if word != "pyperf" and versions[word])
        lines.append(f"- {say.one(f'env {name}')}: {'; '.join(word for word in (cell(key), cell(told)) if word)}")
    lines += [f"- {say.one('env given')}: {cell(said)}" for said in builds.lines(report.run)]
    words = (machine.get(name, "") for name in ("cpu", "isa", "arch", "system", "kernel"))
    engine = f"{report.run.engine} {machine.get('engine_version', '')}".strip()
    return [*lines, f"- {say.one('env host')}: {cell(', '.join(word for word in words if word))}; {cell(engine)}"]


def _cure(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """The flags that make the same pair work, or that none was found."""
    if report.given and (told := issue_given.helps(report, say)):
        return told
    found = report.run.cures_of(report.subject)
    if not found:
        return say.lines("no cure")
    lines: list[str] = []
    for one in found:
        side = "saving" if one.saver_env != report.subject.saver_env else "loading"
        env = one.saver_env if side == "saving" else one.loader_env
        flags = rows.settings(env).strip() or say.one("no flags")
        lines += say.lines(f"cured {side}", flags=cell(flags), numbers=cell(numbers(one.diffs) or "ok"))
    return lines


def _reproduce(report: IssueReport, say: phrases.Speaker) -> list[str]:
    one = report.subject
    if report.given and not report.attachment:
        lines = say.lines("given", loader=cell(Selector.of(one.loader).release))
        return [*lines, "", *fence(issue_given.commands(report), "sh")]
    if not report.attachment:
        lines = _alone(report, say)
        words = ["lab", "run", report.run.scenario, "--savers", one.saver, "--loaders", one.loader]
        words += [f"--save-flag {name}={value}" for name, value in sorted(one.saver_env.items())]
        words += [f"--flag {name}={value}" for name, value in sorted(one.loader_env.items())]
        words += [] if one.route == "own" else ["--route", one.route]
        return [*lines, "", *say.lines("lab"), "", *fence(shell.join(words), "sh")]
    folder = report.unpacked or report.attachment.removesuffix(".repro.tgz")
    lines = [*say.lines("attached", file=cell(report.attachment)), ""]
    lines += fence(f"tar xf {shell.quote(report.attachment)}\nsh {folder}/run.sh", "sh")
    if report.proof is not None:
        lines += ["", *say.lines("proved", times=report.proof.times, engine=cell(report.proof.engine))]
    return lines


def _alone(report: IssueReport, say: phrases.Speaker) -> list[str]:
    """How the code is run by somebody who has Paddle and nothing else."""
    one = report.subject
    if not _MAIN.search(report.code):
        return say.lines("functions", saver=cell(_release(one.saver)), loader=cell(_release(one.loader)))
    saving, loading = (
        "".join(f"{name}={shell.quote(value)} " for name, value in sorted(env.items()))
        for env in (one.saver_env, one.loader_env)
    )
    typed = [
        f"{_needs(one.saver, one.save)}\nmkdir saved && {saving}python repro.py save saved",
        f"{_needs(one.loader, one.load)}\n{loading}python repro.py load saved",
    ]
    return [*say.lines("without"), "", *fence("\n".join(typed), "sh")]


def _needs(key: str, facts: StepFacts | None) -> str:
    """What a side needs, as a comment: what pip installs, where the wheel of the processor was used and is known."""
    versions = facts.versions if facts else {}
    if Selector.of(key).rest.split("-")[0] != "cpu" or not {"paddle", "numpy"} <= set(versions):
        return f"# Paddle {clean(_release(key), TITLE)}"
    return clean(f"# pip install paddlepaddle=={versions['paddle']} numpy=={versions['numpy']}", TITLE)


def _logs(logs: Mapping[str, str], say: phrases.Speaker) -> list[str]:
    lines: list[str] = []
    for name, text in sorted(logs.items()):
        if text.strip():
            head = f"<details><summary>{say.one('log')} {cell(name)}</summary>"
            lines += [head, "", *fence(clean(text, LOG)), "", "</details>", ""]
    return lines
