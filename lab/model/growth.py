"""Memory that grows with each load or call: what a header asks for, and what was seen."""

from dataclasses import dataclass

from lab.model.bench import Leak
from lab.model.outcome import Phase


@dataclass(frozen=True, kw_only=True)
class GrowthPlan:
    """What is done again and again in one process: loads (each with a first call) or calls of one handle, and how often."""

    of: Phase
    calls: int = 40


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Memory over many loads or calls of one process, in bytes: what each one costs, with a 95 % interval, and all together.

    `calls` are those that count, after the first ones, which make what is made once.
    """

    of: Phase
    calls: int
    verdict: Leak
    each: float = 0.0
    low: float = 0.0
    high: float = 0.0
    gained: int = 0
