"""What a sweep is asked to do: savers and loaders as places, routes, nets, and the module they are rendered to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.environment import Catalogue
from lab.model import Limits, Place, Scenario, Settings
from lab.model.sweep import Net

# A sweep's container opens hundreds of nets, and some releases leave threads behind with each.
LIMITS = Limits(wall_s=5400.0, silent_s=300.0, pids=4096)


@dataclass(frozen=True, kw_only=True)
class SweepSide:
    """One saver or loader: where it runs, and the same with the `also` variables set."""

    plain: Place
    flagged: Place | None


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """One sweep: the nets, their module as a scenario file that lies in the run, both sides, and the routes.

    `net_s` is how long one net may take; `once` leaves out the second look at what is silent.
    """

    command: str
    nets: tuple[Net, ...]
    text: str
    sha256: str
    savers: tuple[SweepSide, ...]
    loaders: tuple[SweepSide, ...]
    routes: tuple[str, ...]
    fresh: bool = False
    net_s: float = 10.0
    once: bool = False
    resume: str = ""
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def probes(self) -> tuple[str, ...]:
        """The nets that go first; too few of them say nothing about a format."""
        found = tuple(one.name for one in self.nets if one.probe)
        return found if len(found) >= LEAST_PROBES else ()

    def scenario(self, path: str) -> Scenario:
        """The module as the runner knows files of the guest."""
        return Scenario(name="sweep", path=path, sha256=self.sha256, summary="one-operator nets", limits=LIMITS)


LEAST_PROBES = 3


def sides(
    catalogue: Catalogue, selectors: Sequence[str], also: Mapping[str, str], *, python: str = "", threads: int = 1
) -> tuple[SweepSide, ...]:
    """The places that words such as "3.0.0" mean; UsageError where one has no environment here."""

    def place(selector: str, env: Mapping[str, str]) -> Place:
        environment = catalogue.environment(selector, python=python)
        return Place(environment=environment, settings=Settings(env=dict(env), threads=threads, limits=LIMITS))

    return tuple(SweepSide(plain=place(one, {}), flagged=place(one, also) if also else None) for one in selectors)
