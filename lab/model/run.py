"""What one command did, as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lab.model.environment import GivenBuild
from lab.model.growth import Growth
from lab.model.outcome import Diff, Outcome
from lab.model.scenario import Expectation, variants_between
from lab.model.step import Measurement, StepFacts


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """One finished trial as it is stored: outcome, diffs, raw times and facts; `folder` is relative to the run.

    `verdict` compares with the expectation: "as expected", "differs: ...", or empty where none was stated. `reused`
    names the run the result was taken from. `cpu` is the loading side's processor where it was not the host's own. `over` is what had saved into
    the same folder before, with its variables. `saved_on` and `on` are the labels of the hosts that each side was asked for on.
    """

    label: str
    key: str
    saver: str
    loader: str
    saver_env: Mapping[str, str]
    loader_env: Mapping[str, str]
    route: str
    outcome: Outcome
    diffs: tuple[Diff, ...] = ()
    growth: Growth | None = None
    over: str = ""
    measurements: tuple[Measurement, ...] = ()
    save: StepFacts | None = None
    load: StepFacts | None = None
    expected: Expectation | None = None
    verdict: str = ""
    folder: str = ""
    reused: str = ""
    seconds: float = 0.0
    threads: int = 1
    cpu: str = ""
    saved_on: str = ""
    on: str = ""

    @property
    def host(self) -> str:
        """The host of a fleet that loaded, with its class in brackets; where another host saved, that one before it; empty for this machine."""
        loaded, saved = (one.where if one is not None else "" for one in (self.load, self.save))
        return f"{saved} -> {loaded}" if saved and loaded and saved != loaded else loaded

    @property
    def classes(self) -> tuple[str, str]:
        """The classes of the machines that saved and loaded; empty for a side that did not come so far."""
        saved, loaded = (one.host_class if one is not None else "" for one in (self.save, self.load))
        return saved, loaded

    @property
    def saver_label(self) -> str:
        """What saved, with its variables, and what it was saved over, as the trial's own label has it."""
        words = [self.saver, *(f"{name}={value}" for name, value in sorted(self.saver_env.items()))]
        words += [f"on={self.saved_on}"] if self.saved_on else []
        return " ".join([*words, *(["over", self.over] if self.over else [])])


def _pairing(one: TrialResult) -> tuple[object, ...]:
    """All that two trials share where only flags tell them apart."""
    return (one.saver, one.over, one.loader, one.route, one.cpu, one.threads, one.saved_on, one.on)


def _of_one_class(one: TrialResult, other: TrialResult) -> bool:
    """Whether machines of one class did both, side by side; a side that did not come so far says nothing of it."""
    return all(left == right for left, right in zip(one.classes, other.classes, strict=True) if left and right)


class Verdict(StrEnum):
    """What a run says about the problem its scenario describes."""

    REPRODUCED = "REPRODUCED"
    NOT_REPRODUCED = "NOT REPRODUCED"
    CHANGED = "CHANGED"
    VOID = "VOID"
    NONE = ""


class RunStatus(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one command did: its trials, in order, and the machine it ran on.

    Times are ISO 8601 in UTC; `schema` counts the stored form. `fresh` says that it takes over nothing of other runs.
    `variants` are the scenario's variables that change its net or its calls; `builds` are
    what was handed over in the place of a release. `hosts` are the machines of a fleet that did something for it, by name,
    with the facts of each.
    """

    schema: int
    id: str
    command: str
    scenario: str
    scenario_sha256: str
    engine: str
    isolated: bool
    started: str
    finished: str = ""
    status: RunStatus = RunStatus.RUNNING
    verdict: Verdict = Verdict.NONE
    reasons: tuple[str, ...] = ()
    planned: int = 0
    trials: tuple[TrialResult, ...] = ()
    machine: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fresh: bool = False
    variants: tuple[str, ...] = ()
    builds: tuple[GivenBuild, ...] = ()
    hosts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The verb of the lab that made it."""
        words = self.command.split()
        return words[1] if len(words) > 1 and words[0] == "lab" else ""

    def cures_of(self, subject: TrialResult) -> tuple[TrialResult, ...]:
        """The trials that differ from the subject only by flags that the build knows, and work."""
        same = _pairing(subject)
        return tuple(
            one
            for one in self.trials
            if one.outcome.ok
            and _pairing(one) == same
            and _of_one_class(one, subject)
            and (one.saver_env, one.loader_env) != (subject.saver_env, subject.loader_env)
            and not (one.load and one.load.flags_missing)
            and not variants_between(
                self.variants, (one.saver_env, subject.saver_env), (one.loader_env, subject.loader_env)
            )
        )
