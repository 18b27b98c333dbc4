"""What a location is asked to do: the model with its inputs, and the two places it is opened in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.check import adopt, releases
from lab.check.adopt import Material
from lab.check.given_model import Given
from lab.check.sample_inputs import Arrays
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.formats.names import end_of
from lab.model import Limits, Place, Settings
from lab.search.judge import AUTO

REFERENCES: tuple[str, ...] = ("static", "jit", "predictor_no_onednn", "predictor")
"""The ways whose answers are taken as the good ones, the plainest first: what optimises changes what is between operators."""
WAYS: tuple[str, ...] = ("predictor", "jit", "static")
"""The ways that are tried for the fault where none is named."""


@dataclass(frozen=True, kw_only=True)
class LocateSide:
    """One place with the ways of opening to choose from there."""

    place: Place
    routes: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether one way is chosen."""
        return len(self.routes) == 1

    @property
    def route(self) -> str:
        """The way, once one is chosen."""
        return self.routes[0]

    def by(self, route: str) -> "LocateSide":
        """The same place by one way."""
        return replace(self, routes=(route,))


@dataclass(frozen=True, kw_only=True)
class LocateRequest:
    """A model, what it is fed, and both sides; `expected` are outputs that the user says are right.

    `seconds` is how long one cut may take.
    """

    command: str
    given: Given
    material: Material
    good: LocateSide
    bad: LocateSide
    signature: str = AUTO
    seconds: float = 60.0
    fresh: bool = False
    resume: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's program, fit to show."""
        return f"{self.given.prefix}{self.given.format}"

    @property
    def expected(self) -> Arrays | None:
        """The outputs that are right, where the user gave them."""
        return self.material.golden

    def file(self, *ends: str) -> Path | None:
        """The file of the model with one of these ends; None where it has none."""
        return next((path for path in self.given.paths if end_of(path.name) in ends), None)

    @property
    def program(self) -> Path:
        """The program's file."""
        found = self.file(self.given.format)
        if found is None:
            raise UsageError(f"{self.name} is not there any more", "name the model's folder")
        return found


@dataclass(frozen=True, kw_only=True)
class SideWords:
    """What was said of one side, or what a run shows of it: a release, ways in the order to try them, and variables."""

    release: str = ""
    routes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def sides(given: Given, catalogue: Catalogue, good: SideWords, bad: SideWords) -> tuple[LocateSide, LocateSide]:
    """Both places: the good one is the release that wrote the model where none is named, the bad one the newest.

    In one release with the same settings the way that fails is held against the others. UsageError for what does not exist.
    """
    limits = replace(Limits(), memory=adopt.memory(given))

    def place(release: str, said: SideWords) -> Place:
        settings = Settings(env=dict(said.env), limits=limits)
        return Place(environment=catalogue.environment(release), settings=settings)

    left = place(good.release or releases.chosen(given, catalogue).old, good)
    right = place(bad.release or catalogue.newest.version, bad)
    references = tuple(dict.fromkeys((*good.routes, *REFERENCES)))
    if left == right:
        references = tuple(one for one in references if one not in bad.routes)
    return LocateSide(place=left, routes=references), LocateSide(place=right, routes=bad.routes or WAYS)
