"""Tables of a report: which of their columns are about Paddle."""

import re
from collections.abc import Sequence

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
