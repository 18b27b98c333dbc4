"""What shall be cured: which pair fails, what it is held against, and how a cure is set in it."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lab.environment import Catalogue, given
from lab.errors import UsageError
from lab.model import Kind, Scenario
from lab.model.cure import Cure, CureKind, CureMoment
from lab.model.search import Axis
from lab.run.plan import Planned, Words, from_words
from lab.search.failing_pair import HeaderPairs
from lab.search.given_model import Adopted, Model, adopted

MOMENTS: Mapping[Axis, tuple[CureMoment, ...]] = {
    Axis.LOADER: (CureMoment.LOADING, CureMoment.SAVING, CureMoment.BOTH),
    Axis.SAVER: (CureMoment.SAVING, CureMoment.BOTH, CureMoment.LOADING),
    Axis.SAME: (CureMoment.BOTH, CureMoment.SAVING, CureMoment.LOADING),
}
"""By the side that moves, when a cure may be set, the likeliest first."""


@dataclass(frozen=True, kw_only=True)
class CureRequest:
    """What shall be cured: a saver's files fail in release `at`; each claim is tried `times` times.

    `good` is a release that does it right, empty where none is known; `claimed` says that the user named it, so that it
    must. The numbers count that the saver itself had, so a cure can be proved without a good release.

    `rounds` timed processes measure the price of each accepted cure; 0 leaves it out. `axis` says on which side the
    release stands and cures are set: what loads the files of `saver`, what saves files for `loader`, or both at once.
    Without a saver each release loads what it saved itself, under the same variables. With a `model` nothing is saved:
    `saver` is the good release, whose answers it is held against, and each of `ways` is asked about.
    """

    scenario: Scenario
    catalogue: Catalogue
    command: str
    at: str
    saver: str
    good: str
    cures: tuple[Cure, ...]
    times: int = 3
    rounds: int = 2
    words: Words = field(default_factory=Words)
    axis: Axis = Axis.LOADER
    loader: str = ""
    model: Model | None = None
    claimed: bool = False
    ways: tuple[str, ...] = ()

    @property
    def adopted(self) -> Adopted | None:
        """The given model as its good release answers."""
        return adopted(self.model, lambda: [self.by(way).trial(self.good) for way in self.ways or (self.words.route,)])

    def by(self, way: str) -> "CureRequest":
        """The same question about one way of opening the model."""
        return replace(self, words=replace(self.words, route=way))

    def trial(self, release: str, cures: Sequence[Cure] = (), moment: CureMoment | None = None) -> Planned:
        """The trial with the cures in it, set at a moment, the likeliest one by default; without any, what fails itself."""
        route = next((one.route for one in cures if one.route), self.words.route)
        env = {name: value for one in cures for name, value in one.env.items()}
        pins = [line for one in cures for line in one.packages]
        when = moment or self.moments[0]
        saver, loader = self.pair(release)
        try:
            saver = self._pinned(saver, pins if when.saves else ())
            loader = self._pinned(loader, pins if when.loads else ())
        except UsageError as error:
            label = f"{saver} -> {loader} with {', '.join(pins)}"
            return Planned(trial=None, expected=None, label=label, unsupported=error.what)
        shared = self.words.loader_env if self.own else {}
        words = replace(
            self.words, savers=(saver,), loaders=(loader,), route=route,
            loader_env={**self.words.loader_env, **(env if when.loads else {})},
            saver_env={**shared, **self.words.saver_env, **(env if when.saves else {})},
        )  # fmt: skip
        return from_words(self.scenario, self.catalogue, words)[0]

    def _pinned(self, selector: str, pins: Sequence[str]) -> str:
        """The selector of the same environment with other packages; UsageError where a release forbids them."""
        if not pins:
            return selector
        found = self.catalogue.environment(selector, python=self.words.python, packages=self.words.packages)
        return given.with_packages(replace(found, extra=()), given.over(found.extra, pins)).key

    @property
    def moments(self) -> tuple[CureMoment, ...]:
        """When a cure may be set, the likeliest first; a model given as files is only loaded."""
        return (CureMoment.LOADING,) if self.model is not None or self.own else MOMENTS[self.axis]

    @property
    def same(self) -> bool:
        """Whether the release that is said to work is the very one that fails, so that it is no other witness."""
        return not self.good or self.trial(self.good).label == self.trial(self.at).label

    @property
    def about_model(self) -> str:
        """The model's name, where one was given."""
        return self.model.name if self.model is not None else self.scenario.name

    @property
    def path(self) -> str:
        """The statement that names a given model's path in a program; empty where a scenario saves."""
        return self.model.given.statement if self.model is not None else ""

    @property
    def held(self) -> str:
        """Whose numbers a cure must give, where a scenario saves."""
        return f"what {self.pair(self.at)[0]} itself answered when it saved"

    @property
    def own(self) -> bool:
        """Whether each release loads what it saved itself, with cures set for the load alone."""
        return self.axis is Axis.LOADER and not self.saver

    def pair(self, release: str) -> tuple[str, str]:
        """What saves and what loads where the release in question is this one."""
        return self.axis.pair(release, saver=self.saver or release, loader=self.loader)

    @property
    def about(self) -> str:
        """What fails, in words."""
        if self.model is not None:
            return f"{self.model.name} as it is, loaded by {self.at}"
        saver, loader = self.pair(self.at)
        return f"what {saver} saved, loaded by {loader}" if self.axis is not Axis.SAME else f"{saver} by itself"


def saver_of(scenario: Scenario, catalogue: Catalogue, at: str) -> str:
    """The saver whose files the header expects to fail in release `at`, or in some release where it says nothing of it.

    UsageError where the header expects no failure.
    """
    failing = [one for one in scenario.alone if one.outcome is not Kind.OK and not one.loader_env]
    exact = [one for one in failing if catalogue.named(one.loader) == catalogue.named(at)]
    if not failing:
        raise UsageError(f"{scenario.name} expects no pair to fail", "name what saved the files: --saver RELEASE")
    return (exact or failing)[0].saver


def of_header(
    scenario: Scenario, catalogue: Catalogue, saver: str, loader: str, known: Sequence[Cure]
) -> tuple[Cure, ...]:
    """The flags with which the header says that the same pair works, as far as no entry of the catalogue sets them.

    Only Paddle's own flags count: any other variable may be a switch of the scenario's own code, and a variant is one.
    """
    covered = {frozenset(one.env) for one in known if one.env}
    found: dict[frozenset[str], Cure] = {}
    for route in scenario.routes:
        for one in HeaderPairs(scenario=scenario, catalogue=catalogue).around(saver, loader, route):
            env = {**one.saver_env, **one.loader_env}
            mine = all(name.startswith("FLAGS_") and name not in scenario.variants for name in env)
            if env and mine and frozenset(env) not in covered:
                found[frozenset(env)] = Cure(
                    name=" ".join(f"{name}={value}" for name, value in sorted(env.items())), kind=CureKind.ENV, layer=1,
                    does="what the header of the scenario sets where it expects this pair to work", env=env,
                    risk="not reviewed: it stands in no catalogue", source=scenario.name,
                )  # fmt: skip
    return tuple(found.values())


def before(catalogue: Catalogue, at: str) -> str:
    """The newest stable release before `at` that has an environment; UsageError where there is none."""
    found = ""
    for one in catalogue.releases_in("stable"):
        if catalogue.place(one.version) >= catalogue.place(at):
            break
        with contextlib.suppress(UsageError):
            found = catalogue.environment(one.version).release.version
    if not found:
        raise UsageError(f"there is no release before {at} to compare with", "name a good one: --good RELEASE")
    return found
