"""What a check is asked, and one way in one release as it was tried."""

from dataclasses import dataclass, field, replace

from lab.check.adopt import Material
from lab.check.given_model import Given
from lab.check.releases import Chosen
from lab.environment import Catalogue
from lab.model import Release, Scenario, TrialResult
from lab.model.check import Way
from lab.model.cure import Cure
from lab.run.plan import Planned, Words, from_words

ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """What is asked: a given model with its inputs, the releases, and the ways that are known.

    `lines` says whether anybody will be shown lines to use: then they are run first.
    """

    given: Given
    material: Material
    chosen: Chosen
    catalogue: Catalogue
    cures: tuple[Cure, ...]
    command: str
    words: Words = field(default_factory=Words)
    rounds: int = ROUNDS
    lines: bool = True
    fresh: bool = False
    resume: str = ""

    def release(self, selector: str) -> Release:
        """The release that a selector such as "2.6.1-gpu" speaks of."""
        return self.catalogue.named(selector)

    def planned(self, scenario: Scenario, release: str, way: Way) -> Planned:
        """The trial of one way in one release."""
        words = replace(self.words, savers=(self.chosen.old,), loaders=(release,), loader_env=way.env, route=way.route)
        return from_words(scenario, self.catalogue, words)[0]


@dataclass(frozen=True, kw_only=True)
class TriedWay:
    """One way in one release, planned and done."""

    release: str
    way: Way
    planned: Planned
    result: TrialResult
