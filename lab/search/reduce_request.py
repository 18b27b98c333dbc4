"""What a reduction is asked: a model with its inputs, the place where it fails, and the places whose answers it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.check.adopt import Material, memory
from lab.check.given_model import Given
from lab.environment import Catalogue
from lab.model import Limits, Place, Settings
from lab.model.reduction import ReducedSide
from lab.model.search import Symptom
from lab.search.judge import AUTO

RIGHT = ("jit", "static", "predictor_no_onednn", "predictor")
"""Ways whose answer a failing one is held against, in this order."""


@dataclass(frozen=True, kw_only=True)
class CutSide:
    """A place and the way in which models are opened there."""

    place: Place
    route: str

    @property
    def told(self) -> ReducedSide:
        """The side as it is kept."""
        one = self.place.environment
        return ReducedSide(
            release=one.release.version, environment=one.key, route=self.route, env=self.place.settings.env
        )

    @property
    def label(self) -> str:
        """The side as people say it."""
        return self.told.label


@dataclass(frozen=True, kw_only=True)
class ReduceRequest:
    """One reduction: `routes` are the ways of the bad place, the first that fails is reduced; `env` is set there, `good_env` in the good one.

    `times` is how often each accepted step is seen before it counts. With a `symptom` it is slowness that is looked for.
    """

    given: Given
    material: Material
    catalogue: Catalogue
    command: str
    good: str
    bad: str
    routes: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    good_env: Mapping[str, str] = field(default_factory=dict)
    good_routes: Sequence[str] = RIGHT
    signature: str = AUTO
    symptom: Symptom | None = None
    python: str = ""
    threads: int = 1
    packages: tuple[str, ...] = ()
    seed: int = 0
    times: int = 3
    keep_inputs: bool = False
    fresh: bool = False
    resume: str = ""
    out: Path = Path("reduced")

    def side(self, release: str, route: str, env: Mapping[str, str]) -> CutSide:
        """A release with a way of opening models; UsageError where it has no environment here."""
        environment = self.catalogue.environment(release, python=self.python, packages=self.packages)
        limits = Limits(memory=memory(self.given), cpus=max(1.0, float(self.threads)))
        settings = Settings(env=dict(env), threads=self.threads, limits=limits)
        return CutSide(place=Place(environment=environment, settings=settings), route=route)

    @property
    def failing(self) -> tuple[CutSide, ...]:
        """The sides that may fail, in the order in which they are asked."""
        return tuple(self.side(self.bad, route, self.env) for route in self.routes)

    def right(self, bad: CutSide) -> tuple[CutSide, ...]:
        """The sides whose answers a failing one can be held against: those without oneDNN first, because that is wrong most often."""
        sides = [self.side(self.good, route, self.good_env) for route in self.good_routes]
        return tuple(one for one in sides if one.label != bad.label)
