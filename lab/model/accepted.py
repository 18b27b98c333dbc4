"""A change for the worse that somebody accepted: up to which ratio, since when, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AcceptedChange:
    """One accepted row: what was measured (on which machine, against which anchor, with which settings) and how far it may go.

    `side` is the environment it was accepted of; `settings` are its variables, empty where it has none. `high` is the upper
    end of the ratio's 99 % interval: what lies beyond is news again.
    """

    schema: int
    date: str
    reason: str
    machine: str
    scenario: str
    route: str
    metric: str
    anchor: str
    side: str
    settings: str
    ratio: float
    high: float
