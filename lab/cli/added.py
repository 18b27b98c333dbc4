"""What `lab images add` takes in: a build that was handed over, or a release that the index has and the catalogue lacks."""

from dataclasses import dataclass

from lab.environment import Catalogue, load, local_releases, published
from lab.environment.catalogue_files import LOCAL
from lab.errors import UsageError
from lab.model import GIVEN, GivenBuild
from lab.report import builds
from lab.storage import store
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class AddedRelease:
    """A release that was found on the index: its Pythons, its environment by default, and what could not be known of it."""

    release: str
    pythons: tuple[str, ...]
    environment: str
    unknown: tuple[str, ...]


def taken(found: Workspace, catalogue: Catalogue, word: str) -> GivenBuild | AddedRelease:
    """A build as it was taken in, or a release as it was found on the index."""
    if GIVEN.fullmatch(word):
        if (build := catalogue.named(word).build) is not None:
            return build
    elif word in {one.version for one in catalogue.releases}:
        raise UsageError(f"{word} is in the catalogue already", "lab images build makes its image")
    found.require_own("a release that the catalogue lacks")
    wheels = published.wheels(word, catalogue.known)
    unknown = local_releases.add(found.images, wheels, catalogue.releases, store.now()[:10])
    environment = load(found.images).environment(wheels.version)
    return AddedRelease(release=wheels.version, pythons=wheels.pythons, environment=environment.key, unknown=unknown)


def lines(one: GivenBuild | AddedRelease) -> list[str]:
    """What is said of it, and what to do next."""
    if isinstance(one, GivenBuild):
        return [builds.line(one)]
    head = f"{one.release}  Python {' '.join(one.pythons)}; its table is in images/{LOCAL}"
    return [head, *(f"  not known: {said}" for said in one.unknown), f"  next: lab images build {one.environment}"]
