"""The page "hosts": which machine of a fleet tried what, when, and with what facts; made only where a fleet has worked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lab.model import Run
from lab.outcome.words import outcome_words

SHOWN = ("class", "cpu", "cores", "memory_gib", "isa", "arch", "gpu", "driver", "engine", "labels", "system", "kernel")
"""The facts of a host that the page tells, in this order."""
MOST = 500
"""Trials that the page lists for one host, newest first; each run's own files have all of them."""


@dataclass(frozen=True, kw_only=True)
class HostTrial:
    """One trial as its host's page tells it."""

    started: str
    run: str
    scenario: str
    label: str
    outcome: str
    works: bool


@dataclass(frozen=True, kw_only=True)
class HostFindings:
    """One host: its facts as the newest run has them, and what it tried, newest first; `count` is how much in all."""

    name: str
    facts: Mapping[str, str]
    trials: tuple[HostTrial, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class HostPile:
    """What hosts did, as runs are seen, oldest first; it only grows while it is gathered."""

    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    trials: dict[str, list[HostTrial]] = field(default_factory=dict)

    def seen(self, run: Run) -> None:
        """Add a run; a trial that was taken from an earlier one is told there."""
        self.facts.update(run.hosts)
        for one in run.trials:
            host = one.load.host if one.load is not None and not one.reused else ""
            if host:
                told = HostTrial(
                    started=run.started, run=run.id, scenario=run.scenario, label=one.label,
                    outcome=outcome_words(one.outcome), works=one.outcome.kind.works,
                )  # fmt: skip
                self.trials.setdefault(host, []).append(told)

    def findings(self) -> tuple[HostFindings, ...]:
        """Every host by name."""
        return tuple(_findings(name, self.facts.get(name, {}), self.trials.get(name, ())) for name in self._names())

    def _names(self) -> Iterable[str]:
        return sorted({*self.facts, *self.trials})


def _findings(name: str, facts: Mapping[str, str], trials: Sequence[HostTrial]) -> HostFindings:
    newest = sorted(trials, key=lambda one: (one.started, one.run, one.label), reverse=True)
    shown = {key: facts[key] for key in SHOWN if facts.get(key)}
    return HostFindings(name=name, facts=shown, trials=tuple(newest[:MOST]), count=len(newest))
