"""What `lab images add` takes in: a build that was handed over, or a release that an index has and the catalogue lacks."""

from dataclasses import dataclass

from packaging.version import Version

from lab.environment import Catalogue, catalogue_change, load, local_releases, published
from lab.environment.catalogue_files import LOCAL
from lab.environment.index_names import NIGHTLY
from lab.errors import UsageError
from lab.model import GIVEN, GivenBuild, Release, Stage
from lab.report import builds
from lab.storage import store
from lab.storage.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class AddedRelease:
    """A release that was found on an index: its Pythons, its devices, its environment by default, and what is not known of it.

    `files` are what was written, below the workspace.
    """

    release: str
    pythons: tuple[str, ...]
    devices: tuple[str, ...]
    environment: str
    unknown: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Adder:
    """Adds to one workspace, or, `into` the catalogue, for a commit; a named `index` is asked instead of the usual places."""

    found: Workspace
    catalogue: Catalogue
    index: str = ""
    into: bool = False

    def check(self) -> None:
        """UsageError where nothing can be written into a catalogue."""
        if self.into:
            catalogue_change.check(self.found.images)

    def new(self) -> tuple[str, ...]:
        """Every stable version that is newer than the newest one of the catalogue, oldest first."""
        stable = [one for one in self._known() if one.stage is Stage.STABLE]
        return published.newer(stable[-1].version, self.catalogue.known)

    def taken(self, word: str) -> GivenBuild | AddedRelease:
        """A build as it was taken in, or a release as it was found on the index."""
        if GIVEN.fullmatch(word) and (build := self.catalogue.named(word).build) is not None:
            if self.into:
                raise UsageError(f"{build.name} was handed over: no catalogue holds it", "leave --into-catalogue out")
            return build
        index = self.index
        if published.NIGHTLY_WORD.fullmatch(word):
            word, index = published.nightly(word, self.catalogue.known), index or NIGHTLY
        self._check(word)
        self.found.require_own("a release that the catalogue lacks")
        release = published.release(word, self.catalogue.known, index)
        return self._written(release)

    def _written(self, release: published.PublishedRelease) -> AddedRelease:
        images, today = self.found.images, store.now()[:10]
        self._check(release.version)
        if self.into:
            files, unknown = catalogue_change.written(images, release, today)
        else:
            unknown = local_releases.add(images, release, load(images).releases, today)
            files = (images / LOCAL,)
        return AddedRelease(
            release=release.version,
            pythons=next(iter(release.wheels.values())).pythons,
            devices=tuple(release.wheels),
            environment=_environment(load(images), release.version),
            unknown=unknown,
            files=tuple(str(one.relative_to(self.found.root)) for one in files),
        )

    def _known(self) -> tuple[Release, ...]:
        """The releases that are there already: what this workspace alone has is asked for again, or goes into the catalogue."""
        return tuple(one for one in self.catalogue.releases if not one.local)

    def _check(self, word: str) -> None:
        number = published.number(word)
        if any(Version(one.version) == number for one in self._known()):
            raise UsageError(f"{word} is in the catalogue already", "lab images build makes its image")
        if self.into and number.is_devrelease:
            raise UsageError(
                f"{number} is a nightly build, and the catalogue holds releases", "leave --into-catalogue out"
            )


def lines(one: GivenBuild | AddedRelease) -> list[str]:
    """What is said of it, and what to do next."""
    if isinstance(one, GivenBuild):
        return [builds.line(one)]
    where = one.files[0] if len(one.files) == 1 else f"{one.files[0]}, and {len(one.files) - 1} more files are written"
    head = f"{one.release}  Python {' '.join(one.pythons)}; {', '.join(one.devices)}; its table is in {where}"
    following = f"  next: lab images build {one.environment}" if one.environment else ""
    return [head, *(f"  not known: {said}" for said in one.unknown), *([following] if following else [])]


def _environment(catalogue: Catalogue, version: str) -> str:
    """The environment that a release means by itself on this machine; empty where it has none here."""
    try:
        return catalogue.environment(version).key
    except UsageError:
        return ""
