"""From a question about releases to a row of trials: one side fixed, the other one moving from release to release."""

import math
from dataclasses import dataclass, field, replace

from packaging.version import Version

from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Environment, Release, Scenario, Selector
from lab.model.search import Axis, ProbeVerdict, Symptom
from lab.run import plan
from lab.run.plan import Planned, Words
from lab.search.given_model import Adopted, Model, adopted
from lab.search.judge import AUTO


@dataclass(frozen=True, kw_only=True)
class BisectRequest:
    """Since when does it fail, or until when: two releases and what is asked about those between them.

    `saver` is what wrote the files where loaders move (else the good release), `loader` what reads them where savers
    move (else the bad one). `words` carry route, Python, threads and variables for both sides. With a `symptom` releases
    are measured, and each loads what it saved itself, under the same variables, unless a saver is named. With a `model`
    nothing is saved: `saver` is the release whose answers it is held against, and each of `ways` is asked about. `among` are the builds
    of the row, in their order, in the place of the releases between the ends.
    """

    scenario: Scenario
    catalogue: Catalogue
    command: str
    good: str
    bad: str
    axis: Axis = Axis.LOADER
    saver: str = ""
    loader: str = ""
    signature: str = AUTO
    fix: bool = False
    repeat: int = 1
    sweep: bool = False
    seed: int = 0
    words: Words = field(default_factory=Words)
    symptom: Symptom | None = None
    model: Model | None = None
    ways: tuple[str, ...] = ()
    among: tuple[str, ...] = ()

    @property
    def adopted(self) -> Adopted | None:
        """The given model as its good release answers."""
        return adopted(
            self.model, lambda: [self.by(way).pair(self.saver, self.good) for way in self.ways or (self.words.route,)]
        )

    def by(self, way: str) -> "BisectRequest":
        """The same question about one way of opening the model."""
        return replace(self, words=replace(self.words, route=way))

    @property
    def own(self) -> bool:
        """Whether each release loads what it saved itself."""
        return self.symptom is not None and not self.saver

    def pair(self, saver: str, loader: str) -> Planned:
        """One trial of this question; UsageError where one of its environments does not exist."""
        words = replace(self.words, savers=(saver or loader,), loaders=(loader,))
        if self.own:
            words = replace(words, saver_env={**words.loader_env, **words.saver_env})
        return plan.from_words(self.scenario, self.catalogue, words)[0]


@dataclass(frozen=True, kw_only=True)
class ReleaseRow:
    """The trials of one axis in the order of releases, and the verdicts its two ends must have.

    `every` says that each of them is tried.
    """

    axis: Axis
    fixed: str
    names: tuple[str, ...]
    planned: tuple[Planned, ...]
    low: ProbeVerdict
    high: ProbeVerdict
    model: str = ""
    every: bool = False

    @property
    def manner(self) -> str:
        """What moves and what stays, in words."""
        if self.model:
            return f"loaders move, {self.model} stays as it is, held against {self.fixed}"
        if self.axis is Axis.SAME:
            return "each release by itself"
        still = f"{self.fixed} is fixed" if self.fixed else "each loads what it saved itself"
        return f"{self.axis.value}s move, {still}"

    @property
    def bad_end(self) -> int:
        """The index of the end that is said to fail."""
        return 0 if self.low is ProbeVerdict.BAD else len(self.names) - 1

    @property
    def budget(self) -> int:
        """The most trials a search of this row takes, where releases are good, bad or untestable."""
        if self.every:
            return sum(one.trial is not None for one in self.planned)
        return math.ceil(math.log2(max(len(self.names), 1))) + 2 + 4

    def environments(self, index: int) -> tuple[Environment, ...]:
        """What the trial at an index needs, saver first; nothing where it cannot exist."""
        trial = self.planned[index].trial
        return () if trial is None else (trial.saver.environment, trial.loader.environment)


def line_up(question: BisectRequest, axis: Axis, fixed: str = "") -> ReleaseRow:
    """The row of one axis; releases that do not exist here stay in it, with the reason.

    UsageError for ends that are the same, in the wrong order, unknown, or without an environment.
    """
    names = _names(question)
    still = fixed or _fixed(question, axis)
    low, high = (ProbeVerdict.BAD, ProbeVerdict.GOOD) if question.fix else (ProbeVerdict.GOOD, ProbeVerdict.BAD)
    last = len(names) - 1
    planned = tuple(_planned(question, axis, still, name, must=place in (0, last)) for place, name in enumerate(names))
    model = question.model.name if question.model is not None else ""
    return ReleaseRow(
        axis=axis, fixed=still, names=names, planned=planned, low=low, high=high, model=model,
        every=question.sweep,
    )  # fmt: skip


def _fixed(question: BisectRequest, axis: Axis) -> str:
    """What stays on the other side; nothing where each release loads its own files."""
    if question.own or axis is Axis.SAME:
        return ""
    return (question.saver or question.good) if axis is Axis.LOADER else (question.loader or question.bad)


def _names(question: BisectRequest) -> tuple[str, ...]:
    """The selectors of the row: the user's own words at the ends, releases on the same device between them."""
    catalogue = question.catalogue
    if question.among:
        return _among(question)
    if _differ_by_build(question):
        return (question.bad, question.good) if question.fix else (question.good, question.bad)
    releases = catalogue.line(question.good, question.bad)
    good, bad = (releases.index(catalogue.named(word)) for word in (question.good, question.bad))
    if good == bad:
        raise UsageError(f"--good {question.good} and --bad {question.bad} are the same release", "name two releases")
    if question.fix:
        newest = releases.index(catalogue.newest)
        end = good if good > bad else max(newest, bad)
        return _span(releases[bad : end + 1], question.bad, question.good if good > bad else "")
    if good > bad:
        raise UsageError(
            f"--good {question.good} is newer than --bad {question.bad}",
            "swap them, or add --find-fix to ask since when it works again",
        )
    return _span(releases[good : bad + 1], question.good, question.bad)


def _among(question: BisectRequest) -> tuple[str, ...]:
    """The row of builds that were named, between the two ends; what is newer or older than both is left out."""
    ends = (question.bad, question.good) if question.fix else (question.good, question.bad)
    first, last = (question.catalogue.named(word) for word in ends)
    if first == last:
        raise UsageError(f"--good {question.good} and --bad {question.bad} are the same release", "name two releases")
    inner = [question.catalogue.named(word) for word in question.among]
    low, high = Version(first.number), Version(last.number)
    between = [one for one in inner if one not in (first, last) and low <= Version(one.number) <= high]
    return (ends[0], *(one.version for one in between), ends[1])


def _differ_by_build(question: BisectRequest) -> bool:
    """Whether both ends have one version number and are two builds of it: no number says which is the older."""
    good, bad = (question.catalogue.named(word) for word in (question.good, question.bad))
    return good != bad and good.number == bad.number


def _span(releases: tuple[Release, ...], first: str, last: str) -> tuple[str, ...]:
    """Selectors of releases: between the ends the device that both ends name."""
    ends = {Selector.of(word).rest for word in (first, last) if word}
    device = f"-{ends.pop()}" if len(ends) == 1 and "" not in ends else ""
    names = [release.version + device for release in releases]
    names[0] = first
    if last:
        names[-1] = last
    return tuple(names)


def _planned(question: BisectRequest, axis: Axis, fixed: str, name: str, *, must: bool) -> Planned:
    saver, loader = axis.pair(name, saver=fixed, loader=fixed)
    try:
        return question.pair(saver, loader)
    except UsageError as error:
        if must:
            raise
        return Planned(trial=None, expected=None, label=f"{saver or loader} -> {loader}", unsupported=error.what)
