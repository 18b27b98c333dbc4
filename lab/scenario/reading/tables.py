"""Tables of a report: which of their columns are about Paddle, and what stands below a release."""

import re
from collections.abc import Iterator, Sequence

from lab.scenario.reading.mention import Mention

_LONGEST_LINE = 2000


def columns(lines: Sequence[str]) -> tuple[frozenset[int], ...]:
    """For each line of a table, the columns (counted by the bars before them) whose head names Paddle."""
    found: list[frozenset[int]] = []
    head: frozenset[int] = frozenset()
    for at, line in enumerate(lines):
        if "|" not in line:
            head = frozenset()
        elif at + 1 < len(lines) and re.fullmatch(r"[ \t|:-]*-[ \t|:-]*", lines[at + 1][:_LONGEST_LINE]):
            head = frozenset(
                column
                for column, cell in enumerate(line[:_LONGEST_LINE].split("|"))
                if re.search(r"paddle(?:paddle)?\b|飞桨", cell, re.IGNORECASE | re.ASCII)
                and not re.search(r"\d\.\d", cell)
            )
        found.append(head)
    return tuple(found)


def below(lines: Sequence[str], mentions: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    """Releases at the head of a table's columns, each with the cells below it."""
    heads: dict[int, list[Mention]] = {}
    for one in mentions:
        heads.setdefault(one.line, []).append(one)
    for at, named in heads.items():
        line = lines[at][:_LONGEST_LINE]
        columns = {line.count("|", 0, one.start): one.version for one in named}
        if "|" not in line or len(columns) < 2:  # noqa: PLR2004 - one column is a row of its own
            continue
        for row in lines[at + 1 :]:
            if "|" not in row:
                break
            cells = row[:_LONGEST_LINE].split("|")
            for column, version in columns.items():
                if column < len(cells):
                    yield version, cells[column]
