"""Which pair of a scenario shows its problem, which release does it right, and which side moves between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.environment import Catalogue
from lab.errors import UsageError
from lab.model import Expectation, Kind, Phase, Scenario, Stage
from lab.model.search import Axis

Settings = tuple[str, Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class FailingPair:
    """A pair that fails, or of which nobody expects it (`expected` is then false), and how it may be searched.

    On `axis` the release moves from `good` to `bad`; `saver` and `loader` are the pair itself. Route and variables are
    those of the pair.
    """

    axis: Axis
    good: str
    bad: str
    saver: str
    loader: str
    route: str = "own"
    saver_env: Mapping[str, str] = field(default_factory=dict)
    loader_env: Mapping[str, str] = field(default_factory=dict)
    expected: bool = True


@dataclass(frozen=True, kw_only=True)
class HeaderPairs:
    """A scenario's expectations in the order of releases."""

    scenario: Scenario
    catalogue: Catalogue

    @property
    def failing(self) -> Sequence[Expectation]:
        """What is expected to fail: without variables first, then what only a full run covers.

        UsageError where that is only a model saved over another one, which no search varies.
        """
        found = [one for one in self.scenario.alone if not one.outcome.works]
        if not found and any(not one.outcome.works for one in self.scenario.expectations):
            name = self.scenario.name
            what = f"every pair of {name} that fails was saved over what another saver left, and no search varies that"
            raise UsageError(what, f"lab repro {name} shows these pairs")
        return sorted(found, key=lambda one: (bool(one.saver_env or one.loader_env), one.full))

    def working(self, like: Expectation) -> Sequence[Expectation]:
        """Pairs that are expected to work by the same route with the same variables."""
        return [one for one in self.scenario.alone if one.outcome is Kind.OK and manner(one) == manner(like)]

    def around(self, saver: str, loader: str, route: str) -> Sequence[Expectation]:
        """The same pair of releases with other variables, expected to work."""
        pair = (self.catalogue.place(saver), self.catalogue.place(loader), route)
        return [
            one
            for one in self.scenario.alone
            if one.outcome is Kind.OK
            and (self.catalogue.place(one.saver), self.catalogue.place(one.loader), one.route) == pair
        ]

    @property
    def symptoms(self) -> Sequence[Expectation]:
        """One failing pair for each symptom, with the newest release that shows it: silent ones first, then the newest.

        What needs variables, or is covered only by a full run, comes after what does not.
        """
        newest: dict[tuple[object, ...], Expectation] = {}
        for one in sorted(self.failing, key=self._age):
            env = (tuple(sorted(one.saver_env.items())), tuple(sorted(one.loader_env.items())))
            newest[one.route, env, one.phase, one.outcome, one.type, one.message] = one
        found = sorted(newest.values(), key=self._age, reverse=True)
        return sorted(found, key=lambda one: (not one.outcome.differs, bool(one.saver_env or one.loader_env), one.full))

    def _age(self, one: Expectation) -> tuple[int, int]:
        return self.catalogue.place(_suspect(one)), self.catalogue.place(one.saver)


def manner(one: Expectation) -> Settings:
    """How a pair is opened and with which variables."""
    return one.route, dict(one.saver_env), dict(one.loader_env)


def chosen(scenario: Scenario, catalogue: Catalogue, *, at: str = "", good: str = "", number: int = 0) -> FailingPair:
    """The pair that a header names: the first of its symptoms, the one with this `number`, or one that is about `at`.

    Where it names none, the newest release by itself beside the oldest one, of which nobody expects a failure.
    UsageError for a release that is unknown, or for one that is held against itself.
    """
    header = HeaderPairs(scenario=scenario, catalogue=catalogue)
    for word in (at, good):
        if word:
            catalogue.environment(word)
    if number:
        return _of(header, _numbered(header, number), at, good)
    one = _named(header, at) or next(iter(header.symptoms), None)
    return _healthy(header, at, good) if one is None else _of(header, one, at, good)


def every(scenario: Scenario, catalogue: Catalogue) -> tuple[FailingPair, ...]:
    """A pair for each symptom that a header names, in the order of their numbers."""
    header = HeaderPairs(scenario=scenario, catalogue=catalogue)
    return tuple(_of(header, one, "", "") for one in header.symptoms)


def _numbered(header: HeaderPairs, number: int) -> Expectation:
    found = header.symptoms
    if number > len(found):
        raise UsageError(
            f"there is no pair {number}: the header of {header.scenario.name} expects {len(found)} to fail",
            "lab explain SCENARIO lists them with their numbers",
        )
    return found[number - 1]


def _of(header: HeaderPairs, one: Expectation, at: str, good: str) -> FailingPair:
    """The pair of one expectation with the side that moves, and the release that it is held against."""
    axis = _moving(header, one, at, good)
    bad = one.saver if axis is Axis.SAVER or one.phase is Phase.SAVE else one.loader
    said = not at or header.catalogue.place(at) in (
        header.catalogue.place(one.saver),
        header.catalogue.place(one.loader),
    )
    end = header.catalogue.canonical(bad if said else at)
    works = good or _good(header, one, axis)
    if not good and header.catalogue.canonical(works) == end:
        works = oldest(header.catalogue, end)
    if header.catalogue.canonical(works) == end:
        raise _itself(end)
    canonical = header.catalogue.canonical
    saver, loader = axis.pair(end, saver=canonical(one.saver), loader=canonical(one.loader))
    return FailingPair(
        axis=axis, good=works, bad=end, saver=saver, loader=loader, route=one.route,
        saver_env=one.saver_env, loader_env=one.loader_env, expected=said,
    )  # fmt: skip


def of_model(
    scenario: Scenario, catalogue: Catalogue, *, good: str, at: str = "", route: str = "", named: bool = False
) -> FailingPair:
    """The pair of a model that was given as files: what its good release answers, in `at` or in the newest one.

    What wrote it may be the release in question: then its ways of opening the model are held against each other.
    UsageError for a release that is unknown, or that is held against itself because the user `named` it as the good one.
    """
    bad = catalogue.canonical(at or catalogue.newest.version)
    works = catalogue.canonical(good)
    if bad == works and named:
        raise _itself(works)
    return FailingPair(
        axis=Axis.LOADER, good=works, bad=bad, saver=works, loader=bad, route=route or scenario.routes[0], expected=bool(at)
    )  # fmt: skip


def _moving(header: HeaderPairs, one: Expectation, at: str, good: str) -> Axis:
    """The side that moves: the loading one, too, where the release that is said to work is the very one that saves."""
    axis = _axis(header, one)
    if axis is not Axis.SAVER or not at or not good:
        return axis
    named = [header.catalogue.place(word) for word in (good, at)]
    return Axis.LOADER if named == [header.catalogue.place(word) for word in (one.saver, one.loader)] else axis


def _itself(release: str) -> UsageError:
    """What is wrong where the good end is the bad one."""
    return UsageError(f"{release} is held against itself", "name the release that fails: --at, or that works: --good")


def _named(header: HeaderPairs, at: str) -> Expectation | None:
    """The first failing pair that is about the release `at`; None where no pair is, or nobody asks for one."""
    if not at:
        return None
    where = header.catalogue.place(at)
    failing = sorted(
        header.failing, key=lambda one: (not one.outcome.differs, bool(one.saver_env or one.loader_env), one.full)
    )
    exact = [one for one in failing if where == header.catalogue.place(_suspect(one))]
    near = [one for one in failing if where == header.catalogue.place(one.saver)]
    return next(iter((*exact, *near)), None)


def _suspect(one: Expectation) -> str:
    """The release that a failing pair is about: the saver of a save that fails, else the loader."""
    return one.saver if one.phase is Phase.SAVE else one.loader


def _axis(header: HeaderPairs, one: Expectation) -> Axis:
    """Which side moves: the newer one; both where the save itself fails, or one release fails by itself."""
    saver, loader = header.catalogue.place(one.saver), header.catalogue.place(one.loader)
    if one.phase is Phase.SAVE or saver == loader:
        return Axis.SAME
    return Axis.LOADER if loader > saver else Axis.SAVER


def _good(header: HeaderPairs, one: Expectation, axis: Axis) -> str:
    """The release to compare with: what should work with the same other side, else the natural candidate."""
    works = header.working(one)
    if axis is Axis.LOADER:
        found = [
            other.loader for other in works if header.catalogue.place(other.saver) == header.catalogue.place(one.saver)
        ]
        return header.catalogue.canonical(_nearest(header, found, one.loader) or one.saver)
    if axis is Axis.SAVER:
        found = [
            other.saver for other in works if header.catalogue.place(other.loader) == header.catalogue.place(one.loader)
        ]
        return header.catalogue.canonical(_nearest(header, found, one.saver) or one.loader)
    found = [
        other.saver for other in works if header.catalogue.place(other.saver) == header.catalogue.place(other.loader)
    ]
    return header.catalogue.canonical(_nearest(header, found, one.saver) or oldest(header.catalogue, one.saver))


def _nearest(header: HeaderPairs, found: Sequence[str], bad: str) -> str:
    """Of several good releases the newest that is older than the bad one, else the oldest newer one."""
    older = [one for one in found if header.catalogue.place(one) < header.catalogue.place(bad)]
    newer = [one for one in found if header.catalogue.place(one) > header.catalogue.place(bad)]
    return max(older, key=header.catalogue.place, default="") or min(newer, key=header.catalogue.place, default="")


def oldest(catalogue: Catalogue, bad: str) -> str:
    """The oldest stable release with an environment by default that is not the bad one itself."""
    for one in catalogue.releases:
        if one.stage is Stage.STABLE and catalogue.place(bad) != catalogue.place(one.version):
            try:
                catalogue.environment(one.version)
            except UsageError:
                continue
            return one.version
    return bad


def _healthy(header: HeaderPairs, at: str, good: str) -> FailingPair:
    """No failure is expected: the release in question by itself, the oldest one beside it."""
    bad = header.catalogue.canonical(at or header.catalogue.newest.version)
    older = header.catalogue.canonical(good or oldest(header.catalogue, bad))
    if older == bad:
        raise _itself(bad)
    route = header.scenario.routes[0]
    return FailingPair(
        axis=Axis.SAME,
        good=older,
        bad=bad,
        saver=bad,
        loader=bad,
        route=route,
        expected=bool(header.failing and not at),
    )
