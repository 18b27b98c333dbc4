"""What a part of the campaign found: how much was tried, what came to harm, and the table of all parts."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Harm(StrEnum):
    """The ways in which a promise breaks."""

    LOST = "lost"
    LEFT = "left behind"
    OUTSIDE = "read or written outside"
    HANG = "hangs"
    CRASH = "crashes"
    FAILED = "run-level failures"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One promise that broke: how, and by which case."""

    harm: Harm
    case: str
    seen: str


@dataclass(kw_only=True)
class Tally:
    """One part: what it tries, how much was wanted and tried, and what it found."""

    what: str
    wanted: int
    tried: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, harm: Harm, case: str, seen: str) -> None:
        self.findings.append(Finding(harm=harm, case=case, seen=" ".join(seen.split())[:400]))


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Until when a part may begin something new (seconds of the monotonic clock), and what its chances are drawn from."""

    end: float
    seed: int

    @property
    def left(self) -> float:
        return self.end - time.monotonic()

    @property
    def over(self) -> bool:
        return self.left <= 0

    def chances(self, part: str) -> random.Random:
        return random.Random(f"{self.seed} {part}")  # noqa: S311 - a case must be the same every time


HEADINGS = ("what", "tried", "wanted", *(one.value for one in Harm), "seconds")


def table(tallies: Sequence[Tally], seed: int) -> str:
    """All parts in one table, and below it every promise that broke."""
    rows = [HEADINGS]
    for one in tallies:
        counts = Counter(finding.harm for finding in one.findings)
        harms = (str(counts[harm]) for harm in Harm)
        rows.append((one.what, str(one.tried), str(one.wanted), *harms, f"{one.seconds:.0f}"))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.append(f"seed {seed}")
    lines += [f"note: {one.what}: {note}" for one in tallies for note in one.notes]
    lines += [
        f"BROKEN {one.what}: {found.harm}: {found.case}: {found.seen}" for one in tallies for found in one.findings
    ]
    return "\n".join(lines) + "\n"
