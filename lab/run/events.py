"""What a verb tells while it works: said, begun, done, ended; the door shows it, and nobody else needs to listen."""

from dataclasses import dataclass

from lab.model import TrialResult
from lab.model.bench import Block


@dataclass(frozen=True, kw_only=True)
class Told:
    """Something said while it happens; `passing` lines are a program's own output, also kept in a log."""

    text: str
    passing: bool = False


@dataclass(frozen=True, kw_only=True)
class Began:
    """A step started: its label and phase, for the progress display."""

    label: str
    phase: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """A trial is finished and stored."""

    result: TrialResult


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A block is finished and stored."""

    block: Block


Event = Told | Began | Done | Measured
