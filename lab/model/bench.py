"""What a benchmark says: a ratio with its interval, a verdict one can act on, and the raw values it came from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Change(StrEnum):
    """What a comparison says; UNDECIDED and UNSTABLE are answers too, and never dressed up as SAME."""

    FASTER = "FASTER"
    SLOWER = "SLOWER"
    SAME = "SAME"
    UNDECIDED = "UNDECIDED"
    UNSTABLE = "UNSTABLE"


class Leak(StrEnum):
    """Whether memory keeps growing with every call."""

    LEAKS = "LEAKS"
    STEADY = "STEADY"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One value of one side: seconds per call, wall and CPU; `order` is its place inside its round, `rss` in bytes.

    `calls` and `threads` are what the process had made and how many it had after the value.
    """

    metric: str
    pair: int
    order: int
    wall: float
    cpu: float
    rss: int = 0
    calls: int = 0
    threads: int = 0


@dataclass(frozen=True, kw_only=True)
class SideBlock:
    """What one side did in one block, in a process of its own.

    `cold` holds what happens once in a process (import, first_load, first), in seconds; `loops` the calls in a value;
    `peak` and `limit` are bytes; `stopped` says in one sentence why the side ended early, empty where it did not.
    """

    side: str
    twin: bool = False
    cold: Mapping[str, float] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    loops: Mapping[str, int] = field(default_factory=dict)
    peak: int = 0
    stopped: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block: every side in a fresh container, measured in turns.

    `steal` is the share of time the host took away; `slept` the seconds the machine slept meanwhile, which spoils a block.
    """

    session: int
    number: int
    seed: int
    order: tuple[str, ...]
    sides: tuple[SideBlock, ...]
    seconds: float = 0.0
    steal: float = 0.0
    slept: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A ratio to the reference (1.1 = 10 % more) with its 99 % interval, the exact p, and what it rests on.

    `narrow` is the interval that decides SAME; `half_width` is that of the 99 % interval on the log scale; `spread` is
    the standard deviation of the block medians on the log scale.
    """

    ratio: float
    low: float
    high: float
    narrow: tuple[float, float]
    p: float
    blocks: int
    values: int
    spread: float

    @property
    def half_width(self) -> float:
        """Half the 99 % interval as a share: 0.05 means about five per cent either way."""
        return max(0.0, math.sqrt(self.high / self.low) - 1.0)


@dataclass(frozen=True, kw_only=True)
class BenchRow:
    """One side against the reference in one metric.

    `unit` is s or B (bytes); `reference` and `value` are medians in it; `noise` is the A/A half-width, `delta` the
    smallest change that counts, `detectable` the smallest that could have been seen, all as shares; `more` is about how
    many blocks are missing; `confirmed` is empty, or says what the second session found; `known` is empty, or says when
    a row was measured that history answered.
    """

    side: str
    metric: str
    change: Change
    wall: Estimate
    cpu: Estimate | None
    decided_by: str
    adjusted_p: float
    delta: float
    noise: float
    detectable: float
    reference: float
    value: float
    unit: str = "s"
    more: int = 0
    confirmed: str = ""
    known: str = ""


@dataclass(frozen=True, kw_only=True)
class BenchSide:
    """What is said of one side alone: its build, its memory, and whether it slows down or stopped.

    `growth` is bytes per call, `threads` threads left behind per call; `creep` is the last quarter of a process against
    its first, beside the reference (1.2 = 20 % slower at the end); `peak` is bytes.
    """

    side: str
    saver: str
    digest: str
    outcome: str
    loops: Mapping[str, int] = field(default_factory=dict)
    peak: int = 0
    growth: float = 0.0
    threads: float = 0.0
    leak: Leak = Leak.UNKNOWN
    creep: float = 1.0
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BenchReport:
    """The whole answer of one benchmark; everything in it can be computed again from the blocks beside it."""

    schema: int
    run: str
    scenario: str
    scenario_sha256: str
    reference: str
    seed: int
    blocks: int
    control_blocks: int
    control_alarms: int
    seconds: float
    rows: tuple[BenchRow, ...]
    sides: tuple[BenchSide, ...]
    steal: float = 0.0
    machine: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    route: str = "own"
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One row of a benchmark as history keeps it: the ratio to an anchor measured in the same session, and its pairs.

    `key` names what was measured (scenario, route, both images, settings, machine, metric); `pairs` are the log ratios of each
    block, so that everything else can be computed again.
    """

    schema: int
    key: str
    date: str
    run: str
    scenario: str
    scenario_sha256: str
    machine: str
    anchor: str
    anchor_digest: str
    side: str
    digest: str
    metric: str
    change: Change
    ratio: float
    low: float
    high: float
    p: float
    delta: float
    reference: float
    value: float
    unit: str
    seed: int
    pairs: tuple[tuple[float, ...], ...]
    route: str = "own"
