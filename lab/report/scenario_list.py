"""The scenario library as a table for the docs, so that page and headers cannot drift apart."""

from collections import Counter
from collections.abc import Sequence

from lab.model import Expectation, Kind, Scenario
from lab.report.markdown import cell

BEGIN, END = "<!-- library: begin -->", "<!-- library: end -->"
HEADINGS = {
    "en": ("scenario", "report", "what it shows", "what is expected of it"),
    "zh": ("场景", "上游报告", "说明", "预期结果"),
}
PAIRS = {"en": ("{} pair", "{} pairs"), "zh": ("{} 组", "{} 组")}


def table(scenarios: Sequence[Scenario], language: str = "en") -> str:
    """One row a scenario, in the order given; `language` is en or zh."""
    rows = [HEADINGS[language], ("---",) * 4, *(_row(one, language) for one in scenarios)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def written(page: str, scenarios: Sequence[Scenario], language: str) -> str:
    """The page with the table between its two marks renewed; the page as it is where it has no marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table(scenarios, language)}\n{END}{tail}" if begin and end else page


def expected(one: Scenario, language: str = "en") -> str:
    """What the header expects, counted: "7 pairs: 4 ok, 3 ValueError in load"."""
    counted = Counter(_words(pair) for pair in one.expectations)
    single, plural = PAIRS[language]
    number = len(one.expectations)
    said = (single if number == 1 else plural).format(number)
    costly = " (`--full`)" if number and all(pair.full for pair in one.expectations) else ""
    return f"{said}: " + ", ".join(f"{count} {words}" for words, count in counted.items()) + costly


def _row(one: Scenario, language: str) -> tuple[str, ...]:
    shown = one.summary_zh if language == "zh" and one.summary_zh else one.summary
    return f"`{one.name}`", _link(one.issue), cell(shown), expected(one, language)


def _link(issue: str) -> str:
    """A report as a link; a dash where the scenario names none."""
    repository, mark, number = issue.partition("#")
    return f"[{issue}](https://github.com/{repository}/issues/{number})" if mark else cell(issue) or "-"


def _words(pair: Expectation) -> str:
    where = f" in {pair.phase.value}" if pair.phase else ""
    return "ok" if pair.outcome is Kind.OK else f"{pair.type or pair.outcome.value}{where}"
