"""The ways of opening a model that exist in a release: the standard routes, and the known flags from the catalogue of cures."""

from collections.abc import Sequence

from lab.environment import Catalogue
from lab.model import Release
from lab.model.check import Way
from lab.model.cure import Cure, CureKind
from lab.scenario.expect import STANDARD_ROUTES

OLD_IR = "jit_old_ir"
WHICH_IR = 1
"""The layer of cures.toml that says which representation a process uses."""

_FIRST = ("jit", "static", OLD_IR)


def plain(release: Release, catalogue: Catalogue, cures: Sequence[Cure], ending: str) -> tuple[Way, ...]:
    """The standard routes that exist in a release for such a program, with nothing set."""
    bound = {one.route: one.releases for one in cures if one.kind is CureKind.ROUTE and one.releases}
    return tuple(
        Way(route=route)
        for route in STANDARD_ROUTES
        if (route != OLD_IR or ending == ".pdmodel") and (route not in bound or catalogue.within(release, bound[route]))
    )


def flagged(release: Release, catalogue: Catalogue, cures: Sequence[Cure], *, deeper: bool = False) -> tuple[Cure, ...]:
    """The cures by environment that exist in a release: which IR is used, or with `deeper` everything behind that."""
    return tuple(
        one
        for one in cures
        if one.env
        and not one.control
        and (one.layer > WHICH_IR) == deeper
        and (not one.releases or catalogue.within(release, one.releases))
    )


def for_reference(release: Release, catalogue: Catalogue, cures: Sequence[Cure], ending: str) -> tuple[Way, ...]:
    """Every way in a release, in the order in which one is taken as the reference: plain APIs before the optimising ones."""
    bare = plain(release, catalogue, cures, ending)
    first = [one for route in _FIRST for one in bare if one.route == route]
    cured = [
        with_cure(one, cure) for cure in flagged(release, catalogue, cures) for one in first if one.route != OLD_IR
    ]
    rest = [one for one in reversed(bare) if one not in first]
    return (*first, *(cured if ending == ".pdmodel" else ()), *rest)


def with_cure(way: Way, cure: Cure) -> Way:
    """The way with a cure's variables set."""
    return Way(route=way.route, env=dict(cure.env), cure=cure.name)
