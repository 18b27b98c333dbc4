"""A run as Markdown, ready to paste into an issue: text from containers cannot break out of its cell or fence."""

from collections.abc import Iterable, Sequence

from lab.model import Run
from lab.report import builds
from lab.report.rows import COLUMNS, columns, failures, headline


def render(run: Run, notes: Sequence[str] = ()) -> str:
    """Title, verdict, what is known of it, table, messages and machine, in this order."""
    parts = [f"## {run.scenario}: {run.verdict.value or 'no verdict'}", "", headline(run) + ".", ""]
    parts += [f"- {cell(line)}" for line in run.reasons]
    parts += [f"- {line}" for line in notes]  # the lab's own words: the report they name stays a link
    parts += [f"- warning: {cell(one.label)}: {cell(said)}" for one in run.trials for said in one.outcome.warnings]
    parts += [f"- given: {cell(said)}" for said in builds.lines(run)]
    parts += ["", *_table(run), "", *_messages(run), *_machine(run)]
    return "\n".join(parts).rstrip() + "\n"


def cell(text: str) -> str:
    """Text that stays inside one table cell and calls nobody."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
    escaped = escaped.replace("[", "\\[").replace("#", "#\u200b")
    return escaped.replace("@", "@\u200b").replace("\n", " ")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of words, each kept inside its cell."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return lines + ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]


def fence(text: str, language: str = "") -> list[str]:
    """A code block whose fence is longer than any run of backticks inside it; code of a language stays as it is."""
    longest = max((len(run) for run in _backticks(text)), default=0)
    mark = "`" * max(3, longest + 1)
    return [mark + (language or "text"), text if language else text.replace("@", "@\u200b"), mark]


def _backticks(text: str) -> list[str]:
    runs, current = [], ""
    for letter in text:
        if letter == "`":
            current += letter
        elif current:
            runs.append(current)
            current = ""
    return [*runs, current] if current else runs


def _table(run: Run) -> list[str]:
    shown = columns(run, COLUMNS)
    return table([one.heading for one in shown], [[one.cell(result) for one in shown] for result in run.trials])


def _messages(run: Run) -> list[str]:
    lines: list[str] = []
    for one in failures(run):
        lines += [f"**{cell(one.label)}** (`{one.outcome.signature or 'no signature'}`)", ""]
        lines += [*fence(one.outcome.message), ""]
    return lines


def _machine(run: Run) -> list[str]:
    words = [f"{name} {value}" for name, value in sorted(run.machine.items())]
    isolation = "containers" if run.isolated else "NOT isolated (local environments)"
    return [f"Run `{run.id}`, {isolation}; " + cell(", ".join(words)) + "."]
