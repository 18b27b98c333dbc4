"""What shall be explained: a scenario's symptom, and all that may be tried on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lab.environment import Catalogue
from lab.knowledge.problems import KnownProblem
from lab.model import Cpu, Scenario
from lab.model.cure import Cure
from lab.run.plan import Planned, Words, from_words
from lab.search.failing_pair import FailingPair
from lab.search.given_model import Adopted, Model, adopted
from lab.search.row import BisectRequest


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """What shall be explained: the symptom, and all that may be tried on it; with a `model`, which nobody saves.

    `pairs` are all symptoms that the header names, or there are several `ways` of opening a model; `number` chooses a way.
    `good_named` says that the user named the good release, so that no other one takes its place.
    """

    scenario: Scenario
    catalogue: Catalogue
    command: str
    pair: FailingPair
    cures: tuple[Cure, ...]
    known: tuple[KnownProblem, ...] = ()
    caps: Mapping[str, Cpu] = field(default_factory=dict)
    times: int = 2
    rounds: int = 2
    language: str = ""
    model: Model | None = None
    ways: tuple[str, ...] = ()
    pairs: tuple[FailingPair, ...] = ()
    number: int = 0
    good_named: bool = False

    @property
    def adopted(self) -> Adopted | None:
        """The given model as its good release answers."""
        return adopted(
            self.model, lambda: [self.by(way).trial(self.pair.good) for way in self.ways or (self.pair.route,)]
        )

    def by(self, way: str) -> "ExplainRequest":
        """The same question about one way of opening the model."""
        return replace(self, pair=replace(self.pair, route=way))

    @property
    def words(self) -> Words:
        """Route and variables of every trial."""
        one = self.pair
        return Words(full=True, route=one.route, saver_env=one.saver_env, loader_env=one.loader_env)

    def trial(self, release: str) -> Planned:
        """The symptom's pair with another release on the side that moves."""
        one = self.pair
        saver, loader = one.axis.pair(release, saver=one.saver, loader=one.loader)
        return from_words(self.scenario, self.catalogue, replace(self.words, savers=(saver,), loaders=(loader,)))[0]

    def question(self, *, fix: bool = False) -> BisectRequest:
        """Since when, or until when, on the side that moves."""
        one = self.pair
        return BisectRequest(
            scenario=self.scenario, catalogue=self.catalogue, command=self.command, good=one.good, bad=one.bad,
            axis=one.axis, saver=one.saver, loader=one.loader, fix=fix, words=self.words, model=self.model,
        )  # fmt: skip
